"""The BrEaST images as a bundle and as RDF: what both say is what the descriptors in the file say."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.locations import BREST
from udt.bundle.from_database import write_bundle
from udt.bundle.reader import Bundle
from udt.corpus.store import build_store
from udt.io.readers import stop
from udt.query.answers import Table
from udt.query.engines.store import StoreData
from udt.query.presets import preset
from udt.query.queries import run_preset, run_query
from udt.records.database.database import Database
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import load_mapping
from udt.records.quality.splitting import split_samples
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

pytestmark = pytest.mark.skipif(not BREST.is_dir(), reason=f"the BrEaST images are not at {BREST}")


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy.load()


@pytest.fixture(scope="module")
def described() -> list[dict[str, str]]:
    with (BREST / "brest.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Iterator[Database]:
    request = Request(
        "BrEaST", open_data_set(BREST / "brest.csv"), load_mapping("brest", taxonomy), images=BREST / "images224"
    )
    with Database.open(tmp_path_factory.mktemp("brest") / "records.db", create=True) as found:
        run_import(found, request, taxonomy, stop, lambda *_: None)
        with found.writing() as connection:
            split_samples(connection)
        yield found


def test_bundle(database: Database, taxonomy: Taxonomy, described: list[dict[str, str]], tmp_path: Path) -> None:
    with database.reading() as connection:
        write_bundle(connection, tmp_path / "b", taxonomy.vocabulary, taxonomy_similarity(taxonomy), images="bytes")
    bundle = Bundle.open(tmp_path / "b")
    assert len(bundle) == len(described) == 256
    assert {name: len(rows) for name, rows in bundle.splits.items()} == {"train": 154, "valid": 51, "test": 51}
    shapes, oval = bundle.labels("shape"), bundle.vocabulary["shape"].id("oval")
    assert Counter(shapes.values.tolist())[oval] == sum(row["Shape"] == "oval" for row in described)
    for row, line in enumerate(described):
        assert bundle.column("case_id")[row].as_py() == f"BrEaST/{line['CaseID']}"
        assert bundle.image(row) == (BREST / "images224" / line["Image_filename"]).read_bytes()
        assert bundle.caption(row)
    pairs = [(set(bundle.label_set(row).pairs()), set(bundle.caption_label_set(row).pairs())) for row in range(256)]
    diagnosis = bundle.vocabulary.keys.index("diagnosis")
    assert all(named <= labels for labels, named in pairs)
    assert {place for labels, named in pairs for place, _ in labels - named} == {diagnosis}, "no caption names it"
    assert sum(labels > named for labels, named in pairs) == bundle.manifest["caption_labels"]["captions_with_fewer"]


def test_five_questions(
    database: Database, taxonomy: Taxonomy, described: list[dict[str, str]], tmp_path: Path
) -> None:
    with database.reading() as connection:
        summary = build_store(connection, tmp_path / "store")
    data = StoreData(tmp_path / "store")
    assert (summary.records, summary.cases) == (256, 256)

    def ask(name: str, **arguments: str) -> list[tuple[str, ...]]:
        answer = run_preset(preset(name), arguments, data, load=lambda: taxonomy)
        assert isinstance(answer, Table)
        return [tuple(getattr(term, "value", "").rpartition("/")[2] for term in row) for row in answer.rows]

    shadowing = [
        row
        for row in described
        if row["Echogenicity"] == "hypoechoic" and row["Posterior_features"] in {"shadowing", "combined"}
    ]
    both = "?r ns:echogenicity udaf:echogenicity.hypoechoic ; ns:posteriorAcoustics udaf:posterior.shadowing"
    counted = run_query(f"SELECT (COUNT(?r) AS ?n) {{ ?s a ns:Source . GRAPH ?s {{ {both} }} }}", data)
    assert isinstance(counted, Table) and str(counted.rows[0][0]).split('"')[1] == str(len(shadowing))
    assert ask("lesions-by-organ") == [("breast", "Breast", str(len(shadowing)))]

    shapes = {label.rpartition(".")[2]: int(count) for _, label, count in ask("labels-by-source", dimension="shape")}
    assert shapes["oval"] == sum(row["Shape"] == "oval" for row in described)
    assert shapes["irregular"] == sum(row["Shape"] == "irregular" for row in described)

    assert ask("one-organ-cases") == [("BrEaST", "breast", "256")]

    suspicious = ask("class-by-system", **{"class": "ns:SuspiciousBreastMass"})
    assert [row[0] for row in suspicious] == ["sys.breast-axilla"]
    assert int(suspicious[0][2]) == summary.classes["ns:SuspiciousBreastMass"] > 0

    contradictions = {row[0]: int(row[1]) for row in ask("contradictory-labels")}
    assert sum(contradictions.values()) < 256

    assert ask("unlabelled") == []


def test_categories_histology_and_images(
    database: Database, taxonomy: Taxonomy, described: list[dict[str, str]], tmp_path: Path
) -> None:
    """Against the table itself. One lobular carcinoma in situ, malignant in the taxonomy, is benign in the table."""
    with database.reading() as connection:
        build_store(connection, tmp_path / "store")
    data = StoreData(tmp_path / "store")

    def ask(name: str, **arguments: str) -> list[list[str]]:
        answer = run_preset(preset(name), arguments, data, load=lambda: taxonomy)
        assert isinstance(answer, Table)
        return [[getattr(term, "value", "").rpartition("/")[2] for term in row] for row in answer.rows]

    in_situ = [row for row in described if row["Diagnosis"].startswith("Lobular carcinoma in situ")]
    for value, count, malignant, _ in ask("values-against-malignancy", dimension="bi_rads"):
        of_category = [row for row in described if value == f"bi-rads.bi-rads-{row['BIRADS']}"]
        assert int(count) == len(of_category)
        benign = sum(row in of_category and row["Classification"] == "benign" for row in in_situ)
        assert int(malignant) - benign == sum(row["Classification"] == "malignant" for row in of_category)

    histology = {row[0]: int(row[2]) for row in ask("concepts-of-value", value="BI-RADS 4C")}
    fourth = [row["Diagnosis"].split("&")[0] for row in described if row["BIRADS"] == "4c"]
    assert histology["invasive-ductal-carcinoma"] == fourth.count("Invasive carcinoma of no special type (NST)")
    assert histology["invasive-lobular-carcinoma"] == fourth.count("Invasive lobular carcinoma")

    images = [row[2] for row in ask("images-of", disease="fibroadenoma")]
    assert images == [row["Image_filename"] for row in described if row["Diagnosis"].split("&")[0] == "Fibroadenoma"]
