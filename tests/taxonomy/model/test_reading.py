"""How dimensions are read, and the dimensions of the modules."""

from __future__ import annotations

import pytest

from udt.core.errors import TaxonomyError
from udt.taxonomy.model.describe import find, overview
from udt.taxonomy.model.taxonomy import Taxonomy

DIMENSION = """
ns:GleamValue a owl:Class ; rdfs:subClassOf ns:Value .
ex:gleam a ns:Dimension , skos:Concept ; skos:prefLabel "gleam"@en ; ns:key "gleam" ; ns:valueClass ns:GleamValue {} .
ex:faint a ns:GleamValue , skos:Concept ; skos:prefLabel "faint"@en ; skos:broader ex:gleam {} .
ex:module a ns:Module , skos:Concept ; skos:prefLabel "optics"@en {} .
"""


@pytest.mark.parametrize(
    ("dimension", "module", "reading"),
    [
        pytest.param("; ns:task 10", "", "label", id="with a task"),
        pytest.param("", "", "attribute", id="without a task"),
        pytest.param("; ns:task 10 ; ns:reading ns:AsAttribute", "", "attribute", id="as attribute"),
        pytest.param("; ns:reading ns:AsLabel", "", "label", id="as label"),
        pytest.param("; ns:reading ns:AsAttribute , ns:NotRead", "", "none", id="not read"),
        pytest.param("; ns:module ex:module", "; ns:reading ns:NotRead", "none", id="module that is not read"),
        pytest.param("; ns:task 10 ; ns:module ex:module", "", "label", id="module that is read"),
    ],
)
def test_reading(turtle, small_core: None, dimension: str, module: str, reading: str) -> None:
    taxonomy = Taxonomy.load(turtle(DIMENSION.format(dimension, "", module)))
    assert taxonomy.dimension("gleam").reading == reading
    assert taxonomy.is_apart(taxonomy["ex:faint"]) == (reading != "label")


@pytest.mark.parametrize(
    ("dimension", "value", "fault"),
    [
        pytest.param("; ns:reading ns:Loud", "", "has ns:reading ns:Loud; allowed: ns:AsLabel", id="unknown"),
        pytest.param("; ns:reading ns:AsLabel , ns:AsAttribute", "", "keep one", id="two readings"),
        pytest.param("; ns:module ex:faint", "", "has ns:module ex:faint, which is no module", id="no module"),
        pytest.param("; ns:module ex:none", "", "has ns:module ex:none, which does not exist", id="missing module"),
        pytest.param("; ns:qualifies ex:none", "", "ns:qualifies ex:none, which does not exist", id="missing concept"),
        pytest.param("", "; ns:opposite udaf:margins.ill-defined", "a value of another dimension", id="opposite"),
    ],
)
def test_faults(turtle, small_core: None, dimension: str, value: str, fault: str) -> None:
    with pytest.raises(TaxonomyError, match=fault):
        Taxonomy.load(turtle(DIMENSION.format(dimension, value, "")))


def test_attributes_may_share_labels_with_other_concepts(turtle, small_core: None) -> None:
    shared = DIMENSION.replace('"faint"', '"liver"').format("", "", "")
    taxonomy = Taxonomy.load(turtle(shared))
    assert taxonomy["liver"].curie == find(taxonomy, "liver").curie == "uhat:liver"
    with pytest.raises(TaxonomyError, match=r"the label 'liver' \(en\) is on 2 concepts"):
        Taxonomy.load(turtle(DIMENSION.replace('"faint"', '"liver"').format("; ns:task 10", "", "")))


def test_a_name_of_an_attribute_is_found_if_no_other_concept_has_it(taxonomy: Taxonomy) -> None:
    assert taxonomy["mild"].curie == "udaf:severity.mild"
    assert taxonomy["irregular"].curie == "udaf:shape.irregular"
    assert find(taxonomy, "oedema").kind == "FindingTerm"


def test_the_dimensions_of_modules(taxonomy: Taxonomy) -> None:
    """They have a module, a source and an order of their own, and no model is trained on them."""
    own = [dimension for dimension in taxonomy.dimensions if dimension.concept.one("module")]
    assert len(own) == 111
    assert sum(len(dimension.values) for dimension in own) == 626
    for dimension in own:
        concept = dimension.concept
        assert (dimension.task, dimension.role, dimension.profiles) == (None, "attribute", ())
        assert dimension.reading in {"attribute", "none"}
        assert taxonomy[concept.one("module") or ""].kind == "Module"
        assert concept.curie == f"udaf:{dimension.key.replace('_', '-')}"
        assert [value.order for value in dimension.values] == list(range(1, len(dimension.values) + 1))
        assert all(value.curie.startswith(concept.curie + ".") for value in dimension.values)
    orders = [dimension.concept.order for dimension in own]
    assert orders == sorted(set(orders))


@pytest.mark.parametrize(
    ("key", "scale"),
    [
        ("severity", ["minimal", "mild", "moderate", "marked", "severe", "critical"]),
        ("acr_ti_rads", [f"TI-RADS {level}" for level in range(1, 6)]),
        ("bi_rads", ["BI-RADS 1", "BI-RADS 2", "BI-RADS 3", "BI-RADS 4A", "BI-RADS 4B", "BI-RADS 4C", "BI-RADS 5"]),
        ("bosniak", ["Bosniak I", "Bosniak II", "Bosniak IIF", "Bosniak III", "Bosniak IV"]),
        ("thrombus_degree", ["non-occlusive", "occlusive"]),
        ("fibroid_figo", []),
    ],
)
def test_scales(taxonomy: Taxonomy, key: str, scale: list[str]) -> None:
    values = taxonomy.dimension(key).values
    placed = sorted((value.number("ordinal"), value.label) for value in values if value.number("ordinal") is not None)
    assert [label for _, label in placed] == scale


def test_the_overview_shows_the_dimensions_of_a_module_below_it(taxonomy: Taxonomy) -> None:
    modules = overview(taxonomy, 1)["modules"]
    assert len(modules) == 13
    assert not any("children" in entry for entry in modules)
    deeper = {entry["curie"]: entry for entry in overview(taxonomy, 3)["modules"]}
    contrast = deeper["udaf:module.contrast"]["children"]
    assert [dimension["curie"] for dimension in contrast] == ["udaf:ceus-arterial", "udaf:ceus-washout"]
    assert contrast[0]["children"][0]["label"] == "arterial hyperenhancement"
