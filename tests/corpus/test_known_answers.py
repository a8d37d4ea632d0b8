"""The questions to a corpus, on a ward whose answers are known: in the store, and in Oxigraph's server from a dump."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from rdflib import Dataset, Graph

from tests.corpus import known
from udt.cli.main import main
from udt.corpus.dump import FORMATS, format_of
from udt.query.answers import Table
from udt.query.engines.endpoint import EndpointData
from udt.query.engines.store import STORE, StoreData
from udt.query.presets import preset, presets
from udt.query.queries import Data, run_preset
from udt.taxonomy.model.namespaces import compress
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.shacl import validate

R = known.record
Rows = list[tuple[str, ...]]
GALLSTONES = [(R(1), f"{R(1)}#f1", "cholelithiasis"), (R(2), f"{R(2)}#f1", "cholelithiasis")]

# Preset and its arguments to the rows, without order.
ANSWERS: dict[tuple[str, ...], Rows] = {
    ("records-of-finding",): [(*row, "ns:Present") for row in GALLSTONES],
    ("records-of-finding", "disease=finding:concretion"): [(*row, "ns:Present") for row in GALLSTONES],
    ("findings-with-sign",): GALLSTONES[:1],
    ("findings-together",): [(R(1), "cholelithiasis", "gallbladder wall thickening")],
    ("findings-by-site",): [
        ("uhat:peripheral-veins_femoral-vein", "femoral vein", "left", "1"),
        ("uhat:peripheral-veins_popliteal-vein", "popliteal vein", "right", "1"),
    ],
    ("lesions-above",): [
        ("", "not stated", "1", "41"),
        ("uhat:liver", "Liver", "2", "31"),
        ("uhat:kidney-ureter", "Kidney and ureter", "1", "22"),
    ],
    ("lesions-above", "millimetres=24"): [("", "not stated", "1", "41"), ("uhat:liver", "Liver", "2", "31")],
    ("largest-sizes",): [
        (R(7), f"{R(7)}#f1", "mass", "41"),
        (R(4), f"{R(4)}#f2", "hepatocellular carcinoma", "31"),
        (R(5), f"{R(5)}#f1", "cyst", "22"),
        (R(6), f"{R(6)}#f1", "cyst", "9"),
    ],
    ("findings-of-side",): [
        ("finding:deep-vein-thrombosis", "deep vein thrombosis", "uhat:peripheral-veins", "1"),
        ("udaf:diagnosis.cyst", "cyst", "uhat:kidney-ureter", "1"),
        ("udaf:diagnosis.mass", "mass", "", "1"),
    ],
    ("findings-by-site", "disease=mass"): [("", "", "", "2"), ("", "", "left", "1")],
    ("concepts-of-value", "value=shadowing"): [("finding:cholelithiasis", "cholelithiasis", "1")],
    ("findings-by-certainty", "certainty=ns:Possible"): [
        ("finding:hepatocellular-carcinoma", "hepatocellular carcinoma", "uhat:liver", "1")
    ],
    ("findings-by-certainty", "certainty=ns:Absent"): [
        ("finding:ascites", "ascites", "", "1"),
        ("finding:pleural-effusion", "pleural effusion", "", "1"),
    ],
    ("findings-by-certainty",): [
        ("finding:cholelithiasis", "cholelithiasis", "uhat:gallbladder-bile-ducts", "2"),
        ("finding:deep-vein-thrombosis", "deep vein thrombosis", "uhat:peripheral-veins", "2"),
        ("finding:gallbladder-wall-thickening", "gallbladder wall thickening", "uhat:gallbladder-bile-ducts", "1"),
        ("finding:hepatic-cyst", "hepatic cyst", "uhat:liver", "1"),
        ("finding:portal-vein-thrombosis", "portal vein thrombosis", "uhat:liver", "1"),
        ("udaf:diagnosis.cyst", "cyst", "uhat:kidney-ureter", "2"),
        ("udaf:diagnosis.cyst", "cyst", "uhat:liver", "1"),
        ("udaf:diagnosis.mass", "mass", "", "1"),
        ("udaf:diagnosis.mass", "mass", "uhat:breast", "2"),
    ],
    ("findings-of-section",): [
        (R(4), f"{R(4)}#f3", "hepatic cyst", "ns:Present"),
        (R(4), f"{R(4)}#f4", "portal vein thrombosis", "ns:Present"),
    ],
    ("only-in-impression",): [(R(4), f"{R(4)}#f4", "portal vein thrombosis")],
    ("only-in-body",): [(R(4), f"{R(4)}#f2", "hepatocellular carcinoma")],
    ("makers",): [
        ("source/ward", "human", "Dr Ward", "", "", "4", "3"),
        ("source/ward", "model", "net", "0.1", "", "2", "1"),
        ("source/ward", "rule", "reader", "3.4", "1.2", "7", "12"),
    ],
    ("labelling-conflicts",): [
        (R(8), "udaf:diagnosis.mass", "Dr Ward", "net"),
        (R(8), "udaf:diagnosis.nodule", "net", "Dr Ward"),
    ],
    ("splits-of-case", "case=p1"): [("source/ward", "test", "1"), ("source/ward", "train", "1")],
    ("splits-of-case", "case=p6"): [("source/ward", "", "2")],
    ("cases-in-two-splits",): [("case/ward/p1", "2")],
    ("images-of", "disease=cholelithiasis"): [
        (f"{R(1)}#f1", "cholelithiasis", "sweep.mp4", "12", "0.48"),
        (f"{R(2)}#f1", "cholelithiasis", "p2.png", "", ""),
    ],
    ("concepts-of-value", "value=udaf:diagnosis.cyst"): [
        ("finding:hepatic-cyst", "hepatic cyst", "1"),
        ("udaf:diagnosis.cyst", "cyst", "3"),
    ],
    ("values-against-malignancy", "dimension=diagnosis"): [
        ("udaf:diagnosis.cyst", "4", "0", "0"),
        ("udaf:diagnosis.mass", "4", "1", "25"),
    ],
    ("findings-at",): [(R(4), f"{R(4)}#f4", "portal vein thrombosis", "portal vein", "ns:Present")],
    ("findings-at", "place=renal pole"): [(R(5), f"{R(5)}#f1", "cyst", "lower renal pole", "ns:Present")],
    ("grown",): [(R(4), f"{R(4)}#f1", "hepatic cyst", "12", "25", "increased")],
    ("records-of-code",): [(*row, "finding:cholelithiasis") for row in GALLSTONES],
    ("records-of-code", "code=RADLEX:RID4989"): [(*row, "finding:cholelithiasis") for row in GALLSTONES],
    ("records-of-code", "code=MONDO:0007254"): [],
    ("malignant-by-organ",): [("uhat:liver", "finding:hepatocellular-carcinoma", "hepatocellular carcinoma", "1")],
    ("class-by-system",): [("uhat:sys.urinary-male-reproductive", "Urinary Tract and male reproductive system", "1")],
    ("attributes-of",): [
        ("udaf:echogenicity.anechoic", "2", "100", "1", "0"),
        ("udaf:internal.septations", "1", "50", "1", "0"),
        ("udaf:margins.well-defined", "2", "100", "1", "0"),
        ("udaf:posterior.enhancement", "2", "100", "1", "0"),
    ],
    ("attributes-of", "organ=Liver"): [],
    ("contradictory-labels",): [
        ("an organ of another body system", "1", f"{R(11)}#f1"),
        ("margins well-defined, yet ill-defined", "1", f"{R(10)}#f1"),
    ],
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Path:
    path = tmp_path_factory.mktemp("known") / "records.db"
    known.build(path, taxonomy)
    return path


@pytest.fixture(scope="module")
def store(db: Path) -> Path:
    _udt("data", "to-rdf", "--db", db, "--store", db.parent / "store")
    return db.parent / "store"


@pytest.fixture(scope="module")
def dump(db: Path) -> Path:
    _udt("data", "to-rdf", "--db", db, "--out", db.parent / "dump.nq")
    return db.parent / "dump.nq"


@pytest.fixture(scope="module")
def server(dump: Path) -> Iterator[str]:
    """Oxigraph's server, which has loaded the dump over HTTP."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if program is None:
        pytest.skip("Oxigraph's server is not installed: pip install oxigraph")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "serve", "--location", str(dump.parent / "served"), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _post(f"http://127.0.0.1:{port}/store", dump.read_bytes())
            yield f"http://127.0.0.1:{port}/query"
        finally:
            process.terminate()


def _post(url: str, body: bytes, attempts: int = 100) -> None:
    for attempt in range(attempts):
        request = urllib.request.Request(url, body, {"Content-Type": "application/n-quads"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                assert answer.status in (200, 201, 204)
                return
        except urllib.error.URLError as error:
            if isinstance(error, urllib.error.HTTPError) or attempt == attempts - 1:
                raise
            time.sleep(0.2)


def _udt(*arguments: object) -> str:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def answered(question: tuple[str, ...], data: Data, taxonomy: Taxonomy) -> Rows:
    name, *arguments = question
    answer = run_preset(preset(name), dict(one.split("=") for one in arguments), data, load=lambda: taxonomy)
    assert isinstance(answer, Table)
    return sorted(
        tuple("" if term is None else compress(term.value).removeprefix("urn:x-udt:") for term in row)  # type: ignore[union-attr]
        for row in answer.rows
    )


@pytest.mark.parametrize("question", ANSWERS, ids=" ".join)
def test_the_store_answers(question: tuple[str, ...], store: Path, taxonomy: Taxonomy) -> None:
    assert answered(question, StoreData(store), taxonomy) == sorted(ANSWERS[question])


@pytest.mark.slow
def test_a_server_with_the_dump_answers_alike(server: str, taxonomy: Taxonomy) -> None:
    found = {question: answered(question, EndpointData(server), taxonomy) for question in ANSWERS}
    assert found == {question: sorted(rows) for question, rows in ANSWERS.items()}


def test_every_question_to_records_has_known_answers_somewhere() -> None:
    asked = {name for name, *_ in ANSWERS}
    elsewhere = (Path(__file__).parent / "test_presets.py").read_text("utf-8")
    assert [one.name for one in presets() if one.corpus and one.name not in asked and one.name not in elsewhere] == []


@pytest.mark.parametrize("name", ["dump.trig", "dump.nq.gz"])
def test_a_dump_holds_what_the_store_holds(name: str, db: Path, store: Path, tmp_path: Path) -> None:
    out = tmp_path / name
    _udt("data", "to-rdf", "--db", db, "--out", out)
    content = gzip.decompress(out.read_bytes()) if name.endswith(".gz") else out.read_bytes()
    loaded = ox.Store()
    loaded.bulk_load(content, FORMATS[format_of(out)])
    stored = ox.Store.read_only(str(store / STORE))
    assert len(loaded) == len(stored)
    assert _of_graphs(loaded) == _of_graphs(stored)


def _of_graphs(store: ox.Store) -> set[str]:
    """Return the quads of the named graphs, blank nodes with canonical names."""
    found = ox.Dataset(quad for quad in store if isinstance(quad.graph_name, ox.NamedNode))
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, found))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_another_library_reads_the_dump(dump: Path) -> None:
    """The records alone, since rdflib takes a minute for the taxonomy."""
    lines = [line for line in dump.read_text("utf-8").splitlines() if "urn:x-udt:" in line]
    dataset = Dataset()
    dataset.parse(data="\n".join(lines), format="nquads")
    kinds = {str(graph.identifier).partition("#")[2] for graph in dataset.graphs() if len(graph)}
    assert kinds >= {"findings", "denied", "mentioned", "evidence", "cases"}


@pytest.mark.slow
def test_a_dump_conforms_to_the_shapes(dump: Path, taxonomy: Taxonomy) -> None:
    """What is wrong on purpose is found: margins that exclude each other, and an organ of another system."""
    quads = [q for q in ox.parse(dump.read_bytes(), ox.RdfFormat.N_QUADS) if _is_ours(q)]
    text = (ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    found = validate(Graph().parse(data=text, format="nt"), taxonomy)
    assert [(one.focus.removeprefix("urn:x-udt:"), one.message.split()[0:3]) for one in found] == [
        (f"{R(10)}#f1", ["The", "margins", "of"]),
        (R(11), ["The", "organ", "https://w3id.org/udt/uhat/liver"]),
    ]


def _is_ours(quad: ox.Quad) -> bool:
    return isinstance(quad.graph_name, ox.NamedNode) or str(quad.subject).startswith("<urn:x-udt:")


def test_evidence_can_be_left_out(db: Path, dump: Path, taxonomy: Taxonomy) -> None:
    """Nothing else goes with it."""
    _udt("data", "to-rdf", "--db", db, "--out", db.parent / "short.nq", "--without-evidence")
    whole, short = (set(ox.parse(p.read_bytes(), ox.RdfFormat.N_QUADS)) for p in (dump, db.parent / "short.nq"))
    evidence = [q for q in whole if str(q.graph_name) == "<urn:x-udt:source/ward#evidence>"]
    assert len(evidence) > 100 and len(short) == len(whole) - len(evidence)


def test_the_base_of_iris_is_the_users(db: Path, tmp_path: Path) -> None:
    _udt("data", "to-rdf", "--db", db, "--out", tmp_path / "d.nq", "--base-iri", "https://example.org/us/")
    content = (tmp_path / "d.nq").read_text("utf-8")
    assert "<https://example.org/us/record/ward/1#f1>" in content and "urn:x-udt" not in content
    assert "w3id.org/udt/record" not in content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give --store DIR or --out FILE"),
        (("--store", "s", "--out", "d.nq"), "give --store DIR or --out FILE"),
        (("--store", "s", "--format", "nq"), "--format is only allowed with --out"),
        (("--out", "d.ttl"), "its name has no ending of a format; end it in .nq or .trig"),
        (("--out", "d.nq", "--base-iri", "here"), "'here' cannot be the base of IRIs"),
    ],
)
def test_wrong_options(
    arguments: tuple[str, ...], message: str, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["data", "to-rdf", "--db", str(db), *arguments])
    assert done.exit_code in (1, 2) and message in done.output
    assert list(tmp_path.iterdir()) == []
