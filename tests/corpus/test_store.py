"""The RDF store: its statements about records, agreement with shapes and reasoner, and how it is written and opened."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from rdflib import Graph as RdfGraph
from sqlalchemy import Connection

from udt.cli.main import main
from udt.core.errors import DataError, QueryError, TaxonomyError
from udt.core.vocabulary import Vocabulary
from udt.corpus.corpus import CorpusSummary, _Stream
from udt.corpus.default_graph import closure_quads
from udt.corpus.iris import CorpusIris
from udt.corpus.quads import RecordWriter
from udt.corpus.records import SourcedRecord
from udt.corpus.samples import samples, sources
from udt.corpus.store import build_store
from udt.query.answers import Table
from udt.query.engines.store import MANIFEST, STORE, StoreData, read_manifest
from udt.query.queries import run_query
from udt.taxonomy.model.namespaces import NS, compress, property_iri
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.reasoner import reason
from udt.taxonomy.quality.rules import Rules
from udt.taxonomy.quality.shacl import validate

from .conftest import EXAMPLES, KEPT

pytestmark = pytest.mark.slow

PROV = "http://www.w3.org/ns/prov#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
DEFINED = {
    "one/1#f1": {"ns:SimpleCyst"},
    "one/2#f1": {"ns:ComplexCyst", "ns:SeptatedCyst"},
    "one/3#f1": {"ns:SuspiciousBreastMass"},
    "one/4#f1": {"ns:SuspiciousBreastMass"},
    "one/5#f1": {"ns:ComplexCyst"},
    "one/6#f1": set(),
}
OPEN_WORLD = {"one/2#f1": {"ns:SimpleCyst"}}
"""Classes that a reasoner infers as well, since it cannot know that a cyst with septations is no simple one."""


@pytest.fixture(scope="module")
def built(db: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CorpusSummary]:
    from udt.records.database.database import Database

    folder = tmp_path_factory.mktemp("store") / "records.rdf"
    with Database.open(db) as database, database.reading() as connection:
        return folder, build_store(connection, folder)


@pytest.fixture(scope="module")
def store(built: tuple[Path, CorpusSummary]) -> ox.Store:
    return ox.Store.read_only(str(built[0] / STORE))


def quads(store: ox.Store, source: str, kind: str = "") -> list[ox.Quad]:
    graph = ox.NamedNode(f"urn:x-udt:source/{source}{kind}")
    return list(store.quads_for_pattern(None, None, None, graph))


def test_summary_counts(built: tuple[Path, CorpusSummary], store: ox.Store) -> None:
    summary = built[1]
    assert (summary.records, summary.rejected, summary.cases) == (len(KEPT), 1, 7)
    assert summary.findings == len(DEFINED)
    assert summary.quads == len(store)
    assert summary.classes == {
        "ns:ComplexCyst": 2,
        "ns:SeptatedCyst": 1,
        "ns:SimpleCyst": 1,
        "ns:SuspiciousBreastMass": 2,
    }


def test_each_record_has_its_labels_in_the_graph_of_its_source(store: ox.Store, vocabulary: Vocabulary) -> None:
    for id, example in enumerate(EXAMPLES, 1):
        node = ox.NamedNode(f"urn:x-udt:record/{example.source}/{id}")
        found = {(q.predicate.value, q.object.value) for q in quads(store, example.source) if q.subject == node}
        if example not in KEPT:
            assert not found
            continue
        labels = {
            (property_iri(key), vocabulary[key].iris[vocabulary[key].id(label)])
            for key, values in example.labels.items()
            for label in values
        }
        bare = set() if labels else {(TYPE.value, NS + "RecordWithoutLabels")}
        origin = {(NS + "inCase", f"urn:x-udt:case/{example.source}/{quote(example.case, safe='')}")}
        if example.split is not None:
            origin.add((NS + "split", str(example.split)))
        if example.image is not None:
            origin.add((NS + "image", f"urn:x-udt:image/{id}"))
        if example.labels or example.denied:
            origin.add((PROV + "wasGeneratedBy", "urn:x-udt:maker/1"))
        expected = labels | bare | origin | {(TYPE.value, NS + "LabelledRecord"), (NS + "caseId", example.case)}
        assert found == expected


def test_only_records_of_one_lesion_have_a_finding_and_its_classes(store: ox.Store) -> None:
    found: dict[str, set[str]] = {}
    for quad in [*quads(store, "one", "#findings"), *quads(store, "two", "#findings")]:
        name = quad.subject.value.removeprefix("urn:x-udt:record/")
        if quad.predicate == TYPE and name.endswith("#f1"):
            found.setdefault(name, set()).add(compress(quad.object.value))
    assert found == {name: {"ns:Finding", *classes} for name, classes in DEFINED.items()}


def test_denied_labels_are_a_denied_finding(store: ox.Store) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for quad in [*quads(store, "one", "#denied"), *quads(store, "two", "#denied")]:
        found.setdefault(quad.subject.value, set()).add((quad.predicate.value, compress(quad.object.value)))
    one, two = (found[f"urn:x-udt:record/{name}#denied"] for name in ("one/4", "two/10"))
    head = {(TYPE.value, "ns:DeniedFinding"), (NS + "hasCertainty", "ns:Absent")}
    assert one == head | {(NS + "internalCharacteristics", "udaf:internal.calcifications")}
    assert two == head | {(NS + "diagnosis", "udaf:diagnosis.cyst"), (NS + "organ", "uhat:liver")}


def test_label_that_is_present_is_not_denied(connection: Connection, taxonomy: Taxonomy) -> None:
    writer = RecordWriter(taxonomy, Rules(taxonomy), CorpusIris())
    sample = next(samples(connection, writer.vocabulary))
    anechoic = ("echogenicity", "https://w3id.org/udt/udaf/echogenicity.anechoic")
    assert "DeniedFinding" not in writer.record(SourcedRecord(sample, denied=frozenset({anechoic})))


def test_a_case_has_the_labels_of_all_its_records_and_only_of_its_source(store: ox.Store) -> None:
    cases = {q.subject.value for q in quads(store, "one", "#cases")} | {
        q.subject.value for q in quads(store, "two", "#cases")
    }
    assert len(cases) == 7
    organs = {
        (q.subject.value.rpartition(":case/")[2], compress(q.object.value))
        for source in ("one", "two")
        for q in quads(store, source, "#cases")
        if q.predicate.value == NS + "organ"
    }
    assert organs == {
        ("one/c%2F1", "uhat:kidney-ureter"), ("one/c%2F1", "uhat:liver"), ("one/c2", "uhat:breast"),
        ("one/c3", "uhat:kidney-ureter"), ("one/c3", "uhat:liver"),
        ("two/c%2F1", "uhat:liver"), ("two/c%2F1", "uhat:kidney-ureter"),
    }  # fmt: skip


def test_closure_agrees_with_path_query(store: ox.Store, taxonomy: Taxonomy) -> None:
    prefix = {"skos": "http://www.w3.org/2004/02/skos/core#"}
    stated = {
        tuple(map(str, row)) for row in store.query("SELECT ?a ?b { ?a skos:broaderTransitive ?b }", prefixes=prefix)
    }
    searched = {tuple(map(str, row)) for row in store.query("SELECT ?a ?b { ?a skos:broader+ ?b }", prefixes=prefix)}
    assert stated == searched
    assert closure_quads(taxonomy).count("\n") == len(stated)


def test_records_and_findings_conform_to_the_shapes(store: ox.Store, taxonomy: Taxonomy) -> None:
    triples = [
        q.triple
        for source in ("one", "two")
        for kind in ("", "#findings", "#denied", "#cases")
        for q in quads(store, source, kind)
    ]
    triples += [q.triple for q in store.quads_for_pattern(ox.NamedNode("urn:x-udt:maker/1"), None, None)]
    text = (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    assert validate(RdfGraph().parse(data=text, format="nt"), taxonomy) == []


@pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs Java, and none is installed")
def test_the_whole_store_is_consistent_and_hermit_infers_nothing_more(store: ox.Store, taxonomy: Taxonomy) -> None:
    kinds = ("", "#findings", "#denied", "#cases")
    ours = (PROV, NS + "image", NS + "frame", NS + "sha256")
    stated = [
        q.triple
        for source in ("one", "two")
        for kind in kinds
        for q in quads(store, source, kind)
        if not q.predicate.value.startswith(ours) and q.subject.value.split(":")[2][:5] != "image"
    ]
    reasoning = reason(taxonomy, stated)
    assert reasoning.status == "consistent", reasoning.message
    for name, classes in DEFINED.items():
        found = set(reasoning.types[f"urn:x-udt:record/{name}"])
        assert found == {"ns:Finding", "ns:Labelled", *classes, *OPEN_WORLD.get(name, ())}


def test_the_sources_are_described(connection: Connection, store: ox.Store) -> None:
    assert [(one.name, one.licence) for one in sources(connection)] == [("one", "CC0"), ("two", "CC0")]
    graphs = "ns:caseGraph ?c ; ns:findingGraph ?f ; ns:deniedGraph ?d"
    query = f"SELECT ?name {{ ?source a ns:Source ; dcterms:title ?name ; {graphs} }} ORDER BY ?name"
    prefixes = {"ns": NS, "dcterms": "http://purl.org/dc/terms/"}
    assert [row[0].value for row in store.query(query, prefixes=prefixes)] == ["one", "two"]


def test_builds_are_deterministic(built: tuple[Path, CorpusSummary], connection: Connection, tmp_path: Path) -> None:
    assert build_store(connection, tmp_path / "again") == built[1]
    assert (tmp_path / "again" / MANIFEST).read_bytes() == (built[0] / MANIFEST).read_bytes()


def test_an_extension_of_the_taxonomy_is_in_the_store(connection: Connection, tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        "@prefix ns: <https://w3id.org/udt/ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
        "@prefix udaf: <https://w3id.org/udt/udaf/> . @prefix my: <https://example.org/my/> ."
        "my:Dark a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ns:Finding"
        " [ a owl:Restriction ; owl:onProperty ns:echogenicity ; owl:hasValue udaf:echogenicity.hypoechoic ] ) ] ."
    )
    summary = build_store(connection, tmp_path / "store", [extra])
    assert summary.classes["my:Dark"] == 2
    answer = run_query("SELECT ?f { GRAPH ?g { ?f a my:Dark } }", StoreData(tmp_path / "store"))
    assert isinstance(answer, Table) and len(answer.rows) == 2


def test_a_definition_without_a_rule_stops_the_build(connection: Connection, tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . <http://e/A> a owl:Class ;"
        " owl:equivalentClass [ owl:complementOf <http://e/B> ] ."
    )
    with pytest.raises(TaxonomyError, match="owl:complementOf"):
        build_store(connection, tmp_path / "store", [extra])
    assert not (tmp_path / "store").exists()


def test_a_store_is_replaced_only_when_asked(connection: Connection, tmp_path: Path) -> None:
    build_store(connection, tmp_path / "store")
    with pytest.raises(DataError, match=r"is there already; .*--overwrite"):
        build_store(connection, tmp_path / "store")
    build_store(connection, tmp_path / "store", overwrite=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("precious")
    (other / MANIFEST).write_text('{"schema": "udt-bundle/1"}')
    with pytest.raises(DataError, match=r"holds other files and no manifest.json of udt-store"):
        build_store(connection, other, overwrite=True)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_query_sees_the_store(built: tuple[Path, CorpusSummary]) -> None:
    answer = run_query(
        "SELECT ?s (COUNT(?r) AS ?n) { GRAPH ?s { ?r a ns:LabelledRecord } } GROUP BY ?s", StoreData(built[0])
    )
    assert isinstance(answer, Table)
    assert [(row[0].value.rpartition("/")[2], row[1].value) for row in answer.rows] == [("one", "7"), ("two", "4")]  # type: ignore[union-attr]


def test_unsafe_queries_are_refused(built: tuple[Path, CorpusSummary]) -> None:
    for query in ("DROP ALL", "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"):
        with pytest.raises(QueryError, match=r"is an update|would call another server"):
            run_query(query, StoreData(built[0]))
    with pytest.raises(QueryError, match="stopped after 1 s"):
        run_query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", StoreData(built[0]), timeout=1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "not a corpus store: manifest.json is missing"),
        ("{", "is not JSON"),
        ('{"schema": "udt-store/9"}', "has the schema 'udt-store/9'"),
    ],
)
def test_folder_that_is_not_a_store(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / STORE).mkdir()
        (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(DataError, match=message):
        read_manifest(tmp_path)


def test_damaged_store(tmp_path: Path) -> None:
    (tmp_path / STORE).mkdir()
    (tmp_path / MANIFEST).write_text('{"schema": "udt-store/1", "prefixes": {}}')
    with pytest.raises(DataError, match="oxigraph: cannot be opened"):
        run_query("ASK {}", StoreData(tmp_path))


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_stream_yields_every_byte_once(size: int) -> None:
    texts = ["ab", "", "c雲d", "e" * 50]
    stream = io.BufferedReader(_Stream(iter(texts)), size)
    parts = list(iter(lambda: stream.read(size), b""))
    assert b"".join(parts) == "".join(texts).encode()
    assert all(len(part) == size for part in parts[:-1])


def test_the_command_builds_and_reports(db: Path, tmp_path: Path) -> None:
    arguments = ["data", "to-rdf", "--db", str(db), "--store", str(tmp_path / "s")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "11 records of 7 cases, 6 findings" in done.stdout
    assert "1 rejected samples were left out" in done.stdout
    again = CliRunner().invoke(main, arguments)
    assert (again.exit_code, again.stdout) == (1, "")
    replaced = CliRunner().invoke(main, [*arguments, "--overwrite", "--json"])
    assert json.loads(replaced.stdout)["classes"]["ns:SimpleCyst"] == 1
