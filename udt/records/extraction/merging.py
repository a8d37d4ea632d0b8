"""Merge the labels of the rules and a model: those of the rules stay, a model fills the dimensions without any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from udt.core.report import Evidence, Report
from udt.records.extraction.stages import Stage
from udt.taxonomy.model.taxonomy import Taxonomy


class LabelMerge:
    """Merges labels of a text."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._parents = {
            (d.key, v.label): (outer.key, taxonomy[v.broader[0]].label)
            for d in taxonomy.tasks
            if (outer := taxonomy.enclosing(d)) is not None
            for v in d.values
        }

    def merge(
        self, report: Report, model: Sequence[Evidence], stages: Sequence[Stage]
    ) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
        """Return the labels of the model that count, and a description of each disagreement.

        :param stages: those that the model was asked for.
        """
        kept: list[Evidence] = []
        differences: list[str] = []
        for key in (key for stage in stages for key in stage.keys):
            own = [one for one in model if one.dimension == key]
            affirmed = {one.label for one in own if one.certainty != "absent"}
            by_rules, denied = set(report.labels[key]), set(report.absent[key])
            if by_rules:
                differences += _difference(key, by_rules, affirmed)
                continue
            if contradicted := affirmed & denied:
                differences.append(f"{key}: denied by the rules, model {_names(contradicted)}")
            kept += [one for one in own if one.label not in contradicted and self._is_placed(one, report, kept)]
        return tuple(kept), tuple(differences)

    def _is_placed(self, one: Evidence, report: Report, kept: Sequence[Evidence]) -> bool:
        """Return whether the outer place of a label, if it has one, counts as well."""
        parent = self._parents.get((one.dimension, one.label))
        if parent is None or one.certainty == "absent":
            return True
        key, label = parent
        return label in report.labels[key] or any((k.dimension, k.label) == parent for k in kept)


def _difference(key: str, by_rules: set[str], by_model: set[str]) -> Iterator[str]:
    if by_model != by_rules:
        yield f"{key}: rules {_names(by_rules)}, model {_names(by_model) or 'none'}"


def _names(labels: set[str]) -> str:
    return ", ".join(sorted(labels))
