"""The plan for a composite sample: its parts with their images, captions and labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from udt.core.report import Report
from udt.records.database.models import Certainty, ConceptRow, Maker, Provenance, SampleLabel
from udt.records.importing.labelling import labels_of
from udt.records.pairing.assign import FigurePart, PairingDoubt
from udt.records.pairing.composites import CompositeRow


class StatedLabel(NamedTuple):
    """A label of a sample by a person or a model."""

    concept_id: int
    dimension: str
    label: str
    provenance_id: int
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class SourceLabels:
    """The labels of a sample by their makers.

    :ivar by_rules: whether rules have labels of it.
    :ivar stated: those of persons and models.
    """

    by_rules: bool = False
    stated: tuple[StatedLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part of a composite sample.

    :ivar report: the reading of its caption.
    :ivar stated: the labels by persons and models that its caption names.
    """

    figure: FigurePart
    report: Report
    stated: tuple[StatedLabel, ...]


@dataclass(frozen=True, slots=True)
class PairingPlan:
    """The parts of a composite sample; `by_rules` is set if the readings of their captions are to be stored."""

    row: CompositeRow
    sha256: str
    parts: tuple[PlannedPart, ...]
    by_rules: bool


def source_labels(connection: Connection, samples: Sequence[int]) -> dict[int, SourceLabels]:
    """Return the labels of samples by their makers."""
    query = (
        select(
            SampleLabel.sample_id,
            Provenance.maker,
            SampleLabel.concept_id,
            ConceptRow.dimension,
            ConceptRow.label,
            SampleLabel.provenance_id,
            SampleLabel.certainty,
        )
        .join(Provenance, Provenance.id == SampleLabel.provenance_id)
        .join(ConceptRow, ConceptRow.id == SampleLabel.concept_id)
        .where(SampleLabel.sample_id.in_(samples))
        .order_by(SampleLabel.sample_id, SampleLabel.provenance_id, SampleLabel.concept_id)
    )
    rules: set[int] = set()
    stated: dict[int, list[StatedLabel]] = {}
    rows: Iterable[Any] = connection.execute(query)
    for sample, maker, *label in rows:
        if maker == Maker.RULE:
            rules.add(sample)
        else:
            stated.setdefault(sample, []).append(StatedLabel(*label))
    return {sample: SourceLabels(sample in rules, tuple(stated.get(sample, ()))) for sample in samples}


def divide_labels(stated: Sequence[StatedLabel], reports: Sequence[Report]) -> list[tuple[StatedLabel, ...]]:
    """Return the labels by persons and models for each part: those that its caption names with the same polarity.

    :param reports: the readings of the captions of the parts.
    :raises PairingDoubt: if a label is named by no caption, since the part that it belongs to is not known.
    """
    divided = []
    for report in reports:
        named = {(key, label, certainty == Certainty.ABSENT) for key, label, certainty, _ in labels_of(report)}
        divided.append(tuple(one for one in stated if (*one[1:3], one.certainty == Certainty.ABSENT) in named))
    lost = len(set(stated) - {one for labels in divided for one in labels})
    if lost:
        raise PairingDoubt(f"{lost} of {len(stated)} labels of the data set are named by no part of the caption")
    return divided
