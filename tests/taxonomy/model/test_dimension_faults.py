"""A dimension works everywhere, or it is refused with its file, its name and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.taxonomy.conftest import WriteTurtle
from udt.core.errors import TaxonomyError
from udt.core.reserved import RESERVED_KEYS, RESERVED_PREFIXES
from udt.core.vocabulary import ALL_DIMENSIONS
from udt.io.rows import ID_COLUMNS, TEXT_COLUMNS
from udt.records.importing.mapping import FIELDS
from udt.taxonomy.model.taxonomy import Taxonomy

VALUES = """
ns:WarmthValue a owl:Class ; rdfs:subClassOf ns:Value .
udaf:warmth.warm a ns:WarmthValue , skos:Concept ; skos:prefLabel "warm"@en ; skos:broader udaf:warmth .
"""


def _dimension(**changes: str) -> str:
    """Return a dimension in Turtle; a change to `""` leaves a property out."""
    own = {"key": '"warmth"', "task": "10", "valueClass": "ns:WarmthValue", **changes}
    pairs = "".join(f" ;\n    ns:{name} {value}" for name, value in own.items() if value)
    return f'udaf:warmth a ns:Dimension , skos:Concept ; skos:prefLabel "Warmth"@en{pairs} .\n'


def _faults(*extensions: Path) -> list[str]:
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.load(*extensions)
    return caught.value.faults


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"task": ""},
        {"task": "1000"},
        {"role": "ns:AttributeRole"},
        {"role": "ns:PlaceRole"},
        {"role": "ns:DiagnosisRole"},
        {"inProfile": "ns:PaperProfile"},
        {"prompt": '"a {label} lesion"'},
        {"key": '"laterality"', "labelProperty": "ns:hasSide"},
        {"labelProperty": "ex:hasWarmth"},
    ],
)
def test_a_dimension_of_an_extension_is_loaded(turtle: WriteTurtle, small_core: None, changes: dict[str, str]) -> None:
    taxonomy = Taxonomy.load(turtle(_dimension(**changes) + VALUES))
    (dimension,) = (d for d in taxonomy.dimensions if d.concept.curie == "udaf:warmth")
    assert dimension.labels == ("warm",)
    assert (dimension in taxonomy.tasks) == (changes.get("task") != "")


@pytest.mark.parametrize(
    ("changes", "fault"),
    {
        "no key": ({"key": ""}, "has no ns:key; a dimension has exactly one"),
        "two keys": ({"key": '"warmth" , "heat"'}, "has 2 values of ns:key; a dimension has exactly one"),
        "key with a capital": ({"key": '"Warmth"'}, "has ns:key 'Warmth'; allowed: lower-case letters, digits and '_'"),
        "key with a space": ({"key": '"warm th"'}, "has ns:key 'warm th'; allowed: lower-case letters"),
        "key with a digit first": ({"key": '"2nd"'}, "has ns:key '2nd'; allowed: lower-case letters"),
        "too long key": ({"key": f'"{"warmth" * 11}"'}, "; allowed: lower-case letters"),
        "key of another column": ({"key": '"caption"'}, "has ns:key 'caption', which is the name of another column"),
        "key of a hedged label": ({"key": '"possible_warmth"'}, "begin columns of hedged, denied and other labels"),
        "key of a label of captions": ({"key": '"caption_warmth"'}, "'caption_' begin columns of"),
        "key in use": ({"key": '"margins"'}, "has ns:key margins, as small.ttl: udaf:margins has; give it another"),
        "key of another property": (
            {"key": '"laterality"'},
            "has the property ns:laterality, which is an owl:DatatypeProperty and means something else; choose another",
        ),
        "key of a rule": ({"key": '"composition"'}, "which is an owl:AnnotationProperty and means something else"),
        "key of an object property": ({"key": '"concept"'}, "which has the range skos:Concept and means something"),
        "property of another dimension": (
            {"labelProperty": "ns:margins"},
            "has the property ns:margins, which has the range ns:MarginsValue and means something else",
        ),
        "two tasks": ({"task": "10 , 11"}, "has 2 values of ns:task; a dimension has at most one; keep one"),
        "task in use": ({"task": "5"}, "has ns:task 5, as small.ttl: udaf:margins has; give it another"),
        "task 0": ({"task": "0"}, "has ns:task 0; allowed: 1 to 1,000; leave it out for a dimension of reports alone"),
        "too high task": ({"task": "99999999"}, "has ns:task 99999999; allowed: 1 to 1,000"),
        "task in quotes": ({"task": '"ten"'}, "has ns:task 'ten'; give a whole number without quotes"),
        "unknown role": (
            {"role": "ns:AtributeRole"},
            "has ns:role ns:AtributeRole; did you mean ns:AttributeRole?; allowed: ns:PlaceRole, ns:DiagnosisRole",
        ),
        "two roles": ({"role": "ns:PlaceRole , ns:AttributeRole"}, "has 2 values of ns:role; a dimension has at most"),
        "unknown profile": (
            {"inProfile": "ns:PapierProfile"},
            "has ns:inProfile ns:PapierProfile, which is no profile; declare it as an ns:Profile, or take one of: "
            "ns:PaperProfile",
        ),
        "prompt of all values": (
            {"prompt": '"a lesion"'},
            "has an ns:prompt that is the same for all its values; write {label} at the place of the label",
        ),
        "no class": ({"valueClass": ""}, "has no ns:valueClass; a dimension has exactly one"),
        "unknown class": (
            {"valueClass": "ns:WarmhtValue"},
            "has ns:valueClass ns:WarmhtValue, an unknown class; did you mean WarmthValue?",
        ),
        "class of another dimension": (
            {"valueClass": "ns:MarginsValue"},
            "has ns:valueClass ns:MarginsValue, as small.ttl: udaf:margins has; give it another",
        ),
        "class of cues": (
            {"valueClass": "ns:NegationCue"},
            "has ns:valueClass ns:NegationCue, whose members are not read as labels; declare ns:NegationCue "
            "rdfs:subClassOf ns:Value",
        ),
        "anatomy without the role": (
            {"valueClass": "ns:Component"},
            "has the places of ns:Component as values; give it ns:role ns:PlaceRole",
        ),
        "no value": (
            {"valueClass": "ns:VascularityValue"},
            "has no value; add members of its class ns:VascularityValue, each with skos:broader udaf:warmth",
        ),
    }.values(),
    ids=str,
)
def test_a_dimension_that_would_not_work_is_refused(
    turtle: WriteTurtle, small_core: None, changes: dict[str, str], fault: str
) -> None:
    faults = _faults(turtle(_dimension(**changes) + VALUES))
    assert any(one.startswith("extra.ttl: udaf:warmth ") and fault in one for one in faults), faults


def test_two_tables_cannot_share_a_property(turtle: WriteTurtle, small_core: None) -> None:
    """The keys differ, but the names of their properties do not."""
    other = (_dimension(key='"a__b"', task="11") + VALUES).replace("warmth", "heat").replace("Warmth", "Heat")
    faults = _faults(turtle(_dimension(key='"a_b"') + VALUES + other.replace('"warm"', '"hot"')))
    assert [fault for fault in faults if "has the property ns:aB, as extra.ttl" in fault]


@pytest.mark.parametrize("name", ["aardvark", "zebra"])
def test_of_two_dimensions_that_clash_the_one_of_the_extension_is_named(
    turtle: WriteTurtle, small_core: None, name: str
) -> None:
    """Also if its name comes first."""
    text = (_dimension(key=f'"{name}"', task="5") + VALUES).replace("udaf:warmth", f"udaf:{name}")
    assert _faults(turtle(text)) == [
        f"extra.ttl: udaf:{name} has ns:task 5, as small.ttl: udaf:margins has; give it another"
    ]


def test_a_second_dimension_of_diagnoses_is_refused(turtle: WriteTurtle) -> None:
    faults = _faults(turtle(_dimension(role="ns:DiagnosisRole") + VALUES))
    assert faults == [
        "extra.ttl: udaf:warmth has ns:role ns:DiagnosisRole, as udaf.ttl: udaf:diagnosis has; types of finding are "
        "one dimension; make this one an ns:AttributeRole, or add its values to that one"
    ]


def test_a_class_has_the_name_by_which_values_are_known(turtle: WriteTurtle, small_core: None) -> None:
    faults = _faults(turtle((_dimension() + VALUES).replace("WarmthValue", "Warmth")))
    assert faults == [
        "extra.ttl: udaf:warmth has ns:valueClass ns:Warmth; name the class ns:…Value, by which values are known"
    ]


def test_a_dimension_without_a_label_is_refused(turtle: WriteTurtle, small_core: None) -> None:
    (fault,) = _faults(
        turtle((_dimension() + VALUES).replace('skos:prefLabel "Warmth"@en', 'skos:prefLabel "Wärme"@de'))
    )
    assert "udaf:warmth has no skos:prefLabel in English" in fault


def test_columns_of_other_tables_are_reserved() -> None:
    names = {*FIELDS, *ID_COLUMNS, *TEXT_COLUMNS, "attributes", ALL_DIMENSIONS}
    assert names <= RESERVED_KEYS
    assert RESERVED_PREFIXES == ("possible_", "absent_", "caption_")


def test_columns_of_bundles_are_reserved() -> None:
    from udt.bundle.reader import caption_column, samples_schema

    assert set(samples_schema((), "path").names) <= RESERVED_KEYS
    assert caption_column("shape").startswith(RESERVED_PREFIXES)
