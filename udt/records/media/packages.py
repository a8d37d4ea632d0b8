"""The optional packages that read videos and DICOM files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from udt.core.errors import DataError

_PACKAGES = {"av", "pydicom", "scipy"}


@contextmanager
def media_packages(purpose: str) -> Iterator[None]:
    """Run a block that imports the packages of the extra `media`.

    :param purpose: what needs them, e.g. `reading videos`.
    :raises DataError: if a package is missing; the message names it and how to install it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        hint = "pip install 'udt-toolkit[media]'"
        raise DataError(f"{purpose} needs {package}, which is not installed; install it with: {hint}") from error
