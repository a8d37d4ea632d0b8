"""Choose samples by source, split, review and labels, and list their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from udt.core.errors import DataError
from udt.records.database.curation_models import Flag
from udt.records.database.effective_labels import Query, effective_labels
from udt.records.database.models import (
    Caption,
    Case,
    ConceptRow,
    Image,
    ReviewState,
    Sample,
    SampleLabel,
    Source,
    Split,
)

COLUMNS = ("id", "source", "case", "image", "frame", "split", "review", "flags", "labels", "caption", "digest")
"""Columns of a listed sample."""

_PAGE = 500


@dataclass(frozen=True, slots=True)
class SampleFilter:
    """Conditions on samples, all of which have to hold; None and empty ones hold for all.

    :ivar split: a split, or `none` for samples without one.
    :ivar labels: effective labels, each as `dimension: label`, or as a label of any dimension, in any case.
    """

    source: str | None = None
    split: str | None = None
    review: str | None = None
    labels: Sequence[str] = ()

    def conditions(self, connection: Connection) -> list[ColumnElement[bool]]:
        """Return the conditions on samples joined with their case and source.

        :raises DataError: if there is no such source or label; the message lists the sources.
        """
        found: list[ColumnElement[bool]] = []
        if self.source is not None:
            names = sorted(connection.scalars(select(Source.name)))
            if self.source not in names:
                raise DataError(f"there is no source '{self.source}'; allowed: {', '.join(names) or 'none yet'}")
            found.append(Source.name == self.source)
        if self.split is not None:
            found.append(Sample.split.is_(None) if self.split == "none" else Sample.split == Split(self.split))
        if self.review is not None:
            found.append(Sample.review == ReviewState(self.review))
        return [*found, *(_has(connection, label) for label in self.labels)]


@dataclass(frozen=True, slots=True)
class ListedSample:
    """A sample as it is listed.

    :ivar root: image folder of its source; None if unknown.
    :ivar sha256: of the image file; None if it was never read.
    :ivar labels: effective labels by dimension key.
    :ivar flags: number of its flags.
    """

    id: int
    digest: str
    source: str
    case: str
    root: str | None
    image: str | None
    sha256: str | None
    frame: int | None
    split: str | None
    review: str
    caption: str | None
    flags: int
    labels: Mapping[str, tuple[str, ...]]

    def to_dict(self, columns: Sequence[str] = COLUMNS) -> dict[str, Any]:
        """Return columns for `json.dumps`."""
        return {name: getattr(self, name) for name in columns}

    @property
    def label_text(self) -> str:
        """The labels in one line: `organ: Liver; shape: oval`."""
        return "; ".join(f"{key}: {', '.join(found)}" for key, found in self.labels.items())


def count_samples(connection: Connection, chosen: SampleFilter) -> int:
    """Count the samples that a filter holds for."""
    query = select(func.count()).select_from(Sample).join(Case, Sample.case_id == Case.id)
    query = query.join(Source, Case.source_id == Source.id)
    return connection.scalar(query.where(*chosen.conditions(connection))) or 0


def list_samples(connection: Connection, chosen: SampleFilter, limit: int | None = None) -> Iterator[ListedSample]:
    """Yield the samples that a filter holds for, by id, a page at a time.

    :raises DataError: as `SampleFilter.conditions`.
    """
    query = _query().where(*chosen.conditions(connection))
    last, left = 0, limit
    while left is None or left > 0:
        page = connection.execute(query.where(Sample.id > last).limit(min(_PAGE, left or _PAGE))).all()
        if not page:
            return
        labels = labels_of_samples(connection, [row[0] for row in page])
        for row in page:
            yield ListedSample(**row._mapping, labels=labels.get(row.id, {}))
        last = page[-1][0]
        left = None if left is None else left - len(page)


def labels_of_samples(connection: Connection, samples: Sequence[int]) -> Mapping[int, dict[str, tuple[str, ...]]]:
    """Return the effective labels of samples by dimension key, in the order of the taxonomy."""
    own = effective_labels().where(SampleLabel.sample_id.in_(samples)).subquery()
    columns = (own.c.sample_id, ConceptRow.dimension, ConceptRow.label)
    query = select(*columns).join(ConceptRow, ConceptRow.id == own.c.concept_id).order_by(ConceptRow.id)
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for sample, dimension, label in connection.execute(query):
        own_labels = found.setdefault(sample, {})
        own_labels[dimension] = (*own_labels.get(dimension, ()), label)
    return found


def _query() -> Query:
    flags = select(func.count()).where(Flag.sample_id == Sample.id).scalar_subquery()
    columns = (
        Sample.id, Sample.digest, Source.name.label("source"), Case.key.label("case"), Source.root,
        Image.path.label("image"), Image.sha256, Image.frame_index.label("frame"), Sample.split, Sample.review,
        Caption.text.label("caption"), flags.label("flags"),
    )  # fmt: skip
    query: Query = select(*columns).join(Case, Sample.case_id == Case.id).join(Source, Case.source_id == Source.id)
    query = query.join(Image, Sample.image_id == Image.id, isouter=True)
    return query.join(Caption, Sample.caption_id == Caption.id, isouter=True).order_by(Sample.id)


def _has(connection: Connection, text: str) -> ColumnElement[bool]:
    """Return the condition that a sample has a label.

    :raises DataError: if no label has this name.
    """
    dimension, colon, label = text.partition(":")
    names = [func.lower(ConceptRow.label) == text.strip().lower()]
    if colon:
        same = func.lower(ConceptRow.label) == label.strip().lower()
        names.append((ConceptRow.dimension == dimension.strip()) & same)
    concepts = list(connection.scalars(select(ConceptRow.id).where(or_(*names))))
    if not concepts:
        hint = "give a label as 'udt data stats' lists it, e.g. oval, or dimension: label"
        raise DataError(f"there is no label '{text}'; {hint}")
    own = effective_labels().where(SampleLabel.concept_id.in_(concepts)).subquery()
    return Sample.id.in_(select(own.c.sample_id))
