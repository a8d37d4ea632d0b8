"""Links between findings of one lesion, and the groups of findings that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Link = tuple[int, int]


def links_of(findings: Sequence[Mapping[str, Any]]) -> list[Link]:
    """Return the index of each finding with `same_as` and that of each target; targets that do not exist are left out.

    `same_as` is the `id` of a finding, its index, its quote, an object with the `id`, or a list of these.
    """
    places: dict[object, int] = {}
    for key in ("quote", "id"):
        named = [(finding[key], index) for index, finding in enumerate(findings) if finding.get(key) is not None]
        places |= dict(reversed(named)) if key == "quote" else dict(named)
    found = []
    for index, finding in enumerate(findings):
        for target in targets_of(finding):
            place = places.get(target, target if isinstance(target, int) else None)
            if place is not None and 0 <= place < len(findings) and place != index:
                found.append((index, place))
    return found


def targets_of(finding: Mapping[str, Any]) -> list[Any]:
    """Return the targets of a finding's `same_as` as stated."""
    stated = finding.get("same_as")
    targets = stated if isinstance(stated, list) else [stated]
    plain = [target.get("id") if isinstance(target, Mapping) else target for target in targets]
    return [target for target in plain if target is not None]


def first_links(links: Iterable[Link]) -> list[Link]:
    """Return the first link of each finding."""
    first: dict[int, int] = {}
    for finding, target in links:
        first.setdefault(finding, target)
    return list(first.items())


def groups_of(size: int, links: Iterable[Link]) -> list[int]:
    """Return for each of `size` findings the lowest index of those that links connect with it.

    >>> groups_of(5, [(3, 1), (4, 3)])
    [0, 1, 2, 1, 1]
    """
    group = list(range(size))
    for one, other in links:
        low, high = sorted((group[one], group[other]))
        group = [low if member == high else member for member in group]
    return group
