"""Count and change of a finding, from its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, cast

from udt.core.report import Change, LabelSets

_COUNTS: Mapping[str, int | str] = {"single": 1, "two": 2}
_CHANGES: Mapping[str, Change] = {"unchanged": "stable"}
_KNOWN_CHANGES = frozenset({"new", "increased", "stable", "decreased", "resolved"})


class Details(TypedDict):
    """The fields of a finding that its attributes give."""

    count: int | str | None
    change: Change | None


def details_of(attributes: LabelSets) -> Details:
    """Return the count and the change that the attributes of a finding tell."""
    counts = attributes.get("count", ())
    changes = attributes.get("change_over_time", ())
    count = _COUNTS.get(counts[0], counts[0]) if counts else None
    change = _CHANGES.get(changes[0], changes[0]) if changes else None
    return {"count": count, "change": cast(Change, change) if change in _KNOWN_CHANGES else None}
