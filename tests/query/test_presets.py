"""The competency questions: each runs, and answers what the taxonomy's own Python view says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from udt.core.errors import QueryError, UnknownConceptError
from udt.query.answers import Graph, Table
from udt.query.parameters import fill
from udt.query.presets import Preset, preset, presets
from udt.query.safety import refuse_writes
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.describe import find
from udt.taxonomy.model.taxonomy import Taxonomy

from .conftest import Ask

ABOUT_TAXONOMY = [preset for preset in presets() if not preset.corpus]
NAMES = [preset.name for preset in ABOUT_TAXONOMY]
KINDS = {"concept", "dimension", "property", "iri", "prefix", "integer", "text"}


def column(ask: Ask, query: str, name: str) -> list[str]:
    answer = ask(query)
    assert isinstance(answer, Table)
    place = answer.columns.index(name)
    return [value(row[place]) for row in answer.rows]


def value(term: object) -> str:
    assert isinstance(term, ox.NamedNode | ox.Literal), term
    return term.value


def iris(concepts: list[Concept]) -> list[str]:
    return [concept.iri for concept in concepts]


def test_number_of_presets() -> None:
    assert len(NAMES) >= 16
    assert len(presets()) - len(NAMES) >= 8


def test_preset_names_are_unique() -> None:
    names = [preset.name for preset in presets()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_has_results(ask: Ask, name: str) -> None:
    refuse_writes(preset(name).text)
    answer = ask(preset(name).text)
    assert isinstance(answer, Table | Graph)
    assert answer.rows if isinstance(answer, Table) else answer.triples


@pytest.mark.parametrize("one", presets(), ids=lambda one: one.name)
def test_every_preset_is_described_ordered_and_self_contained(one: Preset) -> None:
    assert one.title and one.question.endswith("?")
    assert {parameter.kind for parameter in one.parameters} <= KINDS
    assert "ORDER BY" in one.text
    list(ox.Store().query(one.text))  # every prefix is declared in the file


@pytest.mark.parametrize("one", ABOUT_TAXONOMY, ids=NAMES)
def test_order_of_results_has_no_ties(ask: Ask, one: Preset) -> None:
    """Among rows that ORDER BY holds equal the store may choose, so there must be none that differ."""
    order = one.text.rsplit("ORDER BY", 1)[1].split("\n")[0]
    keys = [f"({key} AS ?key{n})" for n, key in enumerate(re.findall(r"STR\(\?\w+\)|\?\w+", order))]
    if one.text.count("CONSTRUCT") or "GROUP BY" in one.text:
        return  # a graph is sorted as a whole; a group has one row for its keys, which are all in ORDER BY
    keyed = ask(
        re.sub(r"SELECT (DISTINCT )?", lambda found: f"SELECT {found[1] or ''}{' '.join(keys)} ", one.text, count=1)
    )
    assert isinstance(keyed, Table)
    rows: dict[tuple[object, ...], tuple[object, ...]] = {}
    for row in keyed.rows:
        assert rows.setdefault(row[: len(keys)], row) == row


def test_organs_of_system(ask: Ask, taxonomy: Taxonomy) -> None:
    for system in (concept for concept in taxonomy if concept.kind == "BodySystem"):
        organs = [child for child in taxonomy.children(system.curie) if child.kind == "Organ"]
        query = preset("organs-of-system").with_terms({"system": f"<{system.iri}>"})
        assert column(ask, query, "organ") == iris(organs)


def test_components_of_organ(ask: Ask, taxonomy: Taxonomy) -> None:
    below = [c for c in taxonomy if c.kind in {"Component", "Region"} and "uhat:liver" in parents(taxonomy, c)]
    assert sorted(column(ask, preset("components-of-organ").text, "component")) == sorted(iris(below))


def parents(taxonomy: Taxonomy, concept: Concept) -> list[str]:
    return [parent.curie for parent in taxonomy.ancestors(concept.curie)]


def test_path_to_system(ask: Ask, taxonomy: Taxonomy) -> None:
    for name in ("uhat:gallbladder-bile-ducts_gallbladder", "uhat:liver", "uhat:sys.thorax"):
        start = taxonomy[name]
        query = preset("path-to-system").with_terms({"component": f"<{start.iri}>"})
        assert column(ask, query, "concept") == iris([start, *taxonomy.ancestors(start.curie)])


def test_mapped_to_liver(ask: Ask) -> None:
    assert column(ask, preset("mapped-to").text, "concept") == ["https://w3id.org/udt/uhat/liver"]


def test_mappings_of(ask: Ask, taxonomy: Taxonomy) -> None:
    assert len(column(ask, preset("mappings-of").text, "term")) == len(taxonomy["uhat:liver"].mappings)


def test_unmapped(ask: Ask, taxonomy: Taxonomy) -> None:
    systems_organs_values = [c for d in taxonomy.dimensions for c in d.values]
    missing = [c for c in systems_organs_values if not any(term.startswith("RADLEX:") for _, term in c.mappings)]
    assert sorted(column(ask, preset("unmapped").text, "concept")) == sorted(iris(missing))


def test_values_of_dimension(ask: Ask, taxonomy: Taxonomy) -> None:
    for dimension in taxonomy.dimensions[2:]:
        query = preset("values-of-dimension").with_terms({"dimension": f"<{dimension.concept.iri}>"})
        rows = Counter(column(ask, query, "label"))
        assert tuple(rows) == dimension.labels
        names = {v.label: sum(label.role != "pref" for label in v.labels) for v in dimension.values}
        assert rows == {label: max(count, 1) for label, count in names.items()}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("anechoic", "isoechoic", ["anechoic", "hypoechoic", "isoechoic"]),
        ("hyperechoic", "hypoechoic", ["hypoechoic", "isoechoic", "hyperechoic"]),
        ("isoechoic", "isoechoic", ["isoechoic"]),
        ("anechoic", "mixed echogenicity", []),
    ],
)
def test_values_between(ask: Ask, taxonomy: Taxonomy, first: str, last: str, expected: list[str]) -> None:
    query = fill(preset("values-between"), {"from": first, "to": last}, lambda: taxonomy)
    assert column(ask, query, "label") == expected


def test_prompts_of_every_task(ask: Ask, taxonomy: Taxonomy) -> None:
    for dimension in taxonomy.tasks:
        query = fill(preset("prompts-of-task"), {"task": str(dimension.task)})
        assert column(ask, query, "prompt") == [dimension.prompt(value) for value in dimension.values]


def test_us365k_fields(ask: Ask, taxonomy: Taxonomy) -> None:
    query = preset("us365k-fields").text
    assert column(ask, query, "field") == [dimension.us365k_field for dimension in taxonomy.tasks]
    assert column(ask, query, "values") == [str(len(dimension.values)) for dimension in taxonomy.tasks]


def test_compositions_of(ask: Ask, taxonomy: Taxonomy) -> None:
    for concept in (concept for concept in taxonomy if concept.compositions):
        query = preset("compositions-of").with_terms({"value": f"<{concept.iri}>"})
        assert len(column(ask, query, "head")) == len(set(concept.compositions))


def test_findings_implying(ask: Ask, taxonomy: Taxonomy) -> None:
    cysts = [concept for concept in taxonomy if "udaf:diagnosis.cyst" in taxonomy.implied(concept.curie).values]
    assert sorted(column(ask, preset("findings-implying-value").text, "finding")) == sorted(iris(cysts))
    organ = "uhat:gallbladder-bile-ducts"
    biliary = [
        concept
        for concept in taxonomy
        for implied in taxonomy.implied(concept.curie).organs
        if organ in {implied, *parents(taxonomy, taxonomy[implied])}
    ]
    assert sorted(column(ask, preset("findings-implying-organ").text, "finding")) == sorted(iris(biliary))


def test_findings_by_system(ask: Ask, taxonomy: Taxonomy) -> None:
    systems = taxonomy.dimension("body_system").values
    counts = []
    for system in systems:
        within = {c.curie for c in taxonomy if system.curie in {c.curie, *parents(taxonomy, c)}}
        counts.append(sum(not within.isdisjoint(taxonomy.implied(concept.curie).organs) for concept in taxonomy))
    assert column(ask, preset("findings-by-system").text, "findings") == [str(count) for count in counts]


def ancestors(taxonomy: Taxonomy, concept: Concept) -> set[str]:
    """Collect all ancestors, parent by parent."""
    return {name for parent in concept.broader for name in (parent, *ancestors(taxonomy, taxonomy[parent]))}


@pytest.mark.parametrize(
    ("disease", "kinds", "others"),
    [
        ("carcinoma", {"adenocarcinoma", "hepatocellular carcinoma", "basal cell carcinoma"}, {"parathyroid adenoma"}),
        ("calculus", {"nephrolithiasis", "cholelithiasis", "staghorn calculus"}, {"nephrocalcinosis"}),
        ("neoplasm", {"parathyroid adenoma", "gastric cancer"}, {"hydronephrosis"}),
    ],
)
def test_kinds_of(ask: Ask, taxonomy: Taxonomy, disease: str, kinds: set[str], others: set[str]) -> None:
    query = fill(
        preset("kinds-of"), {"disease": disease if disease != "neoplasm" else "finding:neoplasm"}, lambda: taxonomy
    )
    top = find(taxonomy, disease if disease != "neoplasm" else "finding:neoplasm")
    found = set(column(ask, query, "label"))
    assert found == {concept.label for concept in taxonomy if top.curie in ancestors(taxonomy, concept)}
    assert kinds <= found
    assert not others & found


def test_synonyms_and_untranslated(ask: Ask, taxonomy: Taxonomy) -> None:
    query = fill(preset("synonyms-of"), {"concept": "Liver", "language": "ZH"}, lambda: taxonomy)
    assert sorted(column(ask, query, "name")) == sorted(x.text for x in taxonomy["Liver"].labels if x.language == "zh")
    query = fill(preset("untranslated"), {"language": "zh"})
    values = [c for d in taxonomy.dimensions for c in d.values]
    missing = [concept for concept in values if not any(label.language == "zh" for label in concept.labels)]
    assert sorted(column(ask, query, "concept")) == sorted(iris(missing))


def test_organs_by_synonyms(ask: Ask, taxonomy: Taxonomy) -> None:
    query = preset("organs-by-synonyms").text
    names = [int(count) for count in column(ask, query, "names")]
    assert names == sorted(names, reverse=True)
    parts = [c for c in taxonomy if "uhat:liver" in {c.curie, *parents(taxonomy, c)}]
    found = dict(
        zip(column(ask, query, "label"), zip(names, column(ask, query, "components"), strict=True), strict=True)
    )
    spellings = {(label.text, label.language) for part in parts for label in part.labels}
    assert found["Liver"] == (len(spellings), str(len(parts) - 1))


def test_counterparts_and_rules(ask: Ask, taxonomy: Taxonomy) -> None:
    organs = [c for c in taxonomy if c.kind in {"Organ", "BodySystem"} and c.one("pediatricCounterpart")]
    assert sorted(column(ask, preset("pediatric-counterparts").text, "concept")) == sorted(iris(organs))
    rules = sum(len(set(concept.compartment_rules)) for concept in taxonomy)
    assert len(column(ask, preset("compartment-rules").text, "within")) == rules


def test_negation_cues(ask: Ask, taxonomy: Taxonomy) -> None:
    directions = set(column(ask, preset("negation-cues").text, "direction"))
    cues = {concept.iri for concept in taxonomy if concept.kind == "NegationCue"}
    known = {way for concept in taxonomy if concept.kind == "NegationCue" for way in concept.all("direction")}
    assert directions == {way.replace("ns:", "https://w3id.org/udt/ns#") for way in known}
    assert set(column(ask, preset("negation-cues").text, "cue")) == cues


def test_an_unknown_preset_gets_a_suggestion() -> None:
    with pytest.raises(QueryError, match="there is no preset 'organs-of-systems'; did you mean organs-of-system"):
        preset("organs-of-systems")


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(QueryError, match="'organs-of-system' has no parameter 'sistem'; allowed: system"):
        fill(preset("organs-of-system"), {"sistem": "Thorax"})


def test_an_unknown_concept_is_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(UnknownConceptError, match="did you mean 'Thorax'"):
        fill(preset("organs-of-system"), {"system": "Thorx"}, lambda: taxonomy)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("prompts-of-task", {"task": "two"}, "it has to be an integer"),
        ("mapped-to", {"term": "UBRON:1"}, "neither an IRI nor a CURIE with a known prefix"),
        ("mapped-to", {"term": "http://e/ x"}, "not a valid IRI"),
        ("unmapped", {"vocabulary": "SNOMED"}, "unknown prefix 'SNOMED'; allowed: .*RADLEX"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(name: str, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        fill(preset(name), arguments)


@pytest.mark.parametrize("name", ["shape", "Shape", "udaf:shape"])
def test_a_dimension_by_key_label_or_curie(ask: Ask, taxonomy: Taxonomy, name: str) -> None:
    query = fill(preset("values-of-dimension"), {"dimension": name}, lambda: taxonomy)
    assert "round" in column(ask, query, "label")


@pytest.mark.parametrize(
    "hostile",
    ['" } ?s ?p ?o . { #', "VALUES ?language { 1 }", "\\", '"', "a\nb", "\\1", "SERVICE <http://e/> {}", "{}", "'''"],
)
def test_a_value_stays_a_literal(ask: Ask, hostile: str) -> None:
    query = fill(preset("synonyms-of"), {"language": hostile})
    refuse_writes(query)
    assert column(ask, query, "name") == []


def test_concept_of_an_extension_as_argument(extension: Path) -> None:
    query = fill(preset("path-to-system"), {"component": "zzyx lobule"}, lambda: Taxonomy.load(extension))
    assert "<https://example.org/my/spigelian-lobule>" in query
