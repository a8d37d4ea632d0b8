from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.taxonomy.conftest import HEADER, SMALL
from udt.core.errors import TaxonomyError
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
    "duplicate-notation": ("ex:x", 'ex:x skos:notation "ABD-01" .'),
    "implied-organ": ("ex:x", f"ex:x {FINDING} ; ns:impliesOrgan udaf:margins.well-defined ."),
    "implied-value": ("ex:x", f"ex:x {FINDING} ; ns:impliesValue uhat:liver ."),
    "incomplete-compartment-rule": ("uhat:liver", "uhat:liver ns:compartmentRule [ ns:resolvesTo uhat:liver ] ."),
    "incomplete-composition": ("uhat:liver", "uhat:liver ns:composition [ ns:modifier lex:irregular ] ."),
    "label-blanks": ("uhat:liver", 'uhat:liver skos:altLabel "the  liver"@en .'),
    "label-case": ("uhat:liver", 'uhat:liver skos:altLabel "Margin organ"@en .'),
    "label-without-language": ("uhat:liver", 'uhat:liver skos:altLabel "foie" .'),
    "mapping-of-unknown-concept": ("ex:x", "ex:x skos:closeMatch UBERON:0000001 ."),
    "missing-definition": ("ex:x", "ex:x a ns:Organ ."),
    "missing-notation": ("ex:x", "ex:x a ns:Organ ."),
    "name-of-two-kinds": ("uhat:liver", "uhat:liver a owl:NamedIndividual , owl:Class ."),
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
