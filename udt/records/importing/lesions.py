"""Reports of the rows of a table: the one lesion that a row describes, and the patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from udt.core.labels import LabelSet
from udt.core.report import NOT_STATED, Certainty, Finding, Interpretation, LabelSets, NamedConcept, Report
from udt.core.vocabulary import Vocabulary
from udt.normalize.findings.group import NORMAL
from udt.records.database.concepts import named_concept
from udt.records.importing.sample import NewSample, RowLesion
from udt.taxonomy.model.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class LesionReports:
    """Makes the reports of rows.

    :ivar vocabulary: the labels that the samples can have.
    """

    taxonomy: Taxonomy
    vocabulary: Vocabulary

    def of(self, sample: NewSample) -> Report | None:
        """Return the report of a row, without labels; None if it states nothing beside its labels."""
        finding = None if sample.lesion is None else self._finding(sample, sample.lesion)
        if finding is None and sample.patient == NOT_STATED:
            return None
        no_labels: LabelSets = {}
        return Report(
            id="",
            text="",
            language="",
            text_sha256="",
            labels=no_labels,
            possible=no_labels,
            absent=no_labels,
            sections=(),
            findings=() if finding is None else (finding,),
            taxonomy_version="",
            tool_version="",
            patient=sample.patient,
        )

    def _finding(self, sample: NewSample, lesion: RowLesion) -> Finding | None:
        """Return the finding of a row; None if the row names no more than a place."""
        tasks, attributes = self._label_sets(sample.labels, sample.possible)
        roles = {self.vocabulary[key].role for key in (*tasks, *attributes)}
        if not lesion.concepts and not lesion.interpretations and roles <= {"place"}:
            return None
        stated = lesion.concepts or tuple(self._types(sample.labels))
        offered = lesion.interpretations or tuple(self._types(sample.possible))
        concept = stated[0] if stated else None
        organs = [label for d in self.vocabulary.dimensions if d.role == "place" for label in tasks.get(d.key, ())]
        return Finding(
            id="f1",
            certainty="present",
            section=None,
            organ=organs[-1] if organs else None,
            laterality=lesion.laterality,
            labels=tasks,
            measurements=(),
            evidence=(),
            start=0,
            end=0,
            attributes=attributes,
            kind="state" if concept is not None and concept.concept == NORMAL else "lesion",
            concept=concept,
            interpretations=(*_interpretations(stated[1:], "present"), *_interpretations(offered, "possible")),
        )

    def _label_sets(self, *sets: LabelSet) -> tuple[LabelSets, LabelSets]:
        """Return labels by dimension: those of classification tasks, and those of other dimensions."""
        found: dict[str, list[str]] = defaultdict(list)
        for number, label in sorted({pair for labels in sets for pair in labels.pairs()}):
            dimension = self.vocabulary.dimensions[number]
            found[dimension.key].append(dimension.labels[label])
        tasks = {d.key for d in self.vocabulary.dimensions if d.task is not None}
        return (
            {key: tuple(labels) for key, labels in found.items() if key in tasks},
            {key: tuple(labels) for key, labels in found.items() if key not in tasks},
        )

    def _types(self, labels: LabelSet) -> Iterator[NamedConcept]:
        """Yield the types of finding among labels."""
        for number, label in labels.pairs():
            dimension = self.vocabulary.dimensions[number]
            if dimension.role == "diagnosis":
                yield named_concept(self.taxonomy[dimension.iris[label]])


def _interpretations(concepts: tuple[NamedConcept, ...], certainty: Certainty) -> Iterator[Interpretation]:
    for concept in concepts:
        yield Interpretation(concept, certainty, cue=None, start=0, end=0, text="")
