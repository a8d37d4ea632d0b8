"""A diagram: items in groups, one group below the other, and links between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from udt.core.report import Certainty, Evidence

Kind = Literal["body system", "organ", "finding", "mention", "interpretation", "diagnosis", "attribute"]
"""A mention is a finding that takes up an earlier one again, as impressions do."""

IMPRESSION = "impression"
"""Label of the section that sums up the others."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a diagram.

    :ivar id: unique in its diagram.
    :ivar dimension: key of the dimension of its label; None for a finding and an interpretation.
    :ivar iri: IRI of its concept; None if it has none.
    :ivar notes: further lines: a side, a size, a number of samples.
    :ivar evidence: spans of the text that state or deny it.
    :ivar caption: the words above its label; those of its kind or dimension if empty.
    :ivar section: label of the section of a finding.
    :ivar codes: CURIEs of the concepts of other terminologies that its concept is mapped to.
    """

    id: str
    kind: Kind
    label: str
    dimension: str | None = None
    iri: str | None = None
    certainty: Certainty = "present"
    notes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    caption: str = ""
    section: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A line between two items, by their ids.

    :ivar relation: a place `contains` another and `shows` a finding; this `is` a diagnosis, which `has` an attribute,
        is `interpreted as` another, and `taken up again` by a mention.
    :ivar weight: thickness of the line; None if all are alike.
    :ivar note: words on the line: the weight, or a relation.
    :ivar measures: names and values of all measures of it.
    """

    source: str
    target: str
    relation: str
    certainty: Certainty = "present"
    weight: float | None = None
    note: str = ""
    measures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items of one kind side by side, and the groups below them.

    :ivar quiet: whether a page shows it only when its reader opens the item above it.
    """

    items: tuple[Item, ...]
    below: tuple[ItemGroup, ...] = ()
    quiet: bool = False

    def __iter__(self) -> Iterator[Item]:
        """Yield all items, from the top down."""
        yield from self.items
        for group in self.below:
            yield from group


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawing before its items have positions.

    :ivar id: names it among the diagrams of a page.
    :ivar across: whether it reads from left to right; else from the top down.
    """

    id: str
    title: str
    groups: tuple[ItemGroup, ...]
    links: tuple[Link, ...]
    across: bool = False

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, group by group."""
        return tuple(item for group in self.groups for item in group)

    @property
    def weighted(self) -> bool:
        """Whether its links have weights."""
        return any(link.weight is not None for link in self.links)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The content of a file: a page holds all diagrams, every other format the first of them.

    :ivar text: the text that the offsets of the evidence refer to; empty if it is not known.
    """

    diagrams: Sequence[Diagram]
    text: str = ""

    @property
    def diagram(self) -> Diagram:
        """The first diagram."""
        return self.diagrams[0]
