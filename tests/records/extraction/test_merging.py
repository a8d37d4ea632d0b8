"""The labels of the rules stay; a model fills the dimensions without any, and differences are described."""

from __future__ import annotations

import pytest

from udt.core.report import Evidence
from udt.normalize.normalizer import Normalizer
from udt.records.extraction.merging import LabelMerge
from udt.records.extraction.stages import stages_of
from udt.taxonomy.model.taxonomy import Taxonomy

ABDOMEN = "Abdomen and retroperitoneum"


@pytest.fixture(scope="module")
def merge(taxonomy: Taxonomy) -> LabelMerge:
    return LabelMerge(taxonomy)


@pytest.mark.parametrize(
    ("text", "given", "kept", "differences"),
    [
        ("Cyst.", ["shape: oval"], ["shape: oval"], ["diagnosis: rules cyst, model none"]),
        ("Anechoic cyst.", ["diagnosis: cyst", "echogenicity: anechoic"], [], []),
        ("Cyst.", ["diagnosis: mass"], [], ["diagnosis: rules cyst, model mass"]),
        ("Cyst.", ["diagnosis: cyst", "diagnosis: mass"], [], ["diagnosis: rules cyst, model cyst, mass"]),
        ("No cyst.", ["diagnosis: cyst"], [], ["diagnosis: denied by the rules, model cyst"]),
        ("No cyst.", ["diagnosis: mass"], ["diagnosis: mass"], []),
        ("No lesion.", [f"body_system: {ABDOMEN}", "organ: Liver"], [f"body_system: {ABDOMEN}", "organ: Liver"], []),
        ("Abdomen.", [f"body_system: {ABDOMEN}", "organ: Liver"], ["organ: Liver"], []),
        ("Chest.", [f"body_system: {ABDOMEN}", "organ: Liver"], [], [f"body_system: rules Thorax, model {ABDOMEN}"]),
    ],
    ids=["filled", "agreement", "other", "more", "denied", "beside denied", "places", "organ alone", "other system"],
)  # fmt: skip
def test_merge(
    merge: LabelMerge,
    taxonomy: Taxonomy,
    normalizer: Normalizer,
    text: str,
    given: list[str],
    kept: list[str],
    differences: list[str],
) -> None:
    pairs = [one.split(": ") for one in given]
    model = [Evidence(key, label, "", 0, 1, text[0], "present") for key, label in pairs]
    found, described = merge.merge(normalizer.normalize(text), model, stages_of(taxonomy))
    assert [f"{one.dimension}: {one.label}" for one in found] == kept
    assert list(described) == differences


def test_dimensions_of_other_stages_are_left_alone(
    merge: LabelMerge, taxonomy: Taxonomy, normalizer: Normalizer
) -> None:
    anatomy = stages_of(taxonomy)[:1]
    assert merge.merge(normalizer.normalize("Anechoic cyst."), [], anatomy) == ((), ())


def test_denied_labels_of_a_model_are_no_difference(
    merge: LabelMerge, taxonomy: Taxonomy, normalizer: Normalizer
) -> None:
    model = [Evidence("shape", "oval", "", 0, 1, "N", "absent"), Evidence("diagnosis", "mass", "", 0, 1, "N", "absent")]
    found, described = merge.merge(normalizer.normalize("No bean. Liver cyst."), model, stages_of(taxonomy)[1:])
    assert [one.label for one in found] == ["oval"]
    assert described == ("diagnosis: rules cyst, model none",)
