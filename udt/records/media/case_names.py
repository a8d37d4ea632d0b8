"""The case of a media file by its path."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from udt.core.errors import DataError
from udt.core.texts import fault_of_name

CaseOf = Callable[[str], str | None]


def case_rule(rule: str) -> CaseOf:
    """Return the function from the path of a file to the name of its case, or None if the rule gives none.

    >>> case_rule("folder")("p7/left/a.mp4"), case_rule("file")("p7/a.mp4"), case_rule("p[0-9]+")("x_p1_a.mpeg")
    ('p7/left', 'p7/a', 'p1')

    :param rule: `folder` (the folder of the file, or its own name if it is in none), `file` (each file is a case), or a
        regular expression that is searched in the path: its first group that matches, or the whole match, is the case.
    :raises DataError: if the rule is empty, or a faulty regular expression.
    """
    if rule == "folder":
        return lambda path: _folder(PurePosixPath(path))
    if rule == "file":
        return lambda path: PurePosixPath(path).with_suffix("").as_posix()
    hint = "give folder, file, or a regular expression with one group"
    if not rule:
        raise DataError(f"the rule of cases is empty; {hint} (--case-from)")
    try:
        pattern = re.compile(rule)
    except re.error as error:
        raise DataError(f"the rule of cases '{rule}' is no regular expression ({error}); {hint}") from error
    return lambda path: _matched(pattern, path)


def _folder(path: PurePosixPath) -> str:
    return path.parent.as_posix() if len(path.parts) > 1 else path.stem


def _matched(pattern: re.Pattern[str], path: str) -> str | None:
    found = pattern.search(path)
    name = next((group for group in found.groups() if group), found[0]) if found else None
    return name if name and fault_of_name(name) is None else None
