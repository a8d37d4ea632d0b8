from __future__ import annotations

import shutil
import sys

import pyoxigraph as ox
import pytest

from tests.taxonomy.conftest import HEADER
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.reasoner import Reasoning, _logical_triples, punned_names, reason

pytestmark = pytest.mark.slow

needs_hermit = pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs Java, and none is installed")

# One finding for each defined class: the signs that have to be enough, and one near miss that must not be.
FINDINGS = {
    "SimpleCyst": ("D cyst , E anechoic , M well-defined , P enhancement", "D cyst , E anechoic , M well-defined"),
    "ComplexCyst": ("D cyst , I solid-components", "D cyst , E anechoic"),
    "SeptatedCyst": ("D cyst , I septations", "D mass , I septations"),
    "CystWithInternalEchoes": ("D cyst , E hypoechoic", "D cyst , I septations"),
    "CalcifiedMass": ("D mass , I calcifications", "D nodule , I calcifications"),
    "SolidHypoechoicIllDefinedMass": (
        "D mass , I solid-components , E hypoechoic , M ill-defined",
        "D mass , I solid-components , E hypoechoic , M well-defined",
    ),
    "HypervascularSolidMass": ("D mass , I solid-components , V increased", "D mass , I solid-components , V none"),
    "PartlyCysticMass": ("D mass , I mixed-cystic-solid", "D mass , I solid-components"),
    "AvascularCollection": ("D fluid-collection , V none", "D fluid-collection , V reduced"),
    "SeptatedCollection": ("D fluid-collection , I septations", "D fluid-collection , I calcifications"),
    "ShadowingCalcifiedLesion": ("I calcifications , P shadowing", "I calcifications , P enhancement"),
    "SuspiciousBreastMass": ("O breast , D mass , S irregular", "O liver , D mass , S irregular"),
    "CircumscribedOvalBreastMass": ("O breast , D nodule , S oval , M well-defined", "O breast , D nodule , S oval"),
    "EchogenicLiverLesion": ("O liver , D nodule , E hyperechoic", "O liver , D nodule , E hypoechoic"),
    "MixedAdnexalMass": (
        "O adnexa , D mass , I cystic-components , I solid-components",
        "O adnexa , D mass , I cystic-components",
    ),
    "SuspiciousThyroidNodule": (
        "O thyroid-gland , D nodule , E hypoechoic , I calcifications",
        "O thyroid-gland , D nodule , E hypoechoic",
    ),
}
LETTERS = {
    "D": ("ns:diagnosis", "udaf:diagnosis."),
    "E": ("ns:echogenicity", "udaf:echogenicity."),
    "I": ("ns:internalCharacteristics", "udaf:internal."),
    "M": ("ns:margins", "udaf:margins."),
    "O": ("ns:organ", "uhat:"),
    "P": ("ns:posteriorAcoustics", "udaf:posterior."),
    "S": ("ns:shape", "udaf:shape."),
    "V": ("ns:vascularity", "udaf:vascularity."),
}


def _finding(name: str, kind: str, signs: str) -> str:
    pairs = [sign.split() for sign in signs.split(" , ")]
    return (
        f"ex:{name} a ns:{kind} " + "".join(f"; {LETTERS[x][0]} {LETTERS[x][1]}{value} " for x, value in pairs) + ".\n"
    )


def _triples(body: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(HEADER + body, format=ox.RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def reasoning(taxonomy: Taxonomy) -> Reasoning:
    """The built-in taxonomy with a finding, a near miss and a denied finding for every defined class."""
    findings = "".join(
        _finding(name, "Finding", enough)
        + _finding(f"not{name}", "Finding", miss)
        + _finding(f"no{name}", "DeniedFinding", enough)
        for name, (enough, miss) in FINDINGS.items()
    )
    return reason(taxonomy, _triples(findings))


@needs_hermit
def test_the_ontology_is_consistent(reasoning: Reasoning) -> None:
    assert reasoning.status == "consistent", reasoning.message
    assert reasoning.unsatisfiable == ()
    assert reasoning.punned == ()


@needs_hermit
@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_is_classified_by_its_signs(reasoning: Reasoning, name: str) -> None:
    assert f"ns:{name}" in reasoning.types[f"https://example.org/{name}"]
    assert f"ns:{name}" not in reasoning.types[f"https://example.org/not{name}"]
    assert reasoning.types[f"https://example.org/no{name}"] == ("ns:DeniedFinding", "ns:Labelled")


@needs_hermit
def test_a_septated_cyst_is_inferred_to_be_complex(reasoning: Reasoning) -> None:
    assert ("ns:SeptatedCyst", "ns:ComplexCyst") in reasoning.inferred
    assert "ns:ComplexCyst" in reasoning.types["https://example.org/SeptatedCyst"]


def test_every_defined_class_has_a_finding(taxonomy: Taxonomy) -> None:
    defined = "SELECT ?c { ?c rdfs:subClassOf ns:Finding ; owl:equivalentClass ?x }"
    rows = taxonomy.store().query(defined, prefixes={"ns": "https://w3id.org/udt/ns#", **_W3})
    assert {row["c"].value.rpartition("#")[2] for row in rows} == FINDINGS.keys()


_W3 = {"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "owl": "http://www.w3.org/2002/07/owl#"}


@needs_hermit
@pytest.mark.parametrize(
    "contradiction",
    [
        "udaf:margins.well-defined a ns:BodySystem .",
        "udaf:margins.well-defined owl:sameAs udaf:margins.ill-defined .",
        "ex:x a ns:MarginsValue ; owl:differentFrom udaf:margins.well-defined , udaf:margins.ill-defined .",
        "ex:x a ns:Finding , ns:DeniedFinding .",
        "ex:x a ns:Finding ; ns:hasCertainty ns:Present , ns:Possible .",
    ],
    ids=["two kinds", "values are different", "closed partition", "denied and affirmed", "two certainties"],
)
def test_a_contradiction_is_found(small_core: None, contradiction: str) -> None:
    found = reason(Taxonomy.load(), _triples(contradiction))
    assert (found.status, found.message) == ("inconsistent", "HermiT: the ontology contradicts itself")


@needs_hermit
def test_a_value_of_an_extension_does_not_contradict_the_partition(turtle, small_core: None) -> None:
    value = 'ex:fuzzy a ns:MarginsValue , skos:Concept ; skos:prefLabel "fuzzy"@en ; skos:broader udaf:margins .'
    extended = Taxonomy.load(
        turtle(value + "ex:fuzzy owl:differentFrom udaf:margins.well-defined , udaf:margins.ill-defined .")
    )
    assert reason(extended).status == "consistent"


@needs_hermit
def test_unsatisfiable_classes_and_punned_names_are_reported(turtle, small_core: None) -> None:
    odd = "ex:Odd a owl:Class , owl:NamedIndividual ; rdfs:subClassOf ns:Organ , ns:Component ."
    found = reason(Taxonomy.load(turtle(odd)))
    assert found.unsatisfiable == ("https://example.org/Odd",)
    assert found.punned == ("https://example.org/Odd",)
    assert "can have no member: https://example.org/Odd" in found.message


def test_without_java_the_reasoner_is_unavailable(small_core: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("owlready2")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = reason(Taxonomy.load())
    assert found.status == "unavailable"
    assert "no Java was found; install a Java runtime" in found.message


def test_without_owlready2_the_reasoner_is_unavailable(small_core: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "owlready2", None)
    found = reason(Taxonomy.load())
    assert found.status == "unavailable"
    assert "pip install 'udt-toolkit[owl]'" in found.message


def test_imports_and_annotations_do_not_reach_the_reasoner() -> None:
    store = ox.Store()
    body = 'ex:o a owl:Ontology ; owl:imports <http://localhost:1/x.owl> ; rdfs:label "o" . ex:C a owl:Class .'
    store.load((HEADER + body).encode(), format=ox.RdfFormat.TURTLE)
    sent = _logical_triples(store).decode()
    assert "imports" not in sent
    assert "label" not in sent
    assert "<https://example.org/C>" in sent


def test_punned_names_are_those_used_as_both() -> None:
    store = ox.Store()
    store.load(
        (HEADER + "ex:C a owl:Class , owl:NamedIndividual . ex:i a owl:NamedIndividual .").encode(),
        format=ox.RdfFormat.TURTLE,
    )
    assert punned_names(store) == ("https://example.org/C",)
