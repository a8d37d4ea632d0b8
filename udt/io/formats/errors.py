"""The error of a document that cannot be read, and the packages that some formats need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LARGEST_DOCUMENT = 64 * 2**20
"""Bytes of one document, and of one part of it when unpacked."""


class UnreadableError(ValueError):
    """A document cannot be read; the message follows its name, and holds none of its text."""


@contextmanager
def optional_package(package: str, extra: str, what: str) -> Iterator[None]:
    """Import an optional package in the block.

    :param what: the files that need it, e.g. `a PDF file`.
    :raises UnreadableError: if the package is not installed; the message names the extra that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        install = f"pip install 'udt-toolkit[{extra}]'"
        raise UnreadableError(f"is {what}, which needs {package}, and it is not installed; run: {install}") from error
