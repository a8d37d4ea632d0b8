"""The samples of a release: those with image and caption that are neither rejected nor composites with parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.records.database.composites import has_parts
from udt.records.database.effective_labels import Query, label_sets
from udt.records.database.merge_join import MergeJoin
from udt.records.database.models import Caption, Case, Image, ReviewState, Sample, Source, Split

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class ReleasedSample:
    """A sample of a release.

    :ivar number: its number in the release, from 1, in the order of the ids.
    :ivar case: number of its case in the release, from 1.
    :ivar root: image folder of its source; None if unknown.
    :ivar path: of the image in that folder.
    :ivar sha256: of the image file; None if it was never read.
    :ivar split: None before the samples are divided.
    :ivar labels: dimension key to labels, only dimensions with labels.
    """

    number: int
    id: int
    source: str
    licence: str | None
    case: int
    root: str | None
    path: str
    sha256: str | None
    split: Split | None
    caption: str
    labels: Mapping[str, tuple[str, ...]]


def released(connection: Connection, vocabulary: Vocabulary) -> Iterator[ReleasedSample]:
    """Yield the samples of a release by id, in constant memory.

    :raises DataError: if the concept of a label is not in `vocabulary`.
    """
    labels = MergeJoin(label_sets(connection, vocabulary), LabelSet(((),) * len(vocabulary.dimensions)))
    cases: dict[int, int] = {}
    rows = connection.execute(released_query(*_COLUMNS).execution_options(yield_per=_BATCH))
    for number, (id, source, licence, case, root, path, sha256, split, caption) in enumerate(rows, 1):
        named = {key: found for key, found in labels.get(id).named(vocabulary).items() if found}
        known = cases.setdefault(case, len(cases) + 1)
        yield ReleasedSample(number, id, source, licence, known, root, path, sha256, split, caption, named)


def released_query(*columns: object) -> Query:
    """Select columns of the samples of a release with their source, case, image and caption, by id."""
    query: Query = select(*columns)  # type: ignore[call-overload]
    query = query.select_from(Sample).join(Case, Sample.case_id == Case.id).join(Source, Case.source_id == Source.id)
    query = query.join(Image, Sample.image_id == Image.id).join(Caption, Sample.caption_id == Caption.id)
    return query.where(Sample.review != ReviewState.REJECTED, ~has_parts()).order_by(Sample.id)


_COLUMNS = (
    Sample.id,
    Source.name,
    Source.licence,
    Case.id,
    Source.root,
    Image.path,
    Image.sha256,
    Sample.split,
    Caption.text,
)
