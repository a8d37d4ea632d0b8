"""Make captions for the samples of a database from their labels; an interrupted run is resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, select, update

from udt.core.hashing import parts_sha256
from udt.core.labels import LabelSet
from udt.core.tally import Tally
from udt.core.vocabulary import Vocabulary
from udt.records.captions.engines import CaptionEngine, ComposedCaption, Rejection
from udt.records.captions.tagged import TaggedLabels
from udt.records.database.bulk import insert_new
from udt.records.database.composites import has_parts
from udt.records.database.curation_models import MadeCaption
from udt.records.database.database import Database
from udt.records.database.effective_labels import label_certainties
from udt.records.database.models import Caption, Case, Certainty, Maker, ReviewState, Sample, SampleLabel, Source
from udt.records.database.provenance import program_provenance
from udt.records.database.sources import check_source
from udt.taxonomy.model.taxonomy import Taxonomy

_PAGE = 500

OnProgress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """A request for captions.

    :ivar language: tag of the language.
    :ivar source: name of the data set, or None for all.
    :ivar use: whether samples without a caption get the one that is made.
    :ivar overwrite: whether captions that were made before in these styles are made again.
    :ivar model: name of the model that makes them, or None for the grammar.
    """

    language: str
    source: str | None = None
    use: bool = False
    overwrite: bool = False
    model: str | None = None


@dataclass(slots=True)
class CaptionOutcome:
    """Counts of one run.

    :ivar samples: those with labels that had no such caption; left out are those whose caption was not accepted.
    :ivar used: samples that got the caption as their own, since they had none.
    """

    samples: Tally = field(default_factory=Tally)
    used: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        return {**self.samples.to_dict(), "used": self.used}


def caption_samples(
    database: Database, engine: CaptionEngine, request: CaptionRequest, taxonomy: Taxonomy, on_progress: OnProgress
) -> CaptionOutcome:
    """Make a caption for each sample with labels. The captions of the samples stay as they are.

    :param on_progress: called with a noun and the number of samples that are done.
    :raises udt.core.errors.DataError: if there is no such data set, or a label is not in `taxonomy`.
    """
    outcome = CaptionOutcome()
    with database.writing() as connection:
        check_source(connection, request.source)
        what = f"captions by {request.model or 'the grammar'}, "
        maker = Maker.MODEL if request.model else Maker.RULE
        made = program_provenance(connection, maker, what, taxonomy.version, taxonomy.digest)
    done = 0
    for page in _pages(database, request, engine.styles, taxonomy.vocabulary):
        captions = {}
        for sample, labels in page.items():
            found = engine.compose(labels)
            if isinstance(found, Rejection):
                outcome.samples.leave_out(found.reason, f"sample {sample}")
            else:
                outcome.samples.read += 1
                captions[sample] = found
        outcome.used += database.transact(partial(_store, captions=captions, request=request, provenance=made))
        done += len(page)
        on_progress("captions made", done)
    return outcome


def _pages(
    database: Database, request: CaptionRequest, styles: tuple[str, ...], vocabulary: Vocabulary
) -> Iterator[dict[int, TaggedLabels]]:
    """Yield the labels of the samples to make captions for, in pages, by id."""
    query, last = _query(request, styles), 0
    while True:
        with database.reading() as connection:
            page = list(connection.scalars(query.where(Sample.id > last).limit(_PAGE)))
            labels = label_certainties(connection, vocabulary, page)
        if not page:
            return
        yield {sample: _tagged(labels.get(sample, {}), len(vocabulary.dimensions)) for sample in page}
        last = page[-1]


def _query(request: CaptionRequest, styles: tuple[str, ...]) -> Select[int]:
    made = exists().where(
        MadeCaption.sample_id == Sample.id, MadeCaption.language == request.language, MadeCaption.style.in_(styles)
    )
    labelled = exists().where(SampleLabel.sample_id == Sample.id)
    query = select(Sample.id).join(Case, Sample.case_id == Case.id).join(Source, Case.source_id == Source.id)
    query = query.where(Sample.review != ReviewState.REJECTED, ~has_parts(), labelled)
    if not request.overwrite:
        query = query.where(~made)
    if request.source is not None:
        query = query.where(Source.name == request.source)
    return query.order_by(Sample.id)


def _tagged(labels: Mapping[tuple[int, int], Certainty], dimensions: int) -> TaggedLabels:
    present, possible, absent = (
        LabelSet.of_pairs([label for label, found in labels.items() if found == certainty], dimensions)
        for certainty in (Certainty.PRESENT, Certainty.POSSIBLE, Certainty.ABSENT)
    )
    return TaggedLabels(present, possible, absent)


def _store(
    connection: Connection, captions: Mapping[int, ComposedCaption], request: CaptionRequest, provenance: int
) -> int:
    """Write the captions of a page; return the number of samples that got one as their own."""
    texts = {one.text: parts_sha256(one.text) for one in captions.values()}
    insert_new(connection, Caption, [{"text": text, "sha256": sha256} for text, sha256 in texts.items()])
    query = select(Caption.sha256, Caption.id).where(Caption.sha256.in_(texts.values()))
    ids = dict(connection.execute(query).all())
    rows = [
        {
            "sample_id": sample,
            "language": request.language,
            "style": one.style,
            "caption_id": ids[texts[one.text]],
            "provenance_id": provenance,
        }
        for sample, one in captions.items()
    ]
    if request.overwrite:
        for row in rows:
            keys = (MadeCaption.sample_id == row["sample_id"], MadeCaption.language == row["language"])
            connection.execute(delete(MadeCaption).where(*keys, MadeCaption.style == row["style"]))
    insert_new(connection, MadeCaption, rows)
    if not request.use:
        return 0
    used = 0
    for row in rows:
        free = update(Sample).where(Sample.id == row["sample_id"], Sample.caption_id.is_(None))
        used += connection.execute(free.values(caption_id=row["caption_id"])).rowcount
    return used
