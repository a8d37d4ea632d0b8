"""Check what constraints cannot express: all samples by SQL, some of them by the SHACL shapes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, and_, exists, func, select
from sqlalchemy.orm import aliased

from udt.core.errors import DataError
from udt.core.images import ImageError, Refusal, check_file, find_image
from udt.core.tally import Tally
from udt.core.texts import one_line
from udt.core.vocabulary import Vocabulary
from udt.records.database.database import Database
from udt.records.database.effective_labels import Query, effective_labels
from udt.records.database.models import Caption, Case, ConceptRow, Image, Sample, SampleLabel, Source, UnmappedLabel
from udt.taxonomy.model.taxonomy import Taxonomy

Level = Literal["ERROR", "WARN"]

_EXAMPLES = 3
_MOST_LABELS = 1000
_PAGE = 5000


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A fault that a check found.

    :ivar check: name of the check.
    :ivar detail: description of the fault.
    :ivar count: number of samples, images or labels with it.
    :ivar examples: the first few of them.
    """

    level: Level
    check: str
    detail: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """A query of which every row is a fault.

    :ivar query: selects a description of each fault, ordered.
    :ivar shown: maximum number of examples.
    """

    level: Level
    name: str
    detail: str
    query: Query
    shown: int = _EXAMPLES


def checks(vocabulary: Vocabulary) -> Iterator[RecordCheck]:
    """Yield the checks by SQL.

    :param vocabulary: of all dimensions of the taxonomy.
    """
    sample = (
        select(Sample.id, Source.name, Case.key).select_from(Sample).join(Case, Sample.case_id == Case.id).join(Source)
    )
    image = select(Image.path, Source.name, Case.key).select_from(Image).join(Case).join(Source)
    yield RecordCheck(
        "ERROR", "unknown concept", "a label whose concept the taxonomy does not have", _unknown(vocabulary)
    )
    yield RecordCheck(
        "ERROR",
        "organ without system",
        "an organ without its body system beside it",
        sample.where(_organ_without_system()),
    )
    yield RecordCheck("ERROR", "empty caption", "a caption without a word", _empty(sample))
    yield RecordCheck(
        "ERROR",
        "evidence off the text",
        "evidence whose text differs from the caption at its offsets",
        _off_text(sample),
    )
    yield RecordCheck(
        "ERROR", "image of another case", "a sample whose image belongs to another case", _image_of_another_case(sample)
    )
    yield RecordCheck(
        "WARN", "unmapped label", "a label of the source that the taxonomy does not have", _unmapped(), _MOST_LABELS
    )
    yield RecordCheck("WARN", "no label", "a sample without any label", sample.where(~_labelled()))
    yield RecordCheck(
        "WARN", "image not read", "an image whose file has not been read", image.where(Image.sha256.is_(None))
    )


def validate_records(database: Database, taxonomy: Taxonomy, *, shacl: int = 200) -> list[RecordProblem]:
    """Run all checks and return the faults, each with its number and examples.

    :param shacl: number of samples to check against the SHACL shapes, spread evenly over all samples; 0 for none.
    :raises DataError: if there are no samples.
    """
    with database.reading() as connection:
        if not connection.scalar(select(func.count(Sample.id))):
            raise DataError("there are no samples to check; fill the database with 'udt data import'")
        found = [_run(connection, check) for check in checks(taxonomy.full_vocabulary)]
        found += _files(connection)
        if shacl:
            found.append(_shapes(connection, taxonomy, shacl))
    return [problem for problem in found if problem.count]


def _run(connection: Connection, check: RecordCheck) -> RecordProblem:
    rows = connection.execute(check.query.limit(check.shown)).all()
    count = 0
    if rows:
        whole = check.query.order_by(None).subquery()
        count = connection.scalar(select(func.count()).select_from(whole)) or 0
    return RecordProblem(check.level, check.name, check.detail, count, tuple(_shown(row) for row in rows))


def _shown(row: Iterable[object]) -> str:
    return " · ".join(one_line(str(part)) for part in row)


def _unknown(vocabulary: Vocabulary) -> Query:
    iris = [iri for dimension in vocabulary.dimensions for iri in dimension.iris]
    query = select(ConceptRow.iri, func.count()).join(SampleLabel, SampleLabel.concept_id == ConceptRow.id)
    return query.where(ConceptRow.iri.not_in(iris)).group_by(ConceptRow.iri).order_by(ConceptRow.iri)


def _organ_without_system() -> Any:
    """Select samples that have a label with a parent (an organ) but not the parent (the system)."""
    own, above = effective_labels().subquery(), aliased(SampleLabel)
    parent = exists().where(above.sample_id == own.c.sample_id, above.concept_id == ConceptRow.parent_id)
    organs = select(own.c.sample_id).join(ConceptRow, ConceptRow.id == own.c.concept_id)
    return Sample.id.in_(organs.where(ConceptRow.parent_id.is_not(None), ~parent))


def _labelled() -> Any:
    return exists().where(SampleLabel.sample_id == Sample.id)


def _empty(sample: Query) -> Query:
    return sample.join(Caption, Sample.caption_id == Caption.id).where(func.trim(Caption.text, " \t\r\n") == "")


def _off_text(sample: Query) -> Query:
    length = SampleLabel.evidence_end - SampleLabel.evidence_start
    found = func.substr(Caption.text, SampleLabel.evidence_start + 1, length)
    joined = sample.join(SampleLabel, SampleLabel.sample_id == Sample.id)
    captioned = joined.outerjoin(Caption, Sample.caption_id == Caption.id)
    wrong = func.coalesce(found, "") != SampleLabel.evidence_text
    return captioned.where(SampleLabel.evidence_start.is_not(None), wrong)


def _image_of_another_case(sample: Query) -> Query:
    return sample.join(Image, and_(Sample.image_id == Image.id, Sample.case_id != Image.case_id))


def _unmapped() -> Query:
    count = func.count()
    query = select(UnmappedLabel.dimension, UnmappedLabel.label, count).group_by(
        UnmappedLabel.dimension, UnmappedLabel.label
    )
    return query.order_by(count.desc(), UnmappedLabel.dimension, UnmappedLabel.label)


def _files(connection: Connection) -> Iterator[RecordProblem]:
    """Yield the faults of the files of images of sources with a known image folder; no file is opened."""
    query = select(Source.root, Image.path).select_from(Image).join(Case).join(Source).where(Source.root.is_not(None))
    refused = Tally()
    with connection.execute(
        query.distinct().order_by(Source.root, Image.path).execution_options(yield_per=_PAGE)
    ) as rows:
        for root, path in rows:
            try:
                check_file(find_image(Path(root or ""), path))
            except ImageError as error:
                missing = error.refusal is Refusal.MISSING
                refused.leave_out(error.refusal, str(Path(root or "", path)) if missing else str(error))
    for reason, count in refused.left_out.items():
        check, detail = "refused file", f"an image whose file is refused ({reason})"
        if reason == Refusal.MISSING:
            check, detail = "missing file", "an image whose file is not there"
        yield RecordProblem("ERROR", check, detail, count, tuple(refused.examples[reason]))


def _shapes(connection: Connection, taxonomy: Taxonomy, size: int) -> RecordProblem:
    from udt.taxonomy.quality.shacl import record_graph, validate

    records = _records(connection, size)
    found = [
        " · ".join(filter(None, (violation.focus, violation.path, violation.value, violation.message)))
        for violation in validate(record_graph(records, taxonomy), taxonomy)
    ]
    detail = f"a violation of the SHACL shapes, among {len(records):,} samples"
    return RecordProblem("ERROR", "shapes", detail, len(found), tuple(found[:_EXAMPLES]))


def _records(connection: Connection, size: int) -> list[tuple[str, dict[str, list[str]]]]:
    """Return (sample id, labels by dimension) of about `size` samples, evenly spread."""
    total = connection.scalar(select(func.count()).select_from(Sample)) or 0
    step = max(1, total // size)
    ids = connection.scalars(select(Sample.id).where(Sample.id % step == 0).order_by(Sample.id).limit(size)).all()
    labels: dict[int, dict[str, list[str]]] = {id: defaultdict(list) for id in ids}
    own = effective_labels().where(SampleLabel.sample_id.in_(ids)).subquery()
    query = select(own.c.sample_id, ConceptRow.dimension, ConceptRow.label).join(
        ConceptRow, ConceptRow.id == own.c.concept_id
    )
    for sample, dimension, label in connection.execute(query):
        labels[sample][dimension].append(label)
    return [(str(id), labels[id]) for id in ids]
