from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.taxonomy.conftest import HEADER, SMALL
from udt.core.errors import TaxonomyError
from udt.taxonomy.model.namespaces import PREFIXES
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.checks import TaxonomyCheck, checks, run_check, run_checks

CHECKS = {check.name: check for check in checks()}
FINDING = "a ns:FindingTerm , skos:Concept ; skos:inScheme <https://w3id.org/udt/uhat>"

# What has to be added to the small taxonomy so that one check finds one term.
PLANTED = {
    "abbreviation-as-synonym": ("uhat:liver", 'uhat:liver skos:altLabel "LVR"@en .'),
    "broader-cycle": ("uhat:liver", "uhat:liver skos:broader uhat:liver ."),
    "component-outside-anatomy": ("ex:x", 'ex:x a ns:Component ; skos:prefLabel "x"@en .'),
    "concept-without-scheme": ("ex:x", 'ex:x a ns:FindingTerm , skos:Concept ; skos:prefLabel "x"@en .'),
    "contradicting-match": ("uhat:liver", "uhat:liver skos:narrowMatch UBERON:0002107 ."),
    "cue-without-direction": ("ex:x", "ex:x a ns:HedgeCue ."),
    "cue-without-parameter": ("ex:x", "ex:x a ns:SectionHeading ."),
    "definition-form": ("ex:x", f'ex:x {FINDING} ; skos:prefLabel "x"@en ; skos:definition "No tumour by name."@en .'),
    "duplicate-notation": ("ex:x", 'ex:x skos:notation "ABD-01" .'),
    "faulty-group": (
        "ex:x",
        'ex:x a skos:Collection ; skos:prefLabel "x"@en ; skos:definition "X."@en ; skos:member ex:y , uhat:liver .',
    ),
    "finding-outside-hierarchy": ("ex:x", f"ex:x {FINDING} ; skos:broader ex:y . ex:y {FINDING} ."),
    "id-unlike-label": (
        "finding:ectopic-ureter",
        f'finding:ectopic-ureter {FINDING} ; skos:prefLabel "ureteral stenosis"@en .',
    ),
    "implied-organ": ("ex:x", f"ex:x {FINDING} ; ns:impliesOrgan udaf:margins.well-defined ."),
    "implied-value": ("ex:x", f"ex:x {FINDING} ; ns:impliesValue uhat:liver ."),
    "incomplete-compartment-rule": ("uhat:liver", "uhat:liver ns:compartmentRule [ ns:resolvesTo uhat:liver ] ."),
    "incomplete-composition": ("uhat:liver", "uhat:liver ns:composition [ ns:modifier lex:irregular ] ."),
    "label-blanks": ("uhat:liver", 'uhat:liver skos:altLabel "the  liver"@en .'),
    "label-case": ("uhat:liver", 'uhat:liver skos:altLabel "Margin organ"@en .'),
    "label-without-language": ("uhat:liver", 'uhat:liver skos:altLabel "foie" .'),
    "lumped-name": (
        "ex:x",
        f'ex:x {FINDING} ; skos:altLabel "Tumour of the liver"@en . uhat:liver skos:exactMatch ex:t . '
        'ex:t rdfs:label "tumor of the liver" .',
    ),
    "lumped-structure": (
        "ex:x",
        f'uhat:liver skos:altLabel "Left-lobes"@en . ex:x {FINDING} ; skos:exactMatch ex:t . '
        'ex:t rdfs:label "left lobe" .',
    ),
    "mapping-of-unknown-concept": ("ex:x", "ex:x skos:closeMatch UBERON:0000001 ."),
    "missing-definition": ("ex:x", "ex:x a ns:Organ ."),
    "missing-notation": ("ex:x", "ex:x a ns:Organ ."),
    "name-of-two-kinds": ("uhat:liver", "uhat:liver a owl:NamedIndividual , owl:Class ."),
    "opposite-names": (
        "ex:x",
        f'ex:x {FINDING} ; skos:prefLabel "benign nodule"@en ; skos:altLabel "malignant lump"@en . '
        'ex:o ns:opposedWord "benign"@en , "malignant"@en .',
    ),
    "order-tie": ("ex:x", "ex:x a ns:Organ ; skos:broader uhat:sys.abdomen ; ns:order 1 ."),
    "ordinal-gap": ("ex:x", "ex:x skos:broader udaf:margins ; ns:ordinal 2 ."),
    "organ-without-system": ("ex:x", "ex:x a ns:Organ ; skos:broader uhat:liver ."),
    "organ-without-words": ("ex:x", 'ex:x a ns:Organ ; skos:prefLabel "x"@en .'),
    "own-synonym": ("uhat:liver", 'uhat:liver skos:hiddenLabel "LIVER"@en .'),
    "parent-of-wrong-kind": ("ex:x", "ex:x a ns:Component ; skos:broader udaf:margins ."),
    "pediatric-counterpart": ("uhat:liver", "uhat:liver ns:pediatricCounterpart uhat:liver ."),
    "several-values": ("uhat:liver", 'uhat:liver skos:notation "ABD-99" .'),
    "shared-exact-match": ("ex:x", "ex:x skos:exactMatch UBERON:0002107 ."),
    "shared-label": ("ex:x", f'ex:x {FINDING} ; skos:prefLabel "Liver"@en .'),
    "undeclared-property": ("uhat:liver", "uhat:liver ns:impliesOrgn uhat:liver ."),
    "undeclared-term": ("uhat:liver", "uhat:liver ex:undeclared uhat:liver ."),
    "undocumented-term": ("ns:x", 'ns:x a owl:Class ; rdfs:label "x"@en ; rdfs:comment "X."@en .'),
    "unknown-mapping-target": ("uhat:liver", "uhat:liver skos:exactMatch <http://purl.obolibrary.org/obo/UBRON_1> ."),
    "unknown-specificity": ("uhat:liver", "uhat:liver ns:specificity ns:Organ ."),
    "value-without-prompt": ("ex:x", "ex:x a ns:MarginsValue ; skos:broader udaf:margins ."),
}


def _store(planted: str = "") -> ox.Store:
    store = ox.Store()
    for name in ("udt.ttl", "classes.ttl"):
        store.load(path=ontology_folder() / "schema" / name, format=ox.RdfFormat.TURTLE)
    store.load(f"{HEADER}{SMALL}{planted}".encode(), format=ox.RdfFormat.TURTLE)
    return store


def test_every_check_has_a_planted_violation() -> None:
    assert PLANTED.keys() == CHECKS.keys()
    assert len(CHECKS) >= 15


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_finds_what_is_planted_and_nothing_before(name: str) -> None:
    term, planted = PLANTED[name]
    term = term.replace("ex:", "https://example.org/")
    check = CHECKS[name]
    before = {problem.term for problem in run_check(check, _store())}
    found = [problem for problem in run_check(check, _store(planted)) if problem.term == term]
    assert term not in before
    assert found
    assert all((problem.check, problem.level) == (name, check.level) and problem.detail for problem in found)


def test_the_built_in_taxonomy_has_no_error(taxonomy: Taxonomy) -> None:
    problems = run_checks(taxonomy)
    assert [problem for problem in problems if problem.level == "ERROR"] == []
    assert problems == sorted(problems)


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        pytest.param("Cyst lined by squamous epithelium.", None, id="genus and differentia"),
        pytest.param("3D artefact of the probe.", None, id="digit first"),
        pytest.param("Collection of pus in a preformed cavity (pleura).", None, id="bracket last"),
        pytest.param("Cyst " + "of a long duct " * 20 + "only.", "more than 300 characters", id="too long"),
        pytest.param("cyst of a duct.", "capital letter", id="small letter"),
        pytest.param("Cyst of a duct", "full stop", id="no full stop"),
        pytest.param("Cyst of a duct. Mostly small.", "several sentences", id="two sentences"),
        pytest.param("Of the liver alone.", "no genus", id="place for a genus"),
        pytest.param("Not a tumour.", "no genus", id="denial for a genus"),
        pytest.param("Cyst of a duct; benign.", "semicolon", id="remark"),
        pytest.param("Cyst that implies nothing.", "names or labels", id="implication"),
        pytest.param("Cyst whose name says a tumour, in spite of the ending.", "names or labels", id="ending"),
        pytest.param("Collection that is counted as a cyst.", "names or labels", id="counting"),
        pytest.param("Lump of a certain kind.", "own name", id="circular"),
    ],
)
def test_the_form_of_a_definition(definition: str, fault: str | None) -> None:
    planted = f'ex:x {FINDING} ; skos:prefLabel "lump"@en ; skos:definition "{definition}"@en .'
    details = [problem.detail for problem in run_check(CHECKS["definition-form"], _store(planted))]
    assert len(details) == (fault is not None)
    assert all(fault in detail for detail in details if fault)


def test_definitions_in_two_languages_are_one_each() -> None:
    planted = 'uhat:liver skos:definition "器官"@zh .'
    assert not run_check(CHECKS["several-values"], _store(planted))


def test_details_name_concepts_by_curie() -> None:
    term, planted = PLANTED["pediatric-counterpart"]
    (problem,) = run_check(CHECKS["pediatric-counterpart"], _store(planted))
    assert (problem.term, problem.detail) == (
        term,
        "has the pediatric counterpart uhat:liver, which is not below Pediatrics",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# level: ERROR\n# why: so\n", r"odd\.rq: no '# title: …' line"),
        ("# title: t\n# level: FATAL\n# why: so\n", r"odd\.rq: '# level: FATAL'; allowed: ERROR, WARN"),
    ],
)
def test_a_faulty_header_is_reported(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "odd.rq").write_text(content, "utf-8")
    with pytest.raises(TaxonomyError, match=message):
        checks(tmp_path)


@pytest.mark.parametrize(("query", "message"), [("SELEC", "not valid SPARQL"), ("ASK {}", "not a SELECT")])
def test_a_faulty_query_is_reported(query: str, message: str) -> None:
    with pytest.raises(TaxonomyError, match=rf"odd\.rq: {message}"):
        run_check(TaxonomyCheck("odd", "t", "WARN", "so", query), ox.Store())


HIERARCHY = f"""
ex:top a ns:FindingGroup , skos:Concept ; skos:topConceptOf ex:scheme .
ex:x {FINDING} ; skos:broader ex:top .
"""


@pytest.mark.parametrize(
    ("check", "fine"),
    [
        ("finding-outside-hierarchy", HIERARCHY),
        ("id-unlike-label", f'finding:kaposis-sarcoma {FINDING} ; skos:prefLabel "Kaposi\'s sarcoma"@en .'),
        ("id-unlike-label", f'finding:muller-oedema {FINDING} ; skos:prefLabel "Müller edema"@en .'),
        ("id-unlike-label", 'ex:n17 a ns:FindingTerm , skos:Concept ; skos:prefLabel "oedema"@en .'),
        ("lumped-name", f'ex:x {FINDING} ; skos:altLabel "lump"@en ; skos:exactMatch ex:t . ex:t rdfs:label "lumps" .'),
        ("lumped-structure", f'uhat:liver skos:hiddenLabel "lobe"@en . ex:x {FINDING} ; skos:prefLabel "lobe"@en .'),
        ("lumped-structure", 'uhat:liver skos:altLabel "livers"@en . UBERON:0002107 rdfs:label "liver" .'),
        (
            "opposite-names",
            f'ex:o ns:opposedWord "acute"@en , "chronic"@en . ex:x {FINDING} ; skos:altLabel "acute on chronic"@en .',
        ),
    ],
    ids=[
        "below a top concept",
        "possessive",
        "accent and spelling",
        "other namespace",
        "own mapping",
        "hidden name",
        "own mapping of a structure",
        "both in one name",
    ],
)
def test_what_is_right_is_not_reported(check: str, fine: str) -> None:
    assert run_check(CHECKS[check], _store(fine)) == []


@pytest.mark.parametrize("match", ["narrowMatch", "broadMatch"])
def test_a_name_of_a_narrower_or_wider_class_is_reported_until_it_is_accepted(match: str) -> None:
    planted = (
        f'ex:x {FINDING} ; skos:altLabel "lumpy goitre"@en ; skos:{match} ex:t . ex:t rdfs:label "lumpy goitres" .'
    )
    assert [problem.term for problem in run_check(CHECKS["lumped-name"], _store(planted))] == ["https://example.org/x"]
    accepted = planted + ' ex:a ns:acceptedName "lumpy goitre"@en .'
    assert run_check(CHECKS["lumped-name"], _store(accepted)) == []


def test_accepted_names_and_opposite_words_are_in_use(taxonomy: Taxonomy) -> None:
    store = taxonomy.store()
    accepted = {row["name"].value for row in _rows(store, "SELECT ?name { ?a ns:acceptedName ?name }")}
    names = {label.text for concept in taxonomy for label in concept.labels if concept.kind == "FindingTerm"}
    assert accepted
    assert accepted <= names
    counts = _rows(store, "SELECT (COUNT(?w) AS ?n) { ?p ns:opposedWord ?w } GROUP BY ?p")
    pairs = [int(row["n"].value) for row in counts]
    assert pairs
    assert set(pairs) == {2}


def _rows(store: ox.Store, query: str) -> ox.QuerySolutions:
    found = store.query(f"PREFIX ns: <{PREFIXES['ns']}> {query}")
    assert isinstance(found, ox.QuerySolutions)
    return found
