"""Messages for optional dependencies that are not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

_TRAINING = {"accelerate", "safetensors", "sklearn", "tokenizers", "torch", "transformers"}


@contextmanager
def training_packages() -> Iterator[None]:
    """Run a block that imports the packages for training, then silence the progress bars and hints of transformers.

    :raises ClickException: if a package is missing; the message names it and how to install it.
    """
    try:
        yield
        from transformers.utils import logging
    except ModuleNotFoundError as error:
        if error.name not in _TRAINING:
            raise
        raise click.ClickException(
            f"this command needs {error.name}, which is not installed; install it with: "
            "pip install 'udt-toolkit[train]'"
        ) from error
    logging.disable_progress_bar()
    logging.set_verbosity_error()
