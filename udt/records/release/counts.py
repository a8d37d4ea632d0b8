"""Statistics of a release: of its samples alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from udt.core.vocabulary import Vocabulary
from udt.records.database.models import Split
from udt.records.quality.statistics import MOST_FINDINGS, Counts, Statistics
from udt.records.release.content import ReleasedSample

_MOST_WORDS = 25
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(slots=True)
class ReleaseCounts:
    """Counts of the samples of a release.

    :ivar cases: cases of each split.
    :ivar samples: samples of each split.
    :ivar sources: samples of each source.
    :ivar licences: licence of each source.
    :ivar labels: samples with each label, by dimension key.
    """

    cases: dict[str, set[int]] = field(default_factory=dict)
    samples: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    licences: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    lengths: Counter[int] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, samples: Iterable[ReleasedSample]) -> ReleaseCounts:
        """Count samples."""
        counts = cls()
        for sample in samples:
            counts.add(sample)
        return counts

    def add(self, sample: ReleasedSample) -> None:
        """Count one sample."""
        split = sample.split.value if sample.split else "none"
        self.samples[split] += 1
        self.cases.setdefault(split, set()).add(sample.case)
        self.sources[sample.source] += 1
        self.licences[sample.source] = sample.licence or ""
        for key, labels in sample.labels.items():
            self.labels.setdefault(key, Counter()).update(labels)
        words = _WORD.findall(sample.caption.lower())
        self.lengths[len(words)] += 1
        self.words.update(words)

    @property
    def splits(self) -> Mapping[str, tuple[int, int]]:
        """Cases and samples of each split, in the order of the splits."""
        return {split.value: (len(self.cases.get(split.value, ())), self.samples[split.value]) for split in Split}

    def statistics(self, vocabulary: Vocabulary) -> Statistics:
        """Return the counts as statistics of records, which tables and plots are made from."""
        places = [one.key for one in vocabulary.dimensions if one.role == "place"]
        inner = [one.key for one in vocabulary.dimensions if one.parents]
        rest = Counter({f"{k}: {v}": n for k, c in self.labels.items() if k not in places for v, n in c.items()})
        total = sum(self.samples.values())
        return Statistics(
            totals={"samples": total, "cases": sum(map(len, self.cases.values())), "sources": len(self.sources)},
            sources=_ranked(self.sources),
            splits=_ranked(self.samples),
            makers=(),
            systems=_ranked(sum((self.labels.get(k, Counter()) for k in places if k not in inner), Counter())),
            organs=_ranked(sum((self.labels.get(k, Counter()) for k in inner), Counter())),
            findings=_ranked(rest)[:MOST_FINDINGS],
            named_findings=(),
            lengths=tuple(sorted(self.lengths.items())),
            words=_ranked(self.words)[:_MOST_WORDS],
            vocabulary=len(self.words),
        )


def _ranked(counts: Counter[str]) -> Counts:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
