"""Turtle and JSON-LD of a report that has a value in every field."""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import replace
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from tests.io.writers.handmade import FINDINGS, REPORT, TEXT, UNKNOWN, at
from udt.core.errors import DataError
from udt.core.report import Finding, Measurement, Report
from udt.io.writers.base import Settings
from udt.io.writers.rdf.nodes import PREFIXES
from udt.io.writers.rdf.quantities import KINDS, UNITS
from udt.io.writers.registry import write_reports, writer
from udt.io.writers.vocabulary import LabelIris
from udt.taxonomy.model.namespaces import compress
from udt.taxonomy.model.schema_terms import schema_terms
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.shacl import validate

BASE = "https://example.org/reports/"
F = "case%201#f"
PREFIX = "".join(f"PREFIX {name}: <{namespace}> " for name, namespace in PREFIXES.items())


@pytest.fixture(autouse=True)
def fake() -> None:
    """Use the real taxonomy here."""


def written(reports: list[Report], format: str, **settings: Any) -> bytes:
    handle = io.BytesIO()
    write_reports(iter(reports), handle, format, Settings(**{"base_iri": BASE} | settings))
    return handle.getvalue()


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return _store(written([REPORT, UNKNOWN], "ttl"))


def _store(data: bytes) -> ox.Store:
    store = ox.Store()
    store.load(data, format=ox.RdfFormat.TURTLE)
    return store


def select(store: ox.Store, where: str, variables: str = "*") -> list[tuple[str, ...]]:
    """Return the solutions, sorted, with short IRIs of the base and of the ontology."""
    solutions = store.query(f"{PREFIX} SELECT {variables} WHERE {{ {where} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    return sorted(tuple("" if term is None else _short(term) for term in row) for row in solutions)


def _short(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    if isinstance(term, ox.Triple):
        raise TypeError("there are no triples in triples here")
    value = term.value.removeprefix(BASE)
    for prefix, namespace in PREFIXES.items():
        if value.startswith(namespace):
            return f"{prefix}:{value[len(namespace) :]}"
    return value


def _graph(data: bytes, format: str) -> Graph:
    with warnings.catch_warnings():
        # The parser of rdflib uses a class of its own that rdflib has deprecated.
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return Graph().parse(data=data, format=format)


def test_both_syntaxes_have_the_same_triples() -> None:
    for settings in ({}, {"base_iri": ""}, {"private": True}):
        turtle, jsonld = (written([REPORT, UNKNOWN], format, **settings) for format in ("ttl", "jsonld"))
        graphs = _graph(turtle, "turtle"), _graph(jsonld, "json-ld")
        assert len(graphs[0]) > 400 and isomorphic(*graphs)


def test_json_ld_is_one_object_with_nested_findings() -> None:
    whole = json.loads(written([REPORT, UNKNOWN], "jsonld"))
    assert list(whole) == ["@context", "@graph"]
    record, other = whole["@graph"]
    assert record["type"] == "LabelledRecord" and other["languageSupport"] == "terms"
    assert [f["id"] for f in record["hasFinding"]] == [f"{BASE}{F}{n}" for n in (1, 3, 4, 5, 8)]
    fibroid = record["hasFinding"][0]
    assert fibroid["concept"]["skos:prefLabel"] == {"@value": "fibroid", "@language": "en"}
    assert fibroid["diagnosis"] == ["udaf:diagnosis.mass"] and fibroid["severity"] == ["udaf:severity.severe"]
    assert fibroid["findingCount"] == 2 and fibroid["hasCertainty"] == "ns:Present"
    assert json.loads(written([], "jsonld"))["@graph"] == []


def test_the_triples_conform_to_the_shapes(taxonomy: Taxonomy) -> None:
    evidence = REPORT.findings[0].evidence[:1]
    findings = tuple(one if one.evidence else replace(one, evidence=evidence) for one in REPORT.findings)
    graph = Graph().parse(data=written([replace(REPORT, findings=findings), UNKNOWN], "ttl"), format="turtle")
    assert validate(graph, taxonomy) == []


def test_a_finding_of_a_text_needs_evidence(taxonomy: Taxonomy) -> None:
    bare = {f"{BASE}{F}{n}" for n, one in enumerate(REPORT.findings, 1) if not one.evidence}
    found = validate(Graph().parse(data=written([REPORT], "ttl"), format="turtle"), taxonomy)
    assert bare and {one.focus for one in found} == bare
    assert all("has its ns:evidence there" in one.message for one in found)


def test_every_term_of_the_ontology_is_declared(taxonomy: Taxonomy) -> None:
    graph = Graph().parse(data=written([REPORT, UNKNOWN], "ttl"), format="turtle")
    used = {compress(str(term)) for triple in graph for term in triple if str(term).startswith(PREFIXES["ns"])}
    individuals = {"ns:Present", "ns:Possible", "ns:Absent", "ns:Unknown", "ns:Female"}
    properties = {compress(dimension.label_property) for dimension in taxonomy.dimensions}
    assert len(used) > 50 and used <= {*schema_terms(taxonomy), *individuals, *properties}


FAULTS = [
    ('ns:kind "organ"', 'ns:kind "organs"', "ns:kind"),
    ('ns:change "increased"', 'ns:change "bigger"', "ns:change"),
    ('ns:experiencer "other"', 'ns:experiencer "sister"', "ns:experiencer"),
    ('ns:time "previous"', 'ns:time "past"', "ns:time"),
    ('ns:laterality "right"', 'ns:laterality "up"', "ns:laterality"),
    (f"ns:sameFindingAs <{BASE}{F}1>", f"ns:sameFindingAs <{BASE}case%201>", "ns:sameFindingAs"),
    (f"<{BASE}{F}7> a ns:MentionedFinding", f"<{BASE}{F}7> a ns:Finding", "ns:mentionsFinding"),
    ("ns:concept finding:appendicitis", 'ns:concept "appendicitis"', "ns:concept"),
    ("oa:hasBody finding:cholelithiasis", "oa:bodyValue finding:cholelithiasis", "ns:evidence"),
    ("ns:statedAs ns:Possible", "ns:statedAs ns:Perhaps", "ns:interpretation"),
    ('ns:languageSupport "full"', 'ns:languageSupport "good"', "ns:languageSupport"),
    ("ns:patientSex ns:Female", "ns:patientSex ns:Queen", "ns:patientSex"),
    ("ns:patientAgeYears 41.5", "ns:patientAgeYears -1.5", "ns:patientAgeYears"),
    ("a ns:ReportSection", "a ns:Part", "ns:hasSection"),
    ('ns:reason "history"', 'ns:cue "history"', "ns:excludedMention"),
    ("a prov:Activity", "a prov:Agent", "prov:wasGeneratedBy"),
    ("#text> a prov:Entity", "#text> a prov:Agent", "prov:wasDerivedFrom"),
]


def test_the_shapes_find_faults(taxonomy: Taxonomy) -> None:
    data = written([REPORT], "ttl").decode()
    for old, new, _ in FAULTS:
        assert old in data
        data = data.replace(old, new, 1)
    violations = validate(Graph().parse(data=data, format="turtle"), taxonomy)
    assert {violation.path for violation in violations} >= {path for _, _, path in FAULTS}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('ns:comparator ">"', 'ns:comparator "more"'),
        ("a ns:PreviousMeasurement , ", "a "),
        ("qudt:numericValue 58.0 ;", ""),
        (f'oa:start "{at("5.8 x")[0]}"^^xsd:nonNegativeInteger ;', 'oa:start "999"^^xsd:nonNegativeInteger ;'),
    ],
    ids=["comparator", "role", "number", "span"],
)
def test_the_shapes_find_faults_of_measurements(taxonomy: Taxonomy, old: str, new: str) -> None:
    data = written([REPORT], "ttl").decode()
    assert old in data
    graph = Graph().parse(data=data.replace(old, new, 1), format="turtle")
    assert "ns:measurement" in {violation.path for violation in validate(graph, taxonomy)}


def test_iris_are_under_the_base_or_urns() -> None:
    def subjects(data: bytes) -> set[str]:
        quads = _store(data).quads_for_pattern(None, None, None, None)
        return {q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)}

    concepts = ("https://w3id.org/udt/finding/", "https://w3id.org/udt/uhat/", "https://w3id.org/udt/udaf/")
    local = {iri for iri in subjects(written([REPORT], "ttl")) if not iri.startswith(concepts)}
    assert local == {f"{BASE}case%201"} | {
        f"{BASE}case%201#{part}" for part in ("text", "reading", *(f"f{n}" for n in range(1, 9)), "f4-denied")
    }
    urns = {iri for iri in subjects(written([REPORT], "ttl", base_iri="")) if not iri.startswith(concepts)}
    assert len(urns) == len(local) and all(iri.startswith("urn:uuid:") for iri in urns)
    other = written([replace(REPORT, text_sha256="00" * 32)], "ttl", base_iri="")
    assert not urns & subjects(other)


@pytest.mark.parametrize(
    "base", ["reports/", "https://example.org/#", "https://example.org/a b", "ns:x", "a>b:c", ":x"]
)
@pytest.mark.parametrize("format", ["ttl", "jsonld"])
def test_a_base_has_to_be_an_absolute_iri(format: str, base: str) -> None:
    with pytest.raises(DataError, match="cannot be the base of IRIs; give an absolute IRI without a fragment"):
        writer(format, Settings(base_iri=base))


def test_the_record_knows_how_it_came_about(store: ox.Store) -> None:
    assert select(
        store,
        """?record prov:wasDerivedFrom [ ns:sha256 ?hash ] ; prov:wasGeneratedBy ?by . ?by a prov:Activity ;
        prov:wasAssociatedWith [ a prov:SoftwareAgent ; rdfs:label ?tool ; owl:versionInfo ?version ] ;
        prov:used [ prov:specializationOf <https://w3id.org/udt/ontology> ; ns:sha256 ?digest ]""",
        "?record ?hash ?tool ?version ?digest",
    ) == [("case%201", REPORT.text_sha256, "udt", "0.2.0", "ab" * 32)]
    assert select(store, "?record ns:patientAgeYears ?age ; ns:patientSex ?sex", "?age ?sex") == [("41.5", "ns:Female")]
    assert select(store, "?r ns:hasSection [ rdfs:label ?l ; ns:sectionModality ?m ]", "?l ?m") == [
        ("impression", "mammography")
    ]


def test_findings_are_affirmed_denied_or_mentioned(store: ox.Store) -> None:
    links = select(
        store,
        "?r ?link ?f . ?f ns:hasCertainty ?c . FILTER(?link NOT IN (ns:deniedOf, ns:sameFindingAs))",
        "?link ?f ?c",
    )
    assert [row for row in links if row[1].startswith("case")] == [
        ("ns:deniesFinding", F + "2", "ns:Absent"),
        ("ns:deniesFinding", F + "4-denied", "ns:Absent"),
        *(("ns:hasFinding", F + str(n), "ns:Present") for n in (1, 3, 4, 5, 8)),
        *(("ns:mentionsFinding", F + str(n), "ns:Present") for n in (6, 7)),
    ]
    assert [row[0::2] for row in links if not row[1].startswith("case")] == [("ns:mentionsFinding", "ns:Unknown")]


def test_a_denied_finding_keeps_organ_and_concept(store: ox.Store) -> None:
    (row,) = select(
        store,
        "?f a ns:DeniedFinding ; ns:organ ?organ ; ns:concept ?c . ?c skos:prefLabel ?label",
        "?f ?organ ?c ?label",
    )
    assert row == (F + "2", "uhat:gallbladder-bile-ducts", "finding:cholelithiasis", "cholelithiasis")
    assert select(store, "finding:cholelithiasis skos:exactMatch ?code") == sorted(
        [
            ("http://purl.obolibrary.org/obo/MONDO_0012672",),
            ("http://purl.obolibrary.org/obo/NCIT_C122822",),
            ("http://id.nlm.nih.gov/mesh/D002769",),
            ("http://radlex.org/RID/RID4989",),
            ("http://purl.obolibrary.org/obo/HP_0001081",),
        ]
    )
    denied = "?f ns:deniedOf ?whole ; ns:internalCharacteristics ?label"
    assert select(store, denied, "?f ?whole ?label") == [(F + "4-denied", F + "4", "udaf:internal.calcifications")]


def test_an_organ_that_no_label_names_is_written() -> None:
    bare = replace(FINDINGS[1], labels=dict.fromkeys(FINDINGS[1].labels, ()))
    found = _store(written([replace(REPORT, findings=(bare,))], "ttl"))
    assert select(found, "?f ns:organ ?o . ?f a ns:DeniedFinding", "?o") == [("uhat:gallbladder-bile-ducts",)]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("ns:kind", {"1": "lesion", "2": "state", "3": "organ"}),
        ("ns:laterality", {"3": "right", "4": "bilateral", "5": "left"}),
        ("ns:site", {"1": "uhat:uterus_myometrium", "3": "uhat:kidney-ureter_right-kidney"}),
        ("ns:findingCount", {"1": "2", "4": "several"}),
        ("ns:change", {"1": "increased", "8": "increased"}),
        ("ns:time", {"1": "current", "7": "previous"}),
        ("ns:experiencer", {"1": "patient", "6": "other"}),
        ("ns:inSection", {"1": "uterus", "8": "impression"}),
        ("ns:sameFindingAs", {"8": F + "1"}),
        ("ns:severity", {"1": "udaf:severity.severe"}),
        ("dcterms:identifier", {"1": "f1"}),
    ],
)
def test_fields_of_findings(store: ox.Store, field: str, expected: dict[str, str]) -> None:
    found = dict(select(store, f"?f {field} ?value", "?f ?value"))
    assert {n: found[F + n] for n in expected} == expected
    if field == "ns:sameFindingAs":
        assert len(found) == 1


def test_locations_and_interpretations(store: ox.Store) -> None:
    where = "?f ns:location [ ns:locationKey ?key ; rdf:value ?words ]"
    assert select(store, where, "?key ?words") == [("clock", "3"), ("figo", "intramural")]
    where = (
        "?f ns:interpretation [ ns:candidate ?c ; ns:statedAs ?as ; ns:cue ?cue ; ns:span/oa:hasSelector/oa:exact ?w ]"
    )
    assert select(store, where, "?f ?c ?as ?cue ?w") == [
        (F + "1", "finding:adenomyoma", "ns:Possible", "Possibly", "adenomyoma")
    ]


def test_measurements_have_values_units_and_roles(store: ox.Store) -> None:
    where = """?f ns:measurement [ a ?role ; ns:quantity ?q ; qudt:hasQuantityKind ?k ; qudt:quantityValue
        [ ns:axis ?n ; qudt:numericValue ?v ; qudt:hasUnit ?u ; qudt:ucumCode ?ucum ; ns:writtenValue ?w ;
        ns:writtenUnit ?wu ] ] . FILTER(?role != qudt:Quantity)"""
    rows = select(store, where, "?f ?role ?n ?v ?u ?ucum ?w ?wu ?q ?k")
    size = ("unit:MilliM", "mm")
    length = ("size", "quantitykind:Length")
    assert [row for row in rows if row[0] == F + "1"] == [
        (F + "1", "ns:CurrentMeasurement", "1", "58", *size, "5.8", "cm", *length),
        (F + "1", "ns:CurrentMeasurement", "2", "44", *size, "4.4", "cm", *length),
        (F + "1", "ns:PreviousMeasurement", "1", "50", *size, "5", "cm", *length),
    ]
    speed = ("unit:CentiM-PER-SEC", "cm/s")
    velocity = ("velocity", "quantitykind:Velocity")
    assert [row for row in rows if row[0] == F + "5"] == [
        (F + "5", "ns:CurrentMeasurement", "1", "200", *speed, "2", "m/s", *velocity),
        (F + "5", "ns:CurrentMeasurement", "1", "50", "unit:PERCENT", "%", "50", "%", *_fraction()),
        (F + "5", "ns:CurrentMeasurement", "2", "69", "unit:PERCENT", "%", "69", "%", *_fraction()),
        (F + "5", "ns:ReferenceMeasurement", "1", "125", *speed, "125", "cm/s", *velocity),
    ]
    assert select(store, "?m ns:comparator ?c ; ns:measurementName ?name", "?c ?name") == [(">", "PSV")]
    assert select(store, "?m ns:examination ?when", "?when") == [("2024",)]


def _fraction() -> tuple[str, str]:
    return "fraction", "quantitykind:DimensionlessRatio"


def test_ranges_keep_their_ends(store: ox.Store) -> None:
    where = """?m ns:quantity ?q ; ns:upperBound/qudt:numericValue ?u
        OPTIONAL { ?m ns:lowerBound/qudt:numericValue ?l }"""
    assert select(store, where, "?q ?l ?u") == [("fraction", "50", "69"), ("velocity", "", "125")]


def test_an_end_that_is_no_value_is_converted_and_needs_a_unit() -> None:
    one = Measurement((2.0,), "cm", (20.0,), 0, 1, range=(None, 3.0))
    found = _store(written([_with(one)], "ttl"))
    assert select(found, "?m ns:upperBound/qudt:numericValue ?v", "?v") == [("30",)]
    with pytest.raises(DataError, match="the end 3 of a range needs a value other than 0 beside it"):
        written([_with(one._replace(values=(0.0,), canonical=(0.0,)))], "ttl")


def _with(measurement: Measurement) -> Report:
    finding: Finding = replace(FINDINGS[0], measurements=(measurement,))
    return replace(REPORT, findings=(finding,))


def test_every_quantity_and_unit_of_the_model_has_terms() -> None:
    from typing import get_args

    from udt.core.report import Quantity

    assert set(KINDS) == set(get_args(Quantity))
    documented = Measurement.__doc__ or ""
    assert all(f"`{unit}`" in documented for unit in UNITS)


def test_the_stiffness_of_a_shear_wave_speed_is_a_velocity() -> None:
    one = Measurement((1.5,), "m/s", (150.0,), 0, 1, "cm/s", "stiffness")
    for measurement, kind in ((one, "Velocity"), (one._replace(canonical_unit="kPa"), "ModulusOfElasticity")):
        found = _store(written([_with(measurement)], "ttl"))
        assert select(found, "?m qudt:hasQuantityKind ?k", "?k") == [(f"quantitykind:{kind}",)]


def test_evidence_annotates_the_text(store: ox.Store) -> None:
    where = """?f ns:evidence [ a oa:Annotation ; oa:hasBody ?body ; ns:supports ?what ; ns:statedAs ?as ; oa:hasTarget
        [ a oa:SpecificResource ; oa:hasSource ?text ; oa:hasSelector [ oa:start ?s ; oa:end ?e ] ,
        [ oa:exact ?words ] ] ]"""
    rows = select(store, where, "?f ?body ?what ?as ?text ?s ?e ?words")
    expected = {
        (f.id, e.concept, e.start, e.end, e.text)
        for f in FINDINGS
        for e in f.evidence
        if e.text == TEXT[e.start : e.end]
    }
    here = [row for row in rows if row[0].startswith(F)]
    assert {(r[0][len(F) - 1 :], r[1], int(r[5]), int(r[6]), r[7]) for r in here} == expected
    assert {row[4] for row in here} == {"case%201#text"}
    supported = {(row[0], row[2], row[1]) for row in here}
    assert {
        (F + "1", "ns:concept", "finding:fibroid"),
        (F + "1", "ns:site", "uhat:uterus_myometrium"),
        (F + "1", "ns:severity", "udaf:severity.severe"),
        (F + "4", "ns:laterality", "udaf:laterality.bilateral"),
    } <= supported
    spans = select(store, "?f ns:span/oa:hasSelector [ oa:start ?s ; oa:end ?e ] . ?f ns:kind ?k", "?f ?s ?e")
    assert (F + "2", str(TEXT.index("No gall")), str(TEXT.index("No gall") + 13)) in spans


def test_evidence_without_a_concept_has_its_label_as_body() -> None:
    bare = replace(FINDINGS[1], evidence=tuple(e._replace(concept="") for e in FINDINGS[1].evidence[:1]))
    data = [written([replace(REPORT, findings=(bare,))], format) for format in ("ttl", "jsonld")]
    assert select(_store(data[0]), "?e oa:hasBody [ a oa:TextualBody ; rdf:value ?v ]", "?v") == [("cholelithiasis",)]
    graphs = _graph(data[0], "turtle"), _graph(data[1], "json-ld")
    assert isomorphic(*graphs)


def test_keys_of_json_ld_are_not_those_of_its_context(monkeypatch: pytest.MonkeyPatch) -> None:
    iris = LabelIris.load()
    clashing = {**iris.properties, "severity": PREFIXES["ns"] + "unit", "diagnosis": PREFIXES["ns"] + "type"}
    changed = replace(iris, properties=clashing)
    monkeypatch.setattr(LabelIris, "load", lambda extensions=(): changed)
    data = [written([REPORT], format) for format in ("ttl", "jsonld")]
    graphs = _graph(data[0], "turtle"), _graph(data[1], "json-ld")
    assert b"ns:unit" in data[1] and isomorphic(*graphs)


def test_private_triples_have_no_words_of_the_text() -> None:
    data = written([REPORT], "ttl", private=True).decode()
    for words in ("Possibly", 'adenomyoma"\n', "2024", "oa:exact", "hepatic"):
        assert words not in data
    assert "ns:sameFindingAs" in data and "oa:start" in data
