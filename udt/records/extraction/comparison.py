"""Compare engines on texts with gold labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from udt.records.extraction.costs import Prices, TokenUse, use_rows, use_to_dict
from udt.records.extraction.engines import Engine, affirmed_labels
from udt.scoring.gold import GoldRecord
from udt.scoring.labels import LabelEvaluation, PrecisionRecall, evaluate_labels


@dataclass(frozen=True, slots=True)
class EngineScore:
    """The agreement of an engine with gold.

    :ivar model: the model with the version of its prompts, or None.
    :ivar asked: texts about which a model was asked.
    :ivar faults: number of texts without a usable answer of the model, for each reason.
    :ivar refused: number of labels of the model that were refused, for each reason.
    :ivar flagged: texts with a doubt for a person.
    :ivar seconds: time for all texts.
    """

    engine: str
    model: str | None
    labels: LabelEvaluation
    use: TokenUse
    asked: int
    faults: Counter[str]
    refused: Counter[str]
    flagged: int
    seconds: float

    def to_dict(self, prices: Prices) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        return {
            "engine": self.engine,
            "model": self.model,
            **self.labels.to_dict(),
            "asked": self.asked,
            "faults": dict(self.faults),
            "refused": dict(self.refused),
            "flagged": self.flagged,
            "use": use_to_dict(self.use, prices),
            "seconds": self.seconds,
        }


def score_engine(
    engine: Engine, gold: Sequence[GoldRecord], keys: Sequence[str], *, bootstrap: int = 0, seed: int = 0
) -> EngineScore:
    """Read the texts of gold records, and score the labels that are present or possible.

    A text without a usable answer of a model has the labels of the rules, if the engine keeps them, or none.

    :param keys: the dimensions, in order.
    :param bootstrap: resamples of the records for the intervals; 0 for none.
    :raises DataError: if a model cannot be asked.
    """
    started = perf_counter()
    found = list(engine.read([record.text for record in gold]))
    seconds = perf_counter() - started
    use = TokenUse()
    for one in found:
        use.add(one.use)
    predicted = [affirmed_labels(one, engine, keys) for one in found]
    return EngineScore(
        engine.name,
        engine.model,
        evaluate_labels([record.labels for record in gold], predicted, keys, bootstrap=bootstrap, seed=seed),
        use,
        sum(one.asked for one in found),
        Counter(one.fault for one in found if one.fault is not None),
        Counter(reason for one in found for reason in one.refused),
        sum(bool(one.flags) for one in found),
        seconds,
    )


def score_rows(scores: Sequence[EngineScore]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each dimension, and for all labels together: name, support, and three figures of each engine."""
    for key, one in scores[0].labels.dimensions.items():
        yield key, f"{one.support:,}", *_figures([score.labels.dimensions[key] for score in scores])
    micro = [score.labels.micro for score in scores]
    yield "micro", f"{micro[0].support:,}", *_figures(micro)


def _figures(found: Sequence[PrecisionRecall]) -> list[str]:
    return [f"{value:.3f}" for one in found for value in (one.precision, one.recall, one.f1)]


def count_rows(scores: Sequence[EngineScore], prices: Prices) -> Iterator[tuple[str, ...]]:
    """Yield a row for each other figure: name, and the value of each engine."""
    columns = [dict(_counts(score, prices)) for score in scores]
    for name in dict.fromkeys(name for column in columns for name in column):
        yield name, *(column.get(name, "") for column in columns)


def _counts(score: EngineScore, prices: Prices) -> Iterator[tuple[str, str]]:
    labels = score.labels
    for name, interval in ("micro F1", labels.micro_interval), ("macro F1", labels.macro_interval):
        if interval is not None:
            yield f"{name}, 95 %", f"{interval.low:.3f} to {interval.high:.3f}"
    yield "macro F1", f"{labels.macro_f1:.3f}"
    yield "exact match", f"{labels.exact_match:.3f}"
    if score.model is not None:
        yield "given to the model", f"{score.asked:,}"
        yield "without a usable answer", f"{score.faults.total():,}"
        yield "labels refused", f"{score.refused.total():,}"
        yield "texts with a flag", f"{score.flagged:,}"
        yield from use_rows(score.use, prices)
    yield "seconds", f"{score.seconds:.1f}"
