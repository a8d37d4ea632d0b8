"""Imports are idempotent, are resumed after an interruption, and lose no label."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.locations import ROOT
from tests.records.conftest import PLAIN, Load, dump, jsonl, sample
from udt.core.errors import DataError
from udt.io.rows import Skipped
from udt.records.database.database import Database
from udt.records.database.effective_labels import label_sets
from udt.records.database.models import ConceptRow, Image, Sample, SampleLabel, Split, UnmappedLabel
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import load_mapping
from udt.taxonomy.model.taxonomy import Taxonomy

ROWS = [
    sample(1, 1, organ=["Liver"], body_system=["Abdomen and retroperitoneum"], diagnosis=["cyst"]),
    sample(1, 2, organ=["Liver"], diagnosis=["CYST", "wart"]),
    sample(2, 3, echogenicity=["anechoic", "hypoechoic"]),
]


def _named(database: Database, taxonomy: Taxonomy) -> dict[int, dict[str, tuple[str, ...]]]:
    vocabulary = taxonomy.vocabulary
    with database.reading() as connection:
        sets = {id: labels.named(vocabulary) for id, labels in label_sets(connection, vocabulary)}
    return {id: {key: found for key, found in labels.items() if found} for id, labels in sets.items()}


def test_rows_become_samples(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    outcome = load(ROWS)
    assert (outcome.added, outcome.known) == (3, 0)
    assert _named(database, taxonomy) == {
        1: {"body_system": ("Abdomen and retroperitoneum",), "organ": ("Liver",), "diagnosis": ("cyst",)},
        2: {"organ": ("Liver",), "diagnosis": ("cyst",)},
        3: {"echogenicity": ("anechoic", "hypoechoic")},
    }


def test_unknown_labels_are_counted_and_kept(database: Database, load: Load) -> None:
    assert load(ROWS).unknown == {("diagnosis", "wart"): 1}
    with database.session() as session:
        kept = session.scalars(select(UnmappedLabel)).one()
        assert (kept.sample_id, kept.dimension, kept.label) == (2, "diagnosis", "wart")


def test_a_second_import_changes_nothing(database: Database, load: Load) -> None:
    load(ROWS)
    before = dump(database)
    assert load(ROWS).unchanged == ["set.jsonl"]
    assert dump(database) == before


def test_the_same_samples_in_another_file_are_known(database: Database, load: Load, tmp_path: Path) -> None:
    load(ROWS)
    before = dump(database)
    outcome = load(jsonl(tmp_path / "again.jsonl", ROWS[::-1]))
    after = dump(database)
    assert (outcome.added, outcome.known) == (0, 3)
    assert {name: rows for name, rows in after.items() if name != "imports"} == {
        name: rows for name, rows in before.items() if name != "imports"
    }


def test_a_known_sample_gets_new_labels(load: Load, database: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    load(ROWS)
    load(jsonl(tmp_path / "more.jsonl", [{**ROWS[2], "shape": ["oval"]}]))
    assert _named(database, taxonomy)[3] == {"shape": ("oval",), "echogenicity": ("anechoic", "hypoechoic")}


def test_result_does_not_depend_on_batches(
    url: str, load: Load, database: Database, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    rows = [sample(i // 3, i, organ=["Liver"] if i % 2 else ["Spleen"]) for i in range(40)]
    load(rows, batch=7)
    with Database.open(str(tmp_path / "one-batch.db"), create=True) as single:
        request = Request("set", open_data_set(tmp_path / "set.jsonl"), PLAIN)
        run_import(single, request, taxonomy, lambda fault: None, lambda *_: None)
        assert dump(single) == dump(database)


def test_labels_of_an_extension_are_adopted(load: Load, database: Database, tmp_path: Path) -> None:
    load(ROWS)
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        """@prefix udaf: <https://w3id.org/udt/udaf/> . @prefix ns: <https://w3id.org/udt/ns#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        udaf:diagnosis.wart a ns:DiagnosisValue , skos:Concept , owl:NamedIndividual ; skos:prefLabel "wart"@en ;
            skos:broader udaf:diagnosis ; skos:inScheme <https://w3id.org/udt/udaf> ;
            skos:notation "DX-99" ; ns:order 99 ;
            skos:definition "A wart."@en ; ns:prompt "a wart in an ultrasound image" .""",
        encoding="utf-8",
    )
    extended = Taxonomy.load(extra)
    request = Request("set", open_data_set(tmp_path / "set.jsonl"), PLAIN)
    assert run_import(database, request, extended, lambda fault: None, lambda *_: None).adopted == 1
    assert "wart" in _named(database, extended)[2]["diagnosis"]
    with database.session() as session:
        assert session.scalars(select(UnmappedLabel)).all() == []
    with pytest.raises(DataError, match=r"udaf/diagnosis.wart, which the taxonomy in use does not have"):
        _named(database, Taxonomy.load())


def test_refused_unknown_labels_leave_the_database_empty(load: Load, database: Database) -> None:
    with pytest.raises(DataError, match=r"1 labels are not in the taxonomy.*\n  1 × wart \(diagnosis\)"):
        load(ROWS, refuse_unknown=True)
    assert not any(dump(database).values())


@pytest.mark.parametrize("text", ["case,image\n", "case,image\n,a.png\n,b.png\n"], ids=["no rows", "faulty rows"])
def test_an_import_without_rows_fails_each_time(
    database: Database, taxonomy: Taxonomy, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "set.csv"
    path.write_text(text)
    request = Request("set", open_data_set(path), PLAIN)
    for _ in range(2):
        outcome = run_import(database, request, taxonomy, lambda fault: None, lambda *_: None)
        with pytest.raises(DataError, match=r"there are no rows to import|none of the 2 rows could be read.*set.csv:2"):
            outcome.check()
        found = dump(database)
        assert not found["imports"] and not found["sources"]
    path.write_text(text + "p1,c.png\n")
    again = run_import(database, Request("set", open_data_set(path), PLAIN), taxonomy, lambda _: None, lambda *_: None)
    again.check()
    assert (again.rows.read, again.rows.left_out.total()) == (1, text.count("\n") - 1)


def test_a_faulty_row_is_named(load: Load) -> None:
    with pytest.raises(DataError, match=r"set.jsonl:2: has no case \(no column 'case' among image"):
        load([ROWS[0], {"image": "x.png"}])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "holdout"}, "'split' is no split; allowed: train, valid, test"),
        ({"frame_index": -1}, "'frame_index' is no number of a frame; give a whole number from 0"),
        ({"frame_time": "soon"}, "'frame_time' is no time; give seconds from 0"),
        ({"caption": 7}, "'caption' is a number; it has to be a text"),
        ({"image": None, "caption": " "}, "has neither an image nor a caption"),
        ({"case": ["a"]}, "'case' is a list"),
    ],
)
def test_faulty_rows(
    database: Database, taxonomy: Taxonomy, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    found: list[Skipped] = []
    path = jsonl(tmp_path / "set.jsonl", [{**ROWS[0], **change}])
    outcome = run_import(database, Request("set", open_data_set(path), PLAIN), taxonomy, found.append, lambda *_: None)
    assert outcome.added == 0
    assert [message in fault.reason for fault in found] == [True], found


def test_columns_that_no_row_has(load: Load, taxonomy: Taxonomy) -> None:
    mapping = PLAIN.with_columns([("Shpae", "shape")], ("shape",))
    assert "Shpae" in load(ROWS, mapping).unseen


US365K = {
    "full": [
        {"media_name": "a.jpg", "Organ_level": ["Liver"], "Body_system_level": "Abdomen and retroperitoneum",
         "InternalCharacteristics": "complex cystic solid", "Shape": None},
        {"media_name": "b.jpg", "Organ_level": "Liver, Spleen", "Body_system_level": "Abdomen and retroperitoneum",
         "Shape": "not mentioned", "case_id": 5},
        {"media_name": "c.jpg", "case_id": 9, "Organ_level": "Knee"},
    ],
    "train": [{"image": "images/a.jpg", "caption": "A mass of the liver.", "case_id": 4}],
    "test": [{"image": "images/b.jpg", "caption": "Liver and spleen.", "case_id": 5}],
}  # fmt: skip


def _us365k(folder: Path) -> Path:
    folder.mkdir()
    (folder / "full_data.json").write_text(json.dumps(US365K["full"]), encoding="utf-8")
    jsonl(folder / "train.jsonl", US365K["train"])
    jsonl(folder / "test.jsonl", US365K["test"])
    return folder


def test_the_layout_of_us365k(load: Load, database: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    outcome = load(_us365k(tmp_path / "us"), load_mapping("us365k", taxonomy))
    assert (outcome.added, outcome.unknown) == (3, {})
    abdomen = ("Abdomen and retroperitoneum",)
    assert _named(database, taxonomy) == {
        1: {"body_system": abdomen, "organ": ("Liver",), "internal_characteristics": ("mixed cystic and solid mass",)},
        2: {"body_system": abdomen, "organ": ("Liver", "Spleen")},
        3: {"organ": ("Knee",)},
    }
    with database.session() as session:
        found = [
            (s.case.key, s.image and s.image.path, s.split) for s in session.scalars(select(Sample).order_by(Sample.id))
        ]
    assert found == [("4", "a.jpg", Split.TRAIN), ("5", "b.jpg", Split.TEST), ("9", "c.jpg", None)]


def test_us365k_without_pairs(load: Load, tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = tmp_path / "us"
    folder.mkdir()
    records = [{"case_id": 1, **record} for record in US365K["full"]]
    (folder / "full_data.json").write_text(json.dumps(records), encoding="utf-8")
    assert load(folder, load_mapping("us365k", taxonomy)).added == 3


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "json"])
def test_tables(load: Load, tmp_path: Path, suffix: str) -> None:
    rows = [{"case": "1", "image": "a.png", "caption": "A cyst.", "shape": "oval"}]
    path = tmp_path / f"set.{suffix}"
    if suffix == "parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif suffix == "json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter="\t" if suffix == "tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    assert load(path).added == 1


def test_a_folder_of_images(load: Load, database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    _write_images(folder / "cyst", 2)
    mapping = PLAIN.with_columns([("folder", "diagnosis"), ("name", "case")], ("diagnosis",))
    outcome = load(folder, mapping, images=folder)
    assert (outcome.added, outcome.images) == (2, 2)
    with database.session() as session:
        images = session.scalars(select(Image).order_by(Image.path)).all()
        assert [(i.path, i.case.key, i.width, i.height) for i in images] == [
            ("cyst/0.png", "cyst/0", 40, 30),
            ("cyst/1.png", "cyst/1", 40, 30),
        ]
        assert session.scalar(select(func.count()).select_from(SampleLabel)) == 2


def _write_images(folder: Path, count: int) -> None:
    from PIL import Image as Pillow

    folder.mkdir(parents=True)
    for i in range(count):
        Pillow.new("L", (40, 30), 50 * i).save(folder / f"{i}.png")


def test_images_added_later_are_read(load: Load, database: Database, tmp_path: Path) -> None:
    rows = [{"case": "1", "image": "0.png"}, {"case": "2", "image": "1.png"}]
    (tmp_path / "later").mkdir()
    first = load(rows, images=tmp_path / "later")
    assert (first.images, first.image_files.left_out) == (0, {"missing": 2})
    (tmp_path / "later").rmdir()
    _write_images(tmp_path / "later", 2)
    assert load(rows, images=tmp_path / "later").images == 2
    with database.session() as session:
        assert all(image.sha256 for image in session.scalars(select(Image)))


def test_captions_without_labels_are_normalised(load: Load, database: Database) -> None:
    text = "Liver: anechoic cyst, possibly septated. No calcification."
    rows = [{"case": "1", "caption": text}, {"case": "2", "caption": text, "shape": ["oval"]}]
    assert load(rows, normalize=True).labelled == 1
    with database.session() as session:
        query = select(SampleLabel).join(ConceptRow).where(SampleLabel.sample_id == 1).order_by(ConceptRow.task)
        found = {label.concept.label: label for label in session.scalars(query)}
        for label in found.values():
            if label.evidence_start is not None:
                assert text[label.evidence_start : label.evidence_end] == label.evidence_text
        certainties = {name: str(label.certainty) for name, label in found.items()}
        assert {label.provenance.maker.value for label in found.values()} == {"rule"}
        assert found["calcifications"].cue == "No"
    assert certainties["anechoic"] == "present"
    assert certainties["septations"] == "possible"
    assert certainties["calcifications"] == "absent"


def test_reading_after_import_gives_free_ids(load: Load, database: Database) -> None:
    load(ROWS)
    with database.session() as session:
        case = session.scalars(select(Sample)).first()
        assert case is not None
        session.add(Image(case_id=case.case_id, path="new.png"))
        session.flush()


_CHILD = """
import sys
from pathlib import Path
from tests.records.conftest import PLAIN
from udt.io.readers import stop
from udt.records.database.database import Database
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.importer import Request, run_import
from udt.taxonomy.model.taxonomy import Taxonomy

with Database.open(sys.argv[1], create=True) as database:
    request = Request("set", open_data_set(Path(sys.argv[2])), PLAIN, batch=50)
    run_import(database, request, Taxonomy.load(), stop, lambda noun, done: print(done, flush=True))
"""


@pytest.mark.slow
def test_killed_import_is_resumed(url: str, taxonomy: Taxonomy, tmp_path: Path) -> None:
    rows = [sample(i // 9, i, organ=["Liver"], diagnosis=["cyst"] if i % 3 else ["wart"]) for i in range(3000)]
    path = jsonl(tmp_path / "set.jsonl", rows)
    command = [sys.executable, "-c", _CHILD, url, str(path)]
    helpers = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=helpers) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= 500:
                break
        time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert child.returncode == -signal.SIGKILL
    with Database.open(url) as database, Database.open(tmp_path / "clean.db", create=True) as clean:
        half = len(dump(database)["samples"])
        assert 500 <= half < 3000
        request = Request("set", open_data_set(path), PLAIN, batch=50)
        resumed = run_import(database, request, taxonomy, lambda fault: None, lambda *_: None)
        run_import(clean, request, taxonomy, lambda fault: None, lambda *_: None)
        assert resumed.resumed == half
        assert dump(database) == dump(clean)
