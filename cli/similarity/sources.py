"""Matrices named on the command line: a folder in which they were built, or a method that needs no input."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.similarity.methods.registry import METHODS

if TYPE_CHECKING:
    from udt.similarity.matrices import SimilaritySet
    from udt.taxonomy.model.taxonomy import Taxonomy


def built_by(method: str, taxonomy: Taxonomy, *, findings: bool = False) -> SimilaritySet:
    """Compute the matrices of a method that needs no input.

    :param findings: whether to compute the matrix of the findings too.
    :raises click.UsageError: if the method needs options, or has no matrix of the findings.
    """
    declared = METHODS.load(method)
    if declared.requires:
        raise click.UsageError(
            f"the method {method} needs input; build its matrices first and give their folder: "
            f"udt similarity build --method {method} --help"
        )
    if findings and not declared.has_findings:
        able = ", ".join(name for name in METHODS.names() if METHODS.load(name).has_findings)
        raise click.UsageError(f"the method {method} has no matrix of the findings; with --findings, choose of: {able}")
    return declared.build(taxonomy, {"findings": True} if findings else {})


def is_method(source: str) -> bool:
    """Return whether `source` is the name of a method, and not a file or folder.

    :raises click.BadParameter: if it is neither.
    """
    if source in METHODS.names():
        return True
    if not Path(source).exists():
        close = get_close_matches(source, METHODS.names(), n=1)
        hint = f"did you mean {close[0]}?" if close else f"allowed: a folder, or one of {', '.join(METHODS.names())}"
        raise click.BadParameter(f"'{source}' is neither a method nor a folder; {hint}")
    return False
