"""The corpus questions on a store and a server, each against what Python counts from the samples themselves."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from udt.cli.main import main
from udt.core.errors import QueryError
from udt.corpus.store import build_store
from udt.query import answers as answer_module
from udt.query.answers import Graph, Table
from udt.query.engines.endpoint import EndpointData, _answer
from udt.query.engines.store import STORE, StoreData
from udt.query.engines.taxonomy import TaxonomyData
from udt.query.presets import preset, presets
from udt.query.queries import Data, run_preset, run_query
from udt.records.database.database import Database
from udt.taxonomy.model.namespaces import compress
from udt.taxonomy.model.taxonomy import Taxonomy

from .conftest import KEPT, Example

ABOUT_RECORDS = [preset.name for preset in presets() if preset.corpus]


@pytest.fixture(scope="module")
def folder(db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "records.rdf"
    with Database.open(db) as database, database.reading() as connection:
        build_store(connection, path)
    return path


class _Server(BaseHTTPRequestHandler):
    """The SPARQL protocol as far as we use it: a query posted as it is, answered by a store."""

    store: ox.Store

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.headers["Content-Type"].startswith("application/sparql-query")
        try:
            found = self.store.query(query)
        except SyntaxError as error:
            self.send_error(400, "Bad Request", str(error))
            return
        if isinstance(found, ox.QueryTriples):
            self._send("application/n-triples", found.serialize(format=ox.RdfFormat.N_TRIPLES) or b"")
        else:
            form = ox.QueryResultsFormat.JSON
            self._send("application/sparql-results+json; charset=utf-8", found.serialize(format=form) or b"")

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/query"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[str]:
    handler = type("Serving", (_Server,), {"store": ox.Store.read_only(str(folder / STORE))})
    yield from serving(handler)


@pytest.fixture(scope="module", params=["store", "endpoint"])
def data(request: pytest.FixtureRequest, folder: Path, endpoint: str) -> Data:
    return StoreData(folder) if request.param == "store" else EndpointData(endpoint)


def rows(data: Data, name: str, taxonomy: Taxonomy, **arguments: str) -> list[tuple[str, ...]]:
    """The answer with short IRIs."""
    answer = run_preset(preset(name), arguments, data, load=lambda: taxonomy)
    assert isinstance(answer, Table)
    values = [[compress(term.value).removeprefix("urn:x-udt:") for term in row] for row in answer.rows]  # type: ignore[union-attr]
    return [tuple(row) for row in values]


def lesions() -> list[Example]:
    """Samples whose labels can all belong to one lesion, written down anew."""
    single = ("body_system", "organ", "diagnosis")
    return [
        one
        for one in KEPT
        if all(len(one.labels.get(key, ())) <= 1 for key in single) and one.labels.keys() - set(single[:2])
    ]


def having(*labels: str, of: list[Example] | None = None) -> list[Example]:
    return [
        one for one in (lesions() if of is None else of) if set(labels) <= {x for v in one.labels.values() for x in v}
    ]


def organs(examples: list[Example], taxonomy: Taxonomy) -> Counter[str]:
    return Counter(taxonomy[label].curie for one in examples for label in one.labels.get("organ", ()))


@pytest.mark.parametrize("name", ABOUT_RECORDS)
def test_file_of_a_preset_gives_the_same_result(folder: Path, name: str, taxonomy: Taxonomy) -> None:
    """In the file a value is bound by VALUES; before it is sent, it takes the place of its variable."""
    one = preset(name)
    assert run_preset(one, {}, StoreData(folder), load=lambda: taxonomy) == run_query(one.text, StoreData(folder))


@pytest.mark.parametrize("name", ABOUT_RECORDS)
def test_taxonomy_without_records(name: str) -> None:
    with pytest.raises(QueryError, match=f"'{name}' queries records, .*--store DIR.*--endpoint URL"):
        run_preset(preset(name), {}, TaxonomyData())


@pytest.mark.parametrize("second", ["hypoechoic", "irregular", "mass"])
def test_lesions_by_organ(data: Data, taxonomy: Taxonomy, second: str) -> None:
    found = {row[0]: int(row[2]) for row in rows(data, "lesions-by-organ", taxonomy, second=second)}
    assert found == organs(having("shadowing", second), taxonomy)


def test_class_by_system(data: Data, taxonomy: Taxonomy) -> None:
    simple = [
        one for one in having("cyst", "anechoic", "well-defined", "enhancement") if one not in having("septations")
    ]
    systems = Counter(taxonomy[label].curie for one in simple for label in one.labels["body_system"])
    assert {row[0]: int(row[2]) for row in rows(data, "class-by-system", taxonomy)} == systems
    assert rows(data, "class-by-system", taxonomy, **{"class": "ns:SeptatedCyst"})[0][2] == "1"


def test_findings_by_class(data: Data, taxonomy: Taxonomy) -> None:
    found = {row[0]: int(row[2]) for row in rows(data, "findings-by-class", taxonomy)}
    assert found == {"ns:ComplexCyst": 2, "ns:SeptatedCyst": 1, "ns:SimpleCyst": 1, "ns:SuspiciousBreastMass": 2}


def test_contradictory_labels(data: Data, taxonomy: Taxonomy) -> None:
    found = {row[0]: (int(row[1]), row[2]) for row in rows(data, "contradictory-labels", taxonomy)}
    assert found == {
        "anechoic, yet with solid components": (1, "record/one/5#f1"),
        "no vascularity, yet increased": (1, "record/one/6#f1"),
    }


def test_one_organ_cases(data: Data, taxonomy: Taxonomy) -> None:
    of: dict[tuple[str, str], set[str]] = {}
    for one in KEPT:
        of.setdefault((one.source, one.case), set()).update(one.labels.get("organ", ()))
    single = Counter((source, *names) for (source, _), names in of.items() if len(names) == 1)
    found = {
        (row[0].rpartition("/")[2], taxonomy[row[1]].label): int(row[2])
        for row in rows(data, "one-organ-cases", taxonomy)
    }
    assert found == single


def test_attributes_of(data: Data, taxonomy: Taxonomy) -> None:
    kidney = having("Kidney and ureter", "cyst")
    attributes = Counter(
        label
        for one in kidney
        for key, values in one.labels.items()
        if key not in {"body_system", "organ", "diagnosis"}
        for label in values
    )
    answer = rows(data, "attributes-of", taxonomy)
    assert {taxonomy[row[0]].label: int(row[1]) for row in answer} == attributes
    assert {float(row[2]) for row in answer} == {100 * count / len(kidney) for count in attributes.values()}
    below = rows(data, "attributes-of", taxonomy, organ="Breast and Axilla", diagnosis="mass")
    assert {row[0] for row in below} == {
        "udaf:shape.irregular",
        "udaf:echogenicity.hypoechoic",
        "udaf:posterior.shadowing",
    }


def test_organs_together(data: Data, taxonomy: Taxonomy) -> None:
    assert rows(data, "organs-together", taxonomy) == [("uhat:kidney-ureter", "uhat:liver", "3")]


def test_labels_by_source(data: Data, taxonomy: Taxonomy) -> None:
    for key in ("diagnosis", "echogenicity"):
        counts = Counter((one.source, label) for one in KEPT for label in one.labels.get(key, ()))
        answer = rows(data, "labels-by-source", taxonomy, dimension=key)
        assert {(row[0].rpartition("/")[2], taxonomy[row[1]].label): int(row[2]) for row in answer} == counts


def test_unlabelled(data: Data, taxonomy: Taxonomy) -> None:
    counts = Counter(one.source for one in KEPT if not one.labels)
    assert {row[0].rpartition("/")[2]: int(row[1]) for row in rows(data, "unlabelled", taxonomy)} == counts


def test_denied_labels(data: Data, taxonomy: Taxonomy) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for one in KEPT:
        counts.update((one.source, taxonomy[label].curie) for labels in one.denied.values() for label in labels)
    found = {(row[0].rpartition("/")[2], row[1]): int(row[2]) for row in rows(data, "denied-labels", taxonomy)}
    assert found == counts


def test_unused_labels(data: Data, taxonomy: Taxonomy) -> None:
    used = {(key, label) for one in KEPT for key, labels in one.labels.items() for label in labels}
    unused = [value.curie for d in taxonomy.tasks for value in d.values if (d.key, value.label) not in used]
    assert sorted(row[1] for row in rows(data, "unused-labels", taxonomy)) == sorted(unused)


def test_lesions_below(data: Data, taxonomy: Taxonomy) -> None:
    for place in ("Breast and Axilla", "Breast"):
        counts = Counter(taxonomy[one.labels["diagnosis"][0]].curie for one in having(place))
        assert {row[1]: int(row[2]) for row in rows(data, "lesions-below", taxonomy, place=place)} == counts


def test_parameter_keeps_its_type(taxonomy: Taxonomy) -> None:
    """Text that looks like a variable is not taken for one, and only whole names are."""
    one = preset("lesions-by-organ")
    text = one.with_terms({"first": "<http://e/?second>", "second": '"?first"'})
    assert '"?first"' in text and "<http://e/?second>" in text
    assert "?firstborn" in type(one)(*(("x",) * 3), one.parameters, "{ ?firstborn ?first ?x }", True).with_terms({})


def test_command_queries_store_and_server(folder: Path, endpoint: str) -> None:
    question = ["query", "--preset", "class-by-system", "--format", "csv"]
    asked = [
        CliRunner().invoke(main, [*question, *where]) for where in (["--store", str(folder)], ["--endpoint", endpoint])
    ]
    assert asked[0].stdout_bytes == asked[1].stdout_bytes
    assert b"Urinary Tract and male reproductive system,1" in asked[0].stdout_bytes
    alone = CliRunner().invoke(main, question)
    assert (alone.exit_code, alone.stdout) == (1, "") and "queries records" in alone.stderr
    both = CliRunner().invoke(main, [*question, "--store", str(folder), "--endpoint", endpoint])
    assert (both.exit_code, both.stdout) == (2, "")


def test_the_taxonomy_questions_have_the_same_answers_in_a_store(data: Data, taxonomy: Taxonomy) -> None:
    for name in ("organs-of-system", "mappings-of", "defined-classes"):
        assert run_preset(preset(name), {}, data, load=lambda: taxonomy) == run_preset(preset(name), {}, TaxonomyData())


def test_an_endpoint_answers_ask_and_construct(endpoint: str) -> None:
    data = EndpointData(endpoint)
    assert run_query("ASK { GRAPH ?g { ?r a ns:LabelledRecord } }", data) is True
    graph = run_query("CONSTRUCT { ?o a ns:Found } { ?o skos:broader uhat:sys.thorax ; a ns:Organ }", data)
    assert isinstance(graph, Graph) and len(graph.triples) == 4


def test_unsafe_queries_are_not_sent() -> None:
    data = EndpointData("http://127.0.0.1:9/query")
    for query in ("DROP ALL", "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"):
        with pytest.raises(QueryError, match=r"is an update|would call another server"):
            run_query(query, data)


def test_error_of_the_server_names_the_line(endpoint: str) -> None:
    with pytest.raises(QueryError, match=r"answered 400: (.|\n)*error at 2:"):
        run_query("SELECT *\nWHERE ?s", EndpointData(endpoint))


def test_server_that_does_not_answer() -> None:
    given_up = pytest.raises(QueryError, match=r"stopped after 0.8 s")
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as silent, given_up:
        run_query("ASK {}", EndpointData(f"http://127.0.0.1:{silent.server_address[1]}/"), timeout=0.8)


def test_server_that_cannot_be_reached() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as gone:
        port = gone.server_address[1]
    with pytest.raises(QueryError, match=r"cannot be reached: .*refused.*check that the server is running"):
        run_query("ASK {}", EndpointData(f"http://127.0.0.1:{port}/"))


ODD: Mapping[str, tuple[str, bytes, str]] = {
    "a web page": ("text/html", b"<html>", "answered with 'text/html' instead of SPARQL results"),
    "half of the JSON": ("application/sparql-results+json", b'{"head": {"vars": [', "answered with damaged"),
    "half of the triples": ("application/n-triples", b"<http://e/a> <http", "answered with damaged"),
}


@pytest.mark.parametrize(("kind", "body", "message"), ODD.values(), ids=ODD)
def test_answer_of_another_type(kind: str, body: bytes, message: str) -> None:
    answer = {"do_POST": lambda self: self._send(kind, body)}
    for url in serving(type("Odd", (_Server,), answer)):
        with pytest.raises(QueryError, match=message):
            run_query("SELECT * { ?s ?p ?o }", EndpointData(url))


@pytest.mark.parametrize("url", ["localhost:7878", "file:///etc/passwd", "ftp://e/x", "http://"])
def test_only_http_is_an_endpoint(url: str) -> None:
    with pytest.raises(QueryError, match="is not the URL of a SPARQL endpoint; give one such as"):
        EndpointData(url)


def test_too_many_rows_from_a_server_are_refused(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_module, "MAX_ROWS", 2)
    with pytest.raises(QueryError, match="more than 2 results"):
        _answer(endpoint, "SELECT * { ?s ?p ?o } LIMIT 3")
