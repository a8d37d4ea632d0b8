"""Figures of agreement, computed from the counts.

A figure without anything to count has no value. Precision is `tp / (tp + fp)`, recall `tp / (tp + fn)`, and F1
`2·tp / (2·tp + fp + fn)`, unless the docstring of a group states otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_DETECTION = {
    "detection": "abnormal",
    "affirmed": "affirmed",
    "denied": "denied",
    "normals": "normal",
    "organs": "organ",
}
_FIELDS = ("organ", "organ_exactly", "site", "laterality", "laterality_stated", "certainty", "time", "details")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    :ivar group: heading under which it is listed.
    :ivar value: a share in [0, 1], or a number of errors; None if there is nothing to count.
    :ivar right: numerator of a share; None for a harmonic mean or a number of errors.
    :ivar total: denominator of a share, or None.
    """

    group: str
    name: str
    value: float | int | None
    right: int | None = None
    total: int | None = None


def figures_of(counts: Mapping[str, int]) -> tuple[Figure, ...]:
    """Return all figures in the order of the table; a count that is missing is 0."""
    complete = Counter(counts)
    return (
        *_detection(complete),
        *_concepts(complete),
        *(_share("fields", name, complete[f"{name}_right"], complete[f"{name}_total"]) for name in _FIELDS),
        *_labels(complete),
        *_measurements(complete),
        *_lesions(complete),
        *_documents(complete),
    )


def figure_names() -> tuple[str, ...]:
    """Return the names of all figures."""
    return tuple(figure.name for figure in figures_of({}))


def _share(group: str, name: str, right: int, total: int) -> Figure:
    return Figure(group, name, right / total if total else None, right, total)


def _f1(group: str, name: str, counts: Counter[str], count: str) -> Figure:
    true, wrong = counts[f"{count}_tp"], counts[f"{count}_fp"] + counts[f"{count}_fn"]
    return _share(group, name, 2 * true, 2 * true + wrong)


def _precision_recall(group: str, name: str, counts: Counter[str], count: str) -> Iterator[Figure]:
    true = counts[f"{count}_tp"]
    yield _share(group, f"{name}_p", true, true + counts[f"{count}_fp"])
    yield _share(group, f"{name}_r", true, true + counts[f"{count}_fn"])
    yield _f1(group, f"{name}_f1", counts, count)


def _detection(counts: Counter[str]) -> Iterator[Figure]:
    for name, count in _DETECTION.items():
        yield from _precision_recall("detection", name, counts, count)
    yield Figure("detection", "denied_as_present", counts["denied_as_present"])
    yield _share("detection", "evidence", counts["evidence_right"], counts["evidence_total"])


def _concepts(counts: Counter[str]) -> Iterator[Figure]:
    """Yield the shares of right concepts on pairs, and the F1 over all gold and all stated concepts."""
    right, pairs = counts["concept_right"], counts["concept_total"]
    yield _share("concepts", "concept", right, pairs)
    yield _share("concepts", "concept_or_broader", counts["concept_right_or_broader"], pairs)
    stated = max(counts["concept_stated"], right)
    yield _share("concepts", "concept_f1", 2 * right, counts["concept_gold"] + stated)


def _labels(counts: Counter[str]) -> Iterator[Figure]:
    """Yield the scores of the labels on the right finding; the last two on paired findings alone."""
    yield from _precision_recall("labels", "labels", counts, "labels")
    yield _f1("labels", "diagnosis_matched_f1", counts, "diagnosis")
    yield _f1("labels", "attribute_matched_f1", counts, "attributes")


def _measurements(counts: Counter[str]) -> Iterator[Figure]:
    """Yield the scores of value and owner; F1 is the harmonic mean, since recall counts gold, precision predictions."""
    group = "measurements"
    precision = _share(
        group, "measurements_p", counts["measurements_predicted_right"], counts["measurements_predicted_total"]
    )
    recall = _share(group, "measurements_r", counts["measurements_right"], counts["measurements_total"])
    yield from (precision, recall, _harmonic(group, "measurements_f1", precision.value, recall))
    for name in ("role", "quantity", "comparator"):
        yield _share(group, name, counts[f"{name}_right"], counts[f"{name}_total"])


def _lesions(counts: Counter[str]) -> Iterator[Figure]:
    """Yield the scores of links and of the number of lesions.

    The F1 of links is the harmonic mean; without predicted links the precision counts as 1, if gold links are served by
    one finding. `lesions_counted` is 1 minus the sum of the differences by report over the gold number, at least 0.
    """
    precision = _share("lesions", "same_as_p", counts["links_predicted_right"], counts["links_predicted_total"])
    recall = _share("lesions", "same_as_r", counts["links_right"], counts["links_total"])
    by_shared_evidence = precision.value is None and recall.value
    yield from (precision, recall)
    yield _harmonic("lesions", "same_as_f1", 1.0 if by_shared_evidence else precision.value, recall)
    gold, abnormal = counts["lesions_gold"], counts["abnormal_tp"] + counts["abnormal_fn"]
    counted = max(0.0, 1 - counts["lesions_difference"] / gold) if gold else None
    yield Figure("lesions", "lesions_counted", counted)
    yield _share("lesions", "split_rate", counts["split"], abnormal)
    yield _share("lesions", "merge_rate", counts["merged"], abnormal)


def _harmonic(group: str, name: str, precision: float | int | None, recall: Figure) -> Figure:
    """Return the harmonic mean of precision and recall; 0 if one of them is 0, None without gold."""
    if precision and recall.value:
        return Figure(group, name, 2 * precision * recall.value / (precision + recall.value))
    return Figure(group, name, 0.0 if recall.total else None)


def _documents(counts: Counter[str]) -> Iterator[Figure]:
    for name in ("labels", "absent"):
        yield _f1("documents", f"document_{name}_f1", counts, f"document_{name}")
    yield Figure("documents", "contradictions", counts["contradictions"])
