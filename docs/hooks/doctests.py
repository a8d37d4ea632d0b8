"""Griffe extension: fences the doctests of docstrings, so that the site shows them as Python code."""

from __future__ import annotations

import re
from typing import Any

import griffe

_DOCTEST = re.compile(r"^>>> .*(?:\n.+)*", re.M)


class FenceDoctests(griffe.Extension):
    """Wraps each doctest, from its first prompt to the next empty line, in a code fence."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    """Return a docstring with its doctests in code fences."""
    return _DOCTEST.sub(r"```python\n\g<0>\n```", docstring)
