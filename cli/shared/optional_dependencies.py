"""Words for what is not installed, where a command needs more than the core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

_TRAINING = {"accelerate", "safetensors", "tokenizers", "torch", "transformers"}


@contextmanager
def training_packages() -> Iterator[None]:
    """A block that imports what training and evaluation of models need, and then keeps transformers from writing bars
    and hints of its own to standard error.

    :raises ClickException: naming the package that is missing, and how to install it.
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
