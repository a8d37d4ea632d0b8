"""Statistics of a corpus: numbers of records, frequencies of labels, lengths and words of captions.

Composite samples are not counted: their parts replace them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from udt.records.database.composites import has_parts
from udt.records.database.effective_labels import Query, effective_labels
from udt.records.database.finding_models import FindingRow, MeasurementRow, Reading, TermRow
from udt.records.database.models import (
    Caption,
    Case,
    ConceptRow,
    Image,
    Provenance,
    Role,
    Sample,
    SampleLabel,
    Source,
    UnmappedLabel,
)

MOST_FINDINGS = 15

_MOST_WORDS = 25
_PAGE = 10_000
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a corpus; lists of pairs are sorted by descending frequency, then by name.

    :ivar totals: sources, cases, images, those whose file was read, captions, samples, labels, unmapped labels,
        readings, findings of readings, those that are denied, and measurements.
    :ivar sources: samples of each source.
    :ivar splits: samples of each split; `none` for those without a split.
    :ivar makers: labels of each kind of maker.
    :ivar systems: samples with each body system: with each place that is in no other one.
    :ivar organs: samples with each organ: with each place in another one.
    :ivar findings: samples with each of the most frequent diagnoses and attributes, as `dimension: label`.
    :ivar named_findings: findings of the most frequent concepts that are present or possible; a finding that takes up
        an earlier one is not counted again.
    :ivar lengths: words in a caption to the number of samples with such a caption, shortest first.
    :ivar words: the most frequent words of the captions of all samples, in lower case.
    :ivar vocabulary: number of different words.
    """

    totals: Mapping[str, int]
    sources: Counts
    splits: Counts
    makers: Counts
    systems: Counts
    organs: Counts
    findings: Counts
    named_findings: Counts
    lengths: tuple[tuple[int, int], ...]
    words: Counts
    vocabulary: int

    @property
    def mean_length(self) -> float:
        """Mean number of words in a caption over all samples; 0 without captions."""
        captions = sum(count for _, count in self.lengths)
        return sum(length * count for length, count in self.lengths) / captions if captions else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        counts = ("sources", "splits", "makers", "systems", "organs", "findings", "named_findings", "words")
        return {
            "totals": dict(self.totals),
            **{name: dict(getattr(self, name)) for name in counts},
            "caption_words": {
                "mean": round(self.mean_length, 2),
                "vocabulary": self.vocabulary,
                "captions_by_length": dict(self.lengths),
            },
        }


def statistics(connection: Connection) -> Statistics:
    """Compute the statistics of all records. Captions are read once, a page at a time."""
    lengths, words = _words(connection)
    labels = _label_counts(connection)
    findings = [one for one in labels if one.role is not Role.PLACE]
    samples = select(Source.name, func.count(Sample.id)).join(Case, Case.source_id == Source.id).join(Sample)
    samples = samples.where(~has_parts())
    makers = select(Provenance.maker, func.count()).join(SampleLabel)
    return Statistics(
        totals=_totals(connection),
        sources=_sorted(connection, samples.group_by(Source.name)),
        splits=_sorted(connection, select(Sample.split, func.count()).where(~has_parts()).group_by(Sample.split)),
        makers=_sorted(connection, makers.where(~has_parts(SampleLabel.sample_id)).group_by(Provenance.maker)),
        systems=tuple((one.label, one.samples) for one in labels if one.role is Role.PLACE and not one.inner),
        organs=tuple((one.label, one.samples) for one in labels if one.role is Role.PLACE and one.inner),
        findings=tuple((f"{one.dimension}: {one.label}", one.samples) for one in findings[:MOST_FINDINGS]),
        named_findings=_sorted(connection, _named_findings())[:MOST_FINDINGS],
        lengths=tuple(sorted(lengths.items())),
        words=tuple(sorted(words.items(), key=_rank)[:_MOST_WORDS]),
        vocabulary=len(words),
    )


def _rank(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _sorted(connection: Connection, query: Query) -> Counts:
    rows = connection.execute(query)
    return tuple(sorted(((str(name or "none"), count) for name, count in rows), key=_rank))


def _totals(connection: Connection) -> dict[str, int]:
    findings = _findings(select(func.count()))
    queries = {
        "sources": select(func.count()).select_from(Source),
        "cases": select(func.count()).select_from(Case),
        "images": select(func.count()).select_from(Image),
        "captions": select(func.count()).select_from(Caption),
        "samples": select(func.count()).select_from(Sample).where(~has_parts()),
        "labels": _of_samples(SampleLabel),
        "unmapped labels": _of_samples(UnmappedLabel),
        "readings": _of_samples(Reading),
        "findings": findings,
        "measurements": findings.join(MeasurementRow, MeasurementRow.finding_id == FindingRow.id),
        "images read": select(func.count(Image.sha256)),
        "findings denied": findings.where(FindingRow.certainty == "absent"),
    }
    return {name: connection.scalar(query) or 0 for name, query in queries.items()}


def _of_samples(model: type[SampleLabel | UnmappedLabel | Reading]) -> Query:
    return select(func.count()).select_from(model).where(~has_parts(model.sample_id))


def _findings(query: Query) -> Query:
    """Add the findings of the readings of samples to a query."""
    joined = query.select_from(FindingRow).join(Reading, FindingRow.reading_id == Reading.id)
    return joined.where(~has_parts(Reading.sample_id))


def _named_findings() -> Query:
    """Select the concepts of affirmed findings of patients with their numbers."""
    query = _findings(select(TermRow.label, func.count())).join(TermRow, FindingRow.term_id == TermRow.id)
    return query.where(
        FindingRow.certainty.in_(("present", "possible")),
        FindingRow.experiencer == "patient",
        FindingRow.time == "current",
        FindingRow.kind != "organ",
        FindingRow.same_as.is_(None),
    ).group_by(TermRow.label)


class _LabelCount(NamedTuple):
    """A label with its number of samples.

    :ivar inner: whether it is a place in another one.
    """

    task: int | None
    dimension: str
    role: Role
    label: str
    inner: bool
    samples: int


def _label_counts(connection: Connection) -> list[_LabelCount]:
    """Return every label that a sample has, most frequent first, then by task; dimensions without a task come last."""
    own = effective_labels().subquery()
    numbers = select(own.c.concept_id, func.count().label("samples")).where(~has_parts(own.c.sample_id))
    counts = numbers.group_by(own.c.concept_id).subquery()
    columns = (ConceptRow.task, ConceptRow.dimension, ConceptRow.role, ConceptRow.label)
    query = select(*columns, ConceptRow.parent_id.is_not(None), counts.c.samples)
    rows = connection.execute(query.join(counts, ConceptRow.id == counts.c.concept_id))
    return sorted((_LabelCount(*row) for row in rows), key=_label_rank)


def _label_rank(one: _LabelCount) -> tuple[int, bool, int, str, str]:
    return -one.samples, one.task is None, one.task or 0, one.dimension, one.label


def _words(connection: Connection) -> tuple[Counter[int], Counter[str]]:
    """Count the samples by length of their caption, and the occurrences of each word in them."""
    lengths, words = Counter[int](), Counter[str]()
    uses = select(Sample.caption_id, func.count().label("samples")).where(~has_parts()).group_by(Sample.caption_id)
    used = uses.subquery()
    query = select(Caption.text, used.c.samples).join(used, used.c.caption_id == Caption.id)
    for text, samples in connection.execute(query.execution_options(yield_per=_PAGE)):
        found = _WORD.findall(text.lower())
        lengths[len(found)] += samples
        for word in found:
            words[word] += samples
    return lengths, words
