"""Bundles are read as written, and every fault of one is an error that names it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, insert, update

from tests.attacks.images import encoded
from tests.bundle.first_version import first_version
from tests.corpus.conftest import EXAMPLES, KEPT
from udt import Normalizer
from udt.bundle import writer as bundle_writing
from udt.bundle.from_database import write_bundle
from udt.bundle.reader import FILES, MANIFEST, SAMPLES, SIMILARITY, TAXONOMY, Bundle, ImageKind, read_vocabulary
from udt.cli.main import main
from udt.core.errors import DataError, UnknownConceptError
from udt.core.hashing import file_sha256
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.records.database.database import Database
from udt.records.database.models import Case, Image, Sample, Source
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def similarity(taxonomy: Taxonomy) -> SimilaritySet:
    return taxonomy_similarity(taxonomy)


@pytest.fixture(scope="module")
def written(
    db: Path, vocabulary: Vocabulary, similarity: SimilaritySet, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A bundle with row groups of four samples, so that there are three."""
    folder = tmp_path_factory.mktemp("bundle") / "b"
    with pytest.MonkeyPatch.context() as patch, Database.open(db) as database, database.reading() as connection:
        patch.setattr(bundle_writing, "_ROWS", 4)
        write_bundle(connection, folder, vocabulary, similarity)
    return folder


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "copy")


def test_write_and_read(written: Path, vocabulary: Vocabulary, db: Path) -> None:
    bundle = Bundle.open(written)
    assert len(bundle) == len(KEPT) == 11
    assert bundle.vocabulary == vocabulary
    for row, example in enumerate(KEPT):
        assert bundle.label_set(row) == LabelSet.of(example.labels, vocabulary)
        assert bundle.caption(row) == example.caption
        assert bundle.image(row) == (str(db.parent / f"{EXAMPLES.index(example) + 1}-a.png") if example.image else None)
    assert list(bundle.label_sets()) == [LabelSet.of(example.labels, vocabulary) for example in KEPT]
    assert bundle.column("case_id").to_pylist() == [f"{example.source}/{example.case}" for example in KEPT]


def test_labels_that_captions_name(written: Path, vocabulary: Vocabulary) -> None:
    """Against the normaliser, caption by caption; denied labels are left out."""
    bundle, normalizer = Bundle.open(written), Normalizer()
    read = [LabelSet.of(normalizer.normalize(one.caption or "").labels, vocabulary) for one in KEPT]
    assert [bundle.caption_label_set(row) for row in range(len(bundle))] == read
    assert any(read) and any(a != b for a, b in zip(read, bundle.label_sets(), strict=True))
    for place, dimension in enumerate(vocabulary.dimensions):
        named = bundle.caption_labels(dimension.key)
        assert [tuple(named[row].tolist()) for row in range(len(bundle))] == [labels.ids[place] for labels in read]
        assert bundle.select([dimension.key]).caption_label_set(0).ids == (read[0].ids[place],)
    said = bundle.manifest["caption_labels"]
    assert said["labels"] == {
        key: sum(len(labels.ids[place]) for labels in read) for place, key in enumerate(vocabulary.keys)
    }
    pairs = [(one, set(a.pairs()), set(b.pairs())) for one, a, b in zip(KEPT, bundle.label_sets(), read, strict=True)]
    assert said["captions_with_fewer"] == sum(bool(one.caption and a - b) for one, a, b in pairs)
    assert said["read_by"]["taxonomy"] == {"version": vocabulary.version, "digest": vocabulary.digest}


def test_labels_of_all_samples(written: Path, vocabulary: Vocabulary) -> None:
    bundle = Bundle.open(written)
    for dimension in vocabulary.dimensions:
        labels = bundle.labels(dimension.key)
        assert (labels.values.dtype, labels.offsets.dtype) == (np.int16, np.int64)
        assert [[dimension.labels[i] for i in labels[row]] for row in range(len(bundle))] == [
            sorted(example.labels.get(dimension.key, ()), key=dimension.id) for example in KEPT
        ]
    with pytest.raises(UnknownConceptError, match="no dimension is called 'size'"):
        bundle.labels("size")


def test_some_dimensions_of_a_bundle(written: Path, vocabulary: Vocabulary) -> None:
    bundle = Bundle.open(written)
    keys = ["organ", "diagnosis", "vascularity"]
    few = bundle.select(reversed(keys))
    assert few.vocabulary == vocabulary.select(keys) and few.manifest == bundle.manifest and len(few) == len(bundle)
    for row in range(len(bundle)):
        named = bundle.label_set(row).named(vocabulary)
        assert few.label_set(row).named(few.vocabulary) == {key: named[key] for key in keys}
        assert few.caption(row) == bundle.caption(row)
    whole, part = bundle.similarity(), few.similarity()
    assert list(part.labels) == keys and all(np.array_equal(part[key], whole[key]) for key in keys)
    assert bundle.select(vocabulary.keys) is bundle
    with pytest.raises(UnknownConceptError, match="no dimension is called 'orientation'"):
        bundle.select(["orientation"])
    with pytest.raises(UnknownConceptError, match="no dimension is called 'shape'"):
        few.labels("shape")


def test_a_bundle_written_before_roles_is_the_same(copy: Path, written: Path) -> None:
    plain = json.loads((copy / TAXONOMY).read_text())
    for dimension in plain["dimensions"]:
        del dimension["role"], dimension["profiles"]
    (copy / TAXONOMY).write_text(json.dumps(plain))
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["files"][TAXONOMY] = {
        "bytes": (copy / TAXONOMY).stat().st_size, "sha256": file_sha256(copy / TAXONOMY)
    }  # fmt: skip
    (copy / MANIFEST).write_text(json.dumps(manifest))
    before, now = Bundle.open(copy), Bundle.open(written)
    assert before.vocabulary == now.vocabulary and list(before.label_sets()) == list(now.label_sets())
    assert read_vocabulary(copy) == now.vocabulary


def test_a_bundle_of_the_first_version(written: Path, tmp_path: Path) -> None:
    first, now = Bundle.open(first_version(written, tmp_path / "first")), Bundle.open(written)
    assert (first.has_caption_labels, now.has_caption_labels) == (False, True)
    assert first.vocabulary == now.vocabulary and list(first.label_sets()) == list(now.label_sets())
    assert first.captions(range(len(first))) == now.captions(range(len(now)))
    with pytest.raises(DataError, match="does not have the labels that its captions name; build the bundle again with"):
        first.caption_label_set(0)


def test_a_choice_of_tasks_is_written(
    connection: Connection, tmp_path: Path, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    keys = ["diagnosis", "shape"]
    write_bundle(connection, tmp_path / "few", vocabulary, similarity, tasks=keys)
    few = Bundle.open(tmp_path / "few")
    assert few.vocabulary.keys == ("diagnosis", "shape") and list(few.manifest["labels"]) == keys
    expected = [{key: example.labels.get(key, ()) for key in keys} for example in KEPT]
    assert list(few.label_sets()) == [LabelSet.of(labels, few.vocabulary) for labels in expected]
    assert list(few.similarity().labels) == keys


def test_splits_are_rows(written: Path) -> None:
    bundle = Bundle.open(written)
    assert {name: rows.tolist() for name, rows in bundle.splits.items()} == {
        "train": [0, 1],
        "valid": [2, 3],
        "test": [4, 5, 6],
    }
    assert bundle.split("valid").tolist() == [2, 3]
    with pytest.raises(DataError, match="has no split 'dev'; its splits: test, train, valid"):
        bundle.split("dev")


def test_captions_by_index_read_only_their_row_groups(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = Bundle.open(written)
    read: list[int] = []
    original = pq.ParquetFile.read_row_group
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", lambda self, g, **k: read.append(g) or original(self, g, **k))
    assert bundle.captions([9, 0, -1, 0]) == [
        "A caption.",
        "Kidney: simple cyst, 雲.",
        "A caption.",
        "Kidney: simple cyst, 雲.",
    ]
    assert sorted(read) == [0, 2]
    assert bundle.captions([]) == []
    for row in (11, -12):
        with pytest.raises(IndexError, match="has 11 samples, rows 0 to 10"):
            bundle.caption(row)


def test_the_manifest_counts(written: Path, db: Path, taxonomy: Taxonomy) -> None:
    manifest = Bundle.open(written).manifest
    labels: Counter[str] = Counter()
    for example in KEPT:
        labels.update({key: len(values) for key, values in example.labels.items()})
    assert manifest["labels"] == {d.key: labels[d.key] for d in taxonomy.tasks}
    counts = {key: manifest[key] for key in ("samples", "cases", "captions", "unlabelled", "rejected")}
    assert counts == {"samples": 11, "cases": 7, "captions": 10, "unlabelled": 2, "rejected": 1}
    assert manifest["splits"] == {"test": 3, "train": 2, "valid": 2}
    assert manifest["images"] == {"as": "path", "count": 10}
    assert manifest["taxonomy"] == {"version": taxonomy.version, "digest": taxonomy.digest}
    assert [source["name"] for source in manifest["sources"]] == ["one", "two"]
    assert manifest["similarity"]["method"] == "taxonomy"


def test_bundle_holds_similarity(written: Path, similarity: SimilaritySet) -> None:
    found = Bundle.open(written).similarity()
    assert all(np.array_equal(found[key], similarity[key]) for key in similarity.labels)


def test_the_same_database_gives_the_same_bytes(
    connection: Connection, tmp_path: Path, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    for name in ("a", "b"):
        write_bundle(connection, tmp_path / name, vocabulary, similarity)
    assert all(
        (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in (*FILES, MANIFEST)
    )


def test_images_as_bytes(
    tmp_path: Path, db: Path, connection: Connection, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    write_bundle(connection, tmp_path / "b", vocabulary, similarity, images="bytes")
    bundle = Bundle.open(tmp_path / "b")
    assert bundle.manifest["images"]["as"] == "bytes"
    files = [(db.parent / f"{number}-a.png").read_bytes() for number in (1, 11)]
    assert [bundle.image(row) for row in (0, 8, 10)] == [files[0], None, files[1]]


class Refused(NamedTuple):
    """A database of two sources, one with an image folder: an image, one outside the folder, one of unknown folder."""

    connection: Connection
    root: Path


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Refused]:
    root = tmp_path / "images"
    root.mkdir()
    for place in (root / "a.png", tmp_path / "secret.png"):
        place.write_bytes(encoded())
    names = ((1, "a.png"), (1, "../secret.png"), (2, "b.png"), (2, "../c.png"))
    with Database.open("sqlite://", create=True) as database, database.writing() as connection:
        connection.execute(insert(Source), [{"id": 1, "name": "one", "root": str(root)}])
        connection.execute(insert(Source), [{"id": 2, "name": "two"}])
        connection.execute(insert(Case), [{"id": n, "source_id": n, "key": "1"} for n in (1, 2)])
        images = [{"id": id, "case_id": source, "path": name} for id, (source, name) in enumerate(names, 1)]
        connection.execute(insert(Image), images)
        rows = [
            {"id": i["id"], "case_id": i["case_id"], "image_id": i["id"], "digest": f"{i['id']:064}"} for i in images
        ]
        connection.execute(insert(Sample), [{key: one[key] for key in one if key != "path"} for one in rows])
        yield Refused(connection, root)


@pytest.mark.parametrize("kind", ["path", "bytes"])
def test_an_image_outside_its_folder_is_refused_or_left_out(
    refused: Refused, tmp_path: Path, vocabulary: Vocabulary, similarity: SimilaritySet, kind: ImageKind
) -> None:
    with pytest.raises(DataError, match=r"sample 2: ../secret.png: leads out of the image folder .*--on-error skip"):
        write_bundle(refused.connection, tmp_path / "b", vocabulary, similarity, images=kind)
    manifest = write_bundle(refused.connection, tmp_path / "b", vocabulary, similarity, images=kind, skip=True)
    bundle = Bundle.open(tmp_path / "b")
    assert bundle.manifest["left_out"] == manifest["left_out"]
    found = [bundle.image(row) for row in range(len(bundle))]
    if kind == "path":
        assert found == [str(refused.root / "a.png"), "b.png"]
        assert (manifest["unread_images"], manifest["left_out"]) == ({"two": 1}, {"outside the image folder": 2})
    else:
        assert found == [encoded()]
        assert manifest["left_out"] == {"outside the image folder": 1, "without a known image folder": 2}


def test_a_changed_or_damaged_image_is_refused(
    refused: Refused, tmp_path: Path, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    def left_out(kind: ImageKind) -> Mapping[str, int]:
        made = write_bundle(
            refused.connection, tmp_path / "b", vocabulary, similarity, images=kind, skip=True, overwrite=True
        )
        found: Mapping[str, int] = made["left_out"]
        return found

    (refused.root / "a.png").write_bytes(encoded()[:-30])
    assert left_out("path")["damaged"] == 1
    (refused.root / "a.png").write_bytes(encoded())
    refused.connection.execute(update(Image).where(Image.id == 1).values(sha256="a" * 64))
    with pytest.raises(DataError, match=f"is not the file that was imported, whose SHA-256 is {'a' * 64}; restore"):
        write_bundle(refused.connection, tmp_path / "c", vocabulary, similarity, images="bytes")
    with pytest.raises(DataError, match=r"images of 4 of 4 samples .*1 changed since the import"):
        left_out("bytes")
    assert "damaged" not in left_out("path"), "the import has decoded it"


def test_an_empty_database_is_refused(tmp_path: Path, vocabulary: Vocabulary, similarity: SimilaritySet) -> None:
    refused = pytest.raises(DataError, match="no samples to bundle; fill it with 'udt data import")
    with Database.open("sqlite://", create=True) as database, database.reading() as connection, refused:
        write_bundle(connection, tmp_path / "b", vocabulary, similarity)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_replaced_only_when_asked(
    copy: Path, connection: Connection, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    with pytest.raises(DataError, match=r"is there already; .*--overwrite"):
        write_bundle(connection, copy, vocabulary, similarity)
    (copy / "stale.txt").write_text("x")
    write_bundle(connection, copy, vocabulary, similarity, overwrite=True)
    assert sorted(path.name for path in copy.iterdir()) == sorted([*FILES, MANIFEST])


def test_a_failed_replacement_leaves_the_old_one(
    copy: Path, db: Path, connection: Connection, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    (db.parent / "3-a.png").rename(db.parent / "hidden")
    try:
        with pytest.raises(
            DataError, match=r"images of 1 of 11 samples .* \(1 missing\), e.g. sample 3: .*3-a.png: there is"
        ):
            write_bundle(connection, copy, vocabulary, similarity, images="bytes", overwrite=True)
    finally:
        (db.parent / "hidden").rename(db.parent / "3-a.png")
    assert len(Bundle.open(copy)) == 11
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def change(name: str, old: str, new: str) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return damage


def flip(folder: Path) -> None:
    path = folder / SAMPLES
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replaced(name: str, make: Callable[[Path], object]) -> Damage:
    """Return a function that replaces a file and updates the manifest."""

    def damage(folder: Path) -> None:
        make(folder / name)
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest["files"][name] = {"bytes": (folder / name).stat().st_size, "sha256": file_sha256(folder / name)}
        (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")

    return damage


def without_shape(path: Path) -> None:
    pq.write_table(pq.read_table(path).drop_columns("shape"), path)


def without_caption_labels(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.drop_columns([name for name in table.column_names if name.startswith("caption_")]), path)


def fewer_rows(path: Path) -> None:
    pq.write_table(pq.read_table(path).slice(0, 5), path)


def unknown_label(path: Path) -> None:
    table = pq.read_table(path)
    place = table.schema.get_field_index("shape")
    column = pa.array([[99]] * len(table), table.schema.field(place).type)
    pq.write_table(table.set_column(place, table.schema.field(place), column), path)


DAMAGES: dict[str, tuple[Damage, str]] = {
    "no folder": (shutil.rmtree, "there is no such folder"),
    "no manifest": (lambda f: (f / MANIFEST).unlink(), "not a bundle: manifest.json is missing"),
    "manifest is no JSON": (lambda f: (f / MANIFEST).write_text("{"), "manifest.json: is not JSON"),
    "manifest is a list": (lambda f: (f / MANIFEST).write_text("[]"), "has the schema 'None'"),
    "newer schema": (change(MANIFEST, "udt-bundle/2", "udt-bundle/3"), "schema 'udt-bundle/3', but this version reads"),
    "counts left out": (change(MANIFEST, '"samples":', '"xamples":'), "manifest.json: lacks samples"),
    "other count": (change(MANIFEST, '"samples": 11', '"samples": 12'), "has 11 samples instead of 12"),
    "no such kind of image": (change(MANIFEST, '"as": "path"', '"as": "dicom"'), "images are given as 'dicom'"),
    **{f"no {name}": (lambda f, name=name: (f / name).unlink(), f"{name} is missing") for name in FILES},
    "cut off": (lambda f: (f / SIMILARITY).write_bytes((f / SIMILARITY).read_bytes()[:-1]), "it was cut or changed"),
    "one bit": (flip, "samples.parquet: has the SHA-256 .* it was changed"),
    "file of another schema": (replaced(TAXONOMY, lambda p: p.write_text('{"schema": "x"}')), "taxonomy.json: .* 'x'"),
    "no Parquet": (replaced(SAMPLES, lambda p: p.write_bytes(b"x" * 99)), "not a Parquet file"),
    "missing column": (replaced(SAMPLES, without_shape), "its columns are not those of udt-bundle/2: shape is missing"),
    "captions not read": (replaced(SAMPLES, without_caption_labels), "udt-bundle/2: caption_body_system is missing"),
    "missing rows": (replaced(SAMPLES, fewer_rows), "has 5 samples instead of 11"),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_faulty_bundle(copy: Path, damage: Damage, message: str) -> None:
    damage(copy)
    with pytest.raises(DataError, match=message) as caught:
        Bundle.open(copy)
    assert str(copy) in str(caught.value)


def test_label_id_outside_the_vocabulary(copy: Path) -> None:
    replaced(SAMPLES, unknown_label)(copy)
    with pytest.raises(
        DataError, match=r"column shape holds label ids from 99 to 99, but taxonomy.json has the labels 0 to 6"
    ):
        Bundle.open(copy).labels("shape")


def test_hashes_are_compared_unless_disabled(copy: Path) -> None:
    change(MANIFEST, file_sha256(copy / SAMPLES), "0" * 64)(copy)
    with pytest.raises(DataError, match="it was changed"):
        Bundle.open(copy)
    assert len(Bundle.open(copy, verify=False)) == 11


def read_all(bundle: Bundle) -> None:
    """Call everything that reads `samples.parquet`."""
    for key in bundle.vocabulary.keys:
        bundle.labels(key)
    list(bundle.label_sets())
    bundle.captions(range(len(bundle)))
    for row in range(len(bundle)):
        bundle.image(row)
    assert len(bundle.column("case_id").to_pylist()) == len(bundle)
    assert bundle.splits is not None


def test_any_changed_byte_gives_a_result_or_a_data_error(copy: Path) -> None:
    path = copy / SAMPLES
    content = path.read_bytes()
    random = np.random.default_rng(0)
    errors = 0
    for offset in random.integers(len(content), size=300):
        damaged = bytearray(content)
        damaged[offset] ^= int(random.integers(1, 256))
        path.unlink()  # the old file may still be mapped
        path.write_bytes(damaged)
        try:
            read_all(Bundle.open(copy, verify=False))
        except DataError as error:
            assert str(path) in str(error)
            errors += 1
    assert 0 < errors < 300, "some bytes matter, and some do not"


def test_a_column_of_null_label_lists(copy: Path) -> None:
    def nulls(path: Path) -> None:
        table = pq.read_table(path)
        place = table.schema.get_field_index("shape")
        column = pa.array([[None]] * len(table), table.schema.field(place).type)
        pq.write_table(table.set_column(place, table.schema.field(place), column), path)

    replaced(SAMPLES, nulls)(copy)
    with pytest.raises(DataError, match="column shape holds null instead of label ids"):
        Bundle.open(copy).labels("shape")


def test_similarity_of_other_labels_is_refused(connection: Connection, tmp_path: Path, vocabulary: Vocabulary) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        "@prefix ns: <https://w3id.org/udt/ns#> . @prefix udaf: <https://w3id.org/udt/udaf/> ."
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix my: <https://example.org/> ."
        'my:star a ns:ShapeValue , skos:Concept ; skos:prefLabel "star"@en ; skos:broader udaf:shape ;'
        ' ns:prompt "a star" ; ns:order 9 .'
    )
    with pytest.raises(DataError, match="other labels than the taxonomy: shape"):
        write_bundle(connection, tmp_path / "b", vocabulary, taxonomy_similarity(Taxonomy.load(extra)))


def test_reading_needs_neither_rdf_nor_sql(written: Path) -> None:
    heavy = ("rdflib", "pyoxigraph", "sqlalchemy", "spacy", "torch", "dgl", "pyshacl", "click", "safetensors")
    code = (
        f"import sys; from udt.bundle.reader import Bundle; b = Bundle.open({str(written)!r})\n"
        "b.label_set(0); b.caption(0); "
        f"b.splits; print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command(db: Path, tmp_path: Path, similarity: SimilaritySet) -> None:
    out = tmp_path / "b"
    done = CliRunner().invoke(main, ["data", "bundle", "--db", str(db), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "11 samples of 7 cases (test 3, train 2, valid 2)" in done.stdout
    assert "10 captions, 10 images, 2 without labels" in done.stdout
    fewer = Bundle.open(out).manifest["caption_labels"]["captions_with_fewer"]
    assert f"\n{fewer} captions name fewer labels than their samples have\n" in done.stdout
    similarity.save(tmp_path)
    again = [
        "data",
        "bundle",
        "--db",
        str(db),
        "--out",
        str(out),
        "--similarity",
        str(tmp_path),
        "--overwrite",
        "--json",
    ]
    assert json.loads(CliRunner().invoke(main, again).stdout)["samples"] == 11
    few = [*again, "--tasks", "organ,vascularity"]
    assert list(json.loads(CliRunner().invoke(main, few).stdout)["labels"]) == ["organ", "vascularity"]
    unknown = CliRunner().invoke(main, [*again, "--tasks", "organ,texture"])
    assert (
        unknown.exit_code == 1 and "no dimension or profile is called 'texture'; allowed: all, paper" in unknown.stderr
    )
    refused = CliRunner().invoke(main, ["data", "bundle", "--db", str(db), "--out", str(out)])
    assert (refused.exit_code, refused.stdout) == (1, "") and "is there already" in refused.stderr
