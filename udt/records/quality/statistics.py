"""Statistics of a corpus: numbers of records, frequencies of labels, lengths and words of captions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from udt.records.database.effective_labels import Query, effective_labels
from udt.records.database.models import (
    Caption,
    Case,
    ConceptRow,
    Image,
    Provenance,
    Sample,
    SampleLabel,
    Source,
    UnmappedLabel,
)

MOST_FINDINGS = 15

_MOST_WORDS = 25
_PAGE = 10_000
_SYSTEMS, _ORGANS = 1, 2
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a corpus; lists of pairs are sorted by descending frequency, then by name.

    :ivar totals: sources, cases, images, those whose file was read, captions, samples, labels, unmapped labels.
    :ivar sources: samples of each source.
    :ivar splits: samples of each split; `none` for those without a split.
    :ivar makers: labels of each kind of maker.
    :ivar systems: samples with each body system.
    :ivar organs: samples with each organ.
    :ivar findings: samples with each of the most frequent diagnoses and attributes, as `dimension: label`.
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
        counts = ("sources", "splits", "makers", "systems", "organs", "findings", "words")
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
    labels = _by_task(connection)
    samples = select(Source.name, func.count(Sample.id)).join(Case, Case.source_id == Source.id).join(Sample)
    return Statistics(
        totals=_totals(connection),
        sources=_sorted(connection, samples.group_by(Source.name)),
        splits=_sorted(connection, select(Sample.split, func.count()).group_by(Sample.split)),
        makers=_sorted(connection, select(Provenance.maker, func.count()).join(SampleLabel).group_by(Provenance.maker)),
        systems=tuple((label, count) for task, _, label, count in labels if task == _SYSTEMS),
        organs=tuple((label, count) for task, _, label, count in labels if task == _ORGANS),
        findings=tuple((f"{key}: {label}", count) for task, key, label, count in labels if task > _ORGANS)[
            :MOST_FINDINGS
        ],
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
    models = {
        "sources": Source,
        "cases": Case,
        "images": Image,
        "captions": Caption,
        "samples": Sample,
        "labels": SampleLabel,
        "unmapped labels": UnmappedLabel,
    }
    totals = {name: connection.scalar(select(func.count()).select_from(model)) or 0 for name, model in models.items()}
    totals["images read"] = connection.scalar(select(func.count(Image.sha256))) or 0
    return totals


def _by_task(connection: Connection) -> list[tuple[int, str, str, int]]:
    """Return (task, dimension key, label, samples) of every label that a sample has, most frequent first."""
    own = effective_labels().subquery()
    counts = select(own.c.concept_id, func.count().label("samples")).group_by(own.c.concept_id).subquery()
    columns = (ConceptRow.task, ConceptRow.dimension, ConceptRow.label, counts.c.samples)
    query = select(*columns).join(counts, ConceptRow.id == counts.c.concept_id)
    rows = [tuple(row) for row in connection.execute(query)]
    return sorted(rows, key=lambda row: (-row[3], row[0], row[2]))


def _words(connection: Connection) -> tuple[Counter[int], Counter[str]]:
    """Count the samples by length of their caption, and the occurrences of each word in them."""
    lengths, words = Counter[int](), Counter[str]()
    uses = select(Sample.caption_id, func.count().label("samples")).group_by(Sample.caption_id).subquery()
    query = select(Caption.text, uses.c.samples).join(uses, uses.c.caption_id == Caption.id)
    for text, samples in connection.execute(query.execution_options(yield_per=_PAGE)):
        found = _WORD.findall(text.lower())
        lengths[len(found)] += samples
        for word in found:
            words[word] += samples
    return lengths, words
