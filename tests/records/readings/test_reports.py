"""What the reader finds comes back from the database as it was, and in RDF as the format `ttl` writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest
from sqlalchemy import func, select

from tests.locations import ROOT, SHARED
from tests.records.conftest import Load
from udt.core.report import Report
from udt.core.strict_json import parse_json
from udt.corpus.store import build_store
from udt.io.writers.base import Settings
from udt.io.writers.ttl import writer as turtle_writer
from udt.normalize.normalizer import Normalizer
from udt.query.engines.store import STORE
from udt.records.database import provenance
from udt.records.database.database import Database
from udt.records.database.finding_models import EvidenceRow, FindingRow, MeasurementRow, Reading
from udt.records.database.models import Maker, Provenance, Sample, SampleLabel
from udt.records.importing.mapping import default_mapping
from udt.records.readings.reports import ReadingReader
from udt.taxonomy.model.namespaces import NS
from udt.taxonomy.model.taxonomy import Taxonomy

REPORTS = sorted((ROOT / "examples" / "reports").glob("*.txt"))
GOLD = SHARED / "gold" / "reports-dev.jsonl"


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer()


def texts() -> list[str]:
    return [path.read_text("utf-8") for path in REPORTS]


def stored(database: Database, taxonomy: Taxonomy) -> list[Report]:
    with database.reading() as connection:
        last = connection.scalar(select(func.max(Sample.id))) or 0
        found = ReadingReader(connection, taxonomy.full_vocabulary).read(1, last)
    return [reading.report for reading in found]


def rows(found: list[str]) -> list[dict[str, object]]:
    return [{"case": str(n), "caption": text} for n, text in enumerate(found, 1)]


@pytest.mark.parametrize("workers", [1, 2])
def test_reports_come_back_as_they_were(
    workers: int, database: Database, load: Load, taxonomy: Taxonomy, normalizer: Normalizer
) -> None:
    load(rows(texts()), default_mapping(taxonomy), normalize=True, workers=workers)
    read = [normalizer.normalize(text, id=str(n)) for n, text in enumerate(texts(), 1)]
    assert [one.to_dict() for one in stored(database, taxonomy)] == [one.to_dict() for one in read]
    assert [one.text for one in stored(database, taxonomy)] == texts()


def test_a_second_import_reads_nothing_again(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    mapping = default_mapping(taxonomy)
    assert load(rows(texts()), mapping, normalize=True).labelled == len(REPORTS)
    before = _counts(database)
    assert load(rows(texts()), mapping, normalize=True).labelled == 0
    assert _counts(database) == before


def test_a_new_version_replaces_what_an_old_one_read(
    database: Database, load: Load, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = default_mapping(taxonomy)
    monkeypatch.setattr(provenance, "__version__", "0.0.1")
    load(rows(texts()[:2]), mapping, normalize=True)
    before = _counts(database)
    monkeypatch.setattr(provenance, "__version__", "9.9.9")
    assert load(rows(texts()[:2]), mapping, normalize=True).labelled == 2
    assert _counts(database) == before
    with database.reading() as connection:
        versions = select(Provenance.version).join(Reading).distinct()
        assert connection.scalars(versions).all() == ["9.9.9"]
        makers = select(Provenance.version).join(SampleLabel, SampleLabel.provenance_id == Provenance.id).distinct()
        assert connection.scalars(makers).all() == ["9.9.9"]


def test_a_caption_that_a_person_labelled_is_not_read(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    labelled = {"case": "1", "caption": "A renal cyst of 2 cm.", "diagnosis": ["mass"]}
    assert load([labelled], default_mapping(taxonomy), normalize=True).labelled == 0
    assert _counts(database) == (0, 0, 0, 0)


def test_deleting_a_sample_deletes_its_readings(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load(rows(texts()[:1]), default_mapping(taxonomy), normalize=True)
    assert _counts(database)[1] > 0
    with database.writing() as connection:
        connection.execute(Sample.__table__.delete())  # type: ignore[attr-defined]
    assert _counts(database) == (0, 0, 0, 0)


def _counts(database: Database) -> tuple[int, ...]:
    with database.reading() as connection:
        tables = (Reading, FindingRow, MeasurementRow, EvidenceRow)
        return tuple(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


@pytest.mark.skipif(not GOLD.is_file(), reason=f"the development gold set of reports is not at {GOLD}")
def test_json_sql_and_rdf_have_the_same_numbers(
    database: Database, load: Load, taxonomy: Taxonomy, normalizer: Normalizer, tmp_path: Path
) -> None:
    """Findings, measurements and denials of the development reports."""
    found = [str(parse_json(line)["text"]) for line in GOLD.read_text("utf-8").splitlines()]
    load(rows(found), default_mapping(taxonomy), normalize=True)
    read = [one for n, text in enumerate(found, 1) for one in normalizer.normalize(text, id=str(n)).findings]
    in_json = len(read), sum(len(one.measurements) for one in read), sum(one.certainty == "absent" for one in read)
    with database.reading() as connection:
        tables = (FindingRow, MeasurementRow)
        in_sql = tuple(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
        denied = select(func.count()).where(FindingRow.certainty == "absent")
        in_sql = (*in_sql, connection.scalar(denied) or 0)
        build_store(connection, tmp_path / "store")
    store = ox.Store.read_only(str(tmp_path / "store" / STORE))
    assert in_json == in_sql == tuple(map(int, _of_rdf(store)))
    assert in_json[0] > 500 and in_json[1] > 200 and in_json[2] > 80


def _of_rdf(store: ox.Store) -> Iterator[str]:
    finding = "?record ns:hasFinding|ns:deniesFinding|ns:mentionsFinding ?finding . ?finding dcterms:identifier ?id"
    for pattern in (finding, f"{finding} ; ns:measurement ?m", f"{finding} ; ns:hasCertainty ns:Absent"):
        query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ {pattern} }} }}"
        found = store.query(query, prefixes={"ns": NS, "dcterms": "http://purl.org/dc/terms/"})
        yield next(iter(found))[0].value  # type: ignore[union-attr,index]


# Statements about the record itself, which differ: a corpus keeps the makers of all records in one place, and names
# concepts in the taxonomy alone.
_APART = {NS + "caseId", NS + "inCase", "http://www.w3.org/ns/prov#wasGeneratedBy"}
_OF_CONCEPTS = {"http://www.w3.org/2004/02/skos/core#prefLabel", "http://www.w3.org/2004/02/skos/core#exactMatch"}
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def test_a_corpus_has_the_triples_of_turtle(
    database: Database, load: Load, taxonomy: Taxonomy, normalizer: Normalizer, tmp_path: Path
) -> None:
    load(rows(texts()), default_mapping(taxonomy), normalize=True)
    with database.reading() as connection:
        build_store(connection, tmp_path / "store", base_iri="https://e.org/")
    inferred = {one.value for one in _classes(tmp_path / "store" / STORE)}
    ours = _kept(iter(ox.Store.read_only(str(tmp_path / "store" / STORE))), inferred)
    turtle = turtle_writer(Settings(base_iri="https://e.org/record/set/"))
    written = BytesIO()
    turtle.write([turtle.encode(normalizer.normalize(text, id=str(n))) for n, text in enumerate(texts(), 1)], written)
    loaded = ox.Store()
    loaded.load(written.getvalue(), ox.RdfFormat.TURTLE)
    assert ours == _kept((ox.Quad(*q.triple, ox.NamedNode("x:g")) for q in loaded), set())


def _classes(place: Path) -> list[ox.NamedNode]:
    """Return the classes with a definition, which only a corpus infers."""
    query = "SELECT DISTINCT ?c { ?c <http://www.w3.org/2002/07/owl#equivalentClass> ?d FILTER(ISIRI(?c)) }"
    return [row[0] for row in ox.Store.read_only(str(place)).query(query)]  # type: ignore[union-attr,index,misc]


def _kept(quads: Iterable[ox.Quad], inferred: set[str]) -> Counter[str]:
    """Return the statements that both have, without their graphs; blank nodes get canonical names."""
    named = [quad for quad in quads if isinstance(quad.graph_name, ox.NamedNode)]
    makers = _below({str(q.subject) for q in named if str(q.subject).endswith("#reading>")}, named)
    triples = [
        quad.triple
        for quad in named
        if quad.predicate.value not in _APART | _OF_CONCEPTS
        and str(quad.subject) not in makers
        and "/case/" not in str(quad.subject)
        and not (quad.predicate.value == _TYPE and str(quad.object)[1:-1] in inferred)
    ]
    found = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return Counter(map(str, found))


def _below(names: set[str], quads: list[ox.Quad]) -> set[str]:
    """Return nodes and all blank nodes below them, in N-Quads syntax."""
    found = set(names)
    while (
        more := {str(q.object) for q in quads if str(q.subject) in found and isinstance(q.object, ox.BlankNode)} - found
    ):
        found |= more
    return found


def test_makers_are_kept_with_their_versions(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load(rows(texts()[:1]), default_mapping(taxonomy), normalize=True)
    with database.reading() as connection:
        query = select(Provenance.taxonomy, Provenance.taxonomy_sha256).where(Provenance.maker == Maker.RULE)
        assert connection.execute(query).all() == [(taxonomy.version, taxonomy.digest)]
