"""The files of a release: read back by the importer of US-365K, by Hugging Face datasets, and by sha256sum."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from tests.core.test_image_copies import MADE, image
from tests.records.conftest import Load, add_curation, sample
from tests.records.release.conftest import LABELS, nothing
from udt.core.errors import DataError
from udt.io.readers import stop
from udt.records.database.database import Database
from udt.records.database.effective_labels import label_sets
from udt.records.database.models import Caption, Image, Sample
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import find_importer
from udt.records.release.content import released
from udt.records.release.writer import Released, ReleaseRequest, huggingface, us365k, write_release
from udt.taxonomy.model.taxonomy import Taxonomy

LAYOUTS = {"us365k": us365k, "huggingface": huggingface}


@pytest.fixture
def written(ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> Path:
    release(ready, tmp_path / "out", taxonomy)
    return tmp_path / "out"


def release(database: Database, out: Path, taxonomy: Taxonomy, **options: Any) -> Released:
    return write_release(database, out, taxonomy.vocabulary, ReleaseRequest("my set", LAYOUTS, **options), nothing)


def test_us365k_is_read_back(written: Path, ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    """The importer of US-365K finds the same captions, labels, splits, cases and images."""
    importer = find_importer(written / "us365k")
    data_set = importer.open(written / "us365k")
    with Database.open(tmp_path / "again.db", create=True) as again:
        request = Request("again", data_set, importer.mapping(taxonomy), images=data_set.images)
        run_import(again, request, taxonomy, stop, nothing)
        assert pairs(again, taxonomy) == pairs(ready, taxonomy)
    cases = {path.parent.name for path in (written / "us365k" / "images").rglob("*.png")}
    assert cases == {f"{number:05d}" for number in range(1, 11)}


def pairs(database: Database, taxonomy: Taxonomy) -> Counter[tuple[object, ...]]:
    columns = select(Sample.id, Caption.text, Sample.split, Image.sha256)
    query = columns.join(Caption, Sample.caption_id == Caption.id).join(Image, Sample.image_id == Image.id)
    with database.reading() as connection:
        labels = dict(label_sets(connection, taxonomy.vocabulary))
        return Counter((text, split, sha256, labels[id]) for id, text, split, sha256 in connection.execute(query))


def test_hugging_face_has_typed_tables_beside_the_images(written: Path, keys: tuple[str, ...]) -> None:
    rows = []
    for split in ("train", "validation", "test"):
        table = pq.read_table(written / "huggingface" / split / "metadata.parquet")
        assert table.column_names == ["file_name", "caption", "case_id", "source", "licence", *keys]
        assert str(table.schema.field("vascularity").type).startswith("list<")
        found = table.to_pylist()
        names = {path.name for path in (written / "huggingface" / split).iterdir()} - {"metadata.parquet"}
        assert {row["file_name"] for row in found} == names
        rows += found
    assert len(rows) == 20
    assert {(row["source"], row["licence"], *row["organ"], *row["shape"]) for row in rows} == {
        ("set", "CC-BY-4.0", "Liver", "oval")
    }
    assert all(row["vascularity"] == [] for row in rows)


def test_hugging_face_datasets_loads_it(written: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="Hugging Face datasets is not installed")
    found = datasets.load_dataset(str(written / "huggingface"), cache_dir=str(tmp_path / "cache"))
    assert sum(len(found[split]) for split in ("train", "validation", "test")) == 20
    assert found["train"][0]["image"].size == (80, 64) and found["train"][0]["organ"] == ["Liver"]


def test_checksums_are_of_all_files(written: Path) -> None:
    lines = [line.split("  ", 1) for line in (written / "SHA256SUMS").read_text("utf-8").splitlines()]
    files = {path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file()}
    assert {name for _, name in lines} == files - {"SHA256SUMS"}
    for digest, name in lines:
        assert hashlib.sha256((written / name).read_bytes()).hexdigest() == digest


def test_the_card_and_the_manifest(written: Path) -> None:
    card = (written / "README.md").read_text("utf-8")
    head = card.split("---\n")[1]
    assert 'pretty_name: "my set"' in head and 'license: "cc-by-4.0"' in head and "- n<1K" in head
    assert "| set | 20 | CC-BY-4.0 |" in card and "20 ultrasound images with captions and labels, of 10 cases." in card
    within = (written / "huggingface" / "README.md").read_text("utf-8")
    assert "path: huggingface/train/**" in head and within == card.replace("path: huggingface/", "path: ")
    manifest = json.loads((written / "release.json").read_text("utf-8"))
    assert manifest["schema"] == "udt-release/1" and manifest["sources"][0]["licence"] == "CC-BY-4.0"
    assert sum(split["samples"] for split in manifest["splits"].values()) == 20
    statistics = json.loads((written / "statistics" / "statistics.json").read_text("utf-8"))
    assert statistics["organs"] == {"Liver": 20} and statistics["totals"]["cases"] == 10
    assert (written / "statistics" / "organs.png").read_bytes().startswith(b"\x89PNG")


def test_a_card_names_no_files_without_the_layout_of_hugging_face(
    ready: Database, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    request = ReleaseRequest("my set", {"us365k": LAYOUTS["us365k"]})
    write_release(ready, tmp_path / "out", taxonomy.vocabulary, request, nothing)
    assert "configs:" not in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_hostile_names_in_the_card(load: Load, database: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    image(1, 80, 64).save(tmp_path / "images" / "0.png")
    name = 'a | b\n# "c" <script>'
    about = {"licence": "mine: all | yours"}
    load([sample(0, 0, **LABELS)], source=name, images=tmp_path / "images", about=about)
    release(database, tmp_path / "out", taxonomy)
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert 'license: "other"' in card and "<script>" not in card
    (row,) = [line for line in card.splitlines() if line.startswith("| a \\| b")]
    assert row.replace("\\|", "").count("|") == 4


def test_splits_are_by_case_and_kept(ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    done = release(ready, tmp_path / "one", taxonomy, seed=1)
    assert dict(done.splits) == {"train": (6, 12), "valid": (2, 4), "test": (2, 4)}
    again = release(ready, tmp_path / "two", taxonomy, seed=2)
    assert again.splits == done.splits, "samples that have a split are not divided again"
    for name in ("SHA256SUMS", "us365k/train.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_mirrored_copy_is_kept_in_the_split_of_its_original(
    load: Load, database: Database, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    for number in range(12):
        one = image(number % 6, 80, 64)
        (one.transpose(MADE["mirrored"]) if number >= 6 else one).save(tmp_path / "images" / f"{number}.png")
    rows = [sample(number, number, **LABELS) for number in range(12)]
    load(rows, images=tmp_path / "images", about={"licence": "MIT"})
    done = release(database, tmp_path / "out", taxonomy)
    assert done.copies == 6
    with database.reading() as connection:
        splits = {one.path: one.split for one in released(connection, taxonomy.vocabulary)}
    assert all(splits[f"{number}.png"] == splits[f"{number + 6}.png"] for number in range(6))


def test_composites_are_replaced_by_their_parts(ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    with ready.session() as session:
        add_curation(session, session.get_one(Sample, 1))
        session.get_one(Sample, 21).image_id = 2
    with ready.reading() as connection:
        ids = [one.id for one in released(connection, taxonomy.vocabulary)]
    assert ids == [*range(2, 21), 21]


def test_an_existing_folder(written: Path, ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--overwrite"):
        release(ready, written, taxonomy)
    assert release(ready, written, taxonomy, overwrite=True).samples.read == 20
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("x")
    with pytest.raises(DataError, match=r"holds other files and no release\.json"):
        release(ready, tmp_path / "other", taxonomy, overwrite=True)


def test_a_failure_leaves_nothing(ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    def fail(*_: object) -> Iterator[None]:
        raise DataError("broken")

    request = ReleaseRequest("x", {"us365k": us365k, "broken": fail})  # type: ignore[dict-item]
    with pytest.raises(DataError, match="broken"):
        write_release(ready, tmp_path / "out", taxonomy.vocabulary, request, nothing)
    assert not [path.name for path in tmp_path.iterdir() if "out" in path.name]
