"""A data set from real media, by commands alone: from clips, DICOM, figures and stills to a trained model."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from PIL import Image

from tests.locations import BUSI, LUNG
from udt.bundle.reader import Bundle
from udt.cli.main import main
from udt.core.labels import LabelSet
from udt.normalize.normalizer import Normalizer
from udt.records.deidentify.pseudonyms import Pseudonyms
from udt.taxonomy.model.taxonomy import Taxonomy

av = pytest.importorskip("av", reason="PyAV is in the extra [media]")
pydicom = pytest.importorskip("pydicom", reason="pydicom is in the extra [media]")

pytestmark = [
    pytest.mark.slow,
    *(
        pytest.mark.skipif(not folder.is_dir(), reason=f"real images are not at {folder}")
        for folder in (LUNG / "media", BUSI / "images")
    ),
]

EVERY = 0.5  # seconds
LUNG_MEDIA = (
    "Cov_recommendations_likebutterfly_mov5.mov",
    "Pneu_prospective_file3.mp4",
    "Reg_Image_18122_crop.mp4",
    "Reg_Image_181432_crop.mp4",
    "Reg_Image_182106_crop.mp4",
    "Reg_recommendations_alines_mov1.mov",
    "Vir_or_Pneu_prospective_file4.mp4",
    "Vir_prospective_file1.mp4",
    "Vir_prospective_file2.mp4",
    "Cov_Oliviera_2020_Fig4A.jpg",
    "Cov_Oliviera_2020_Fig5A.jpg",
    "Pneu_emdocs_1.png",
)
SAME_VIDEO = ("114", "116")  # patients whose clips are cuts of one video; a comment names another file
FIGURES = {
    "two masses": (
        ("benign_014", "malignant_014"),
        "Breast ultrasound. (A) Oval hypoechoic mass. (B) Irregular hypoechoic mass with posterior shadowing.",
    ),
    "mass and none": (("malignant_021", "normal_021"), "(a) Irregular mass of the breast. (b) Normal breast."),
    "disagreement": (
        ("benign_028", "malignant_028"),
        "(A) Oval mass of the breast. (B) Irregular mass of the breast. (C) Breast cyst.",
    ),
    "single": (("benign_035",), "Ultrasound of the breast: oval hypoechoic mass."),
}
STILLS = {"benign": "mass", "malignant": "mass", "normal": "normal appearance"}
STILLS_OF_A_CLASS = 8
COLUMNS = ("case", "image", "organ", "body_system", "diagnosis")


def run(*words: object, status: int = 0) -> str:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == status, done.output
    return done.stdout if status == 0 else done.output


@dataclass(frozen=True)
class Workplace:
    """A folder with raw media, in which a data set is built."""

    root: Path

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    def data(self, command: str, *words: object) -> Any:
        """Run `udt data` on the database of the folder, and return its JSON."""
        return json.loads(run("data", *command.split(), *words, "--db", self / "records.db", "--json"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self / "records.db")) as connection:
            return connection.execute(query).fetchall()

    def number(self, query: str) -> int:
        ((found,),) = self.rows(query)
        return int(found)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])


def picture(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("L")


def lung_items() -> dict[str, Mapping[str, str]]:
    lines = (json.loads(line) for line in (LUNG / "pairs.jsonl").read_text("utf-8").splitlines())
    return {Path(item["media"]).name: item for item in lines if item.get("media")}


def write_scans(folder: Path) -> dict[str, Mapping[str, str]]:
    """Write the clips by patient, one of DICOM, files that are none, and a table of comments; return the clips."""
    items = {name: item for name, item in lung_items().items() if name in LUNG_MEDIA}
    assert len(items) == len(LUNG_MEDIA)
    for name, item in items.items():
        place = folder / f"patient {item['patient']}" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(LUNG / "media" / name, place)
    (folder / "patient DICOM").mkdir()
    shutil.copyfile(pydicom.examples.get_path("ybr_color"), folder / "patient DICOM" / "cine.dcm")
    shutil.copyfile(pydicom.examples.get_path("ct"), folder / "patient DICOM" / "slice.dcm")
    cut = (LUNG / "media" / "Reg_Image_181602_trimmed_crop.mp4").read_bytes()
    (folder / "patient DICOM" / "cut.mp4").write_bytes(cut[: len(cut) // 3])
    (folder / "patient DICOM" / "letter.pdf").write_bytes(b"%PDF-1.4")
    comments = [
        (f"patient {item['patient']}/{name}", next(item[key] for key in ("source_comment", "md1", "md2") if item[key]))
        for name, item in items.items()
    ]
    comments.append(("patient DICOM/cine.dcm", "Apical view of the heart, seen by Dr Ward on 5 March 2021."))
    write_csv(folder / "comments.csv", ("media", "text"), comments)
    return items


def write_figures(folder: Path) -> None:
    """Write figures of several stills with a white gutter between them, and the table of their captions."""
    for name, (stills, _) in FIGURES.items():
        panels = [picture(BUSI / "images" / f"{still}.png") for still in stills]
        width, height = panels[0].size
        page = Image.new("L", (len(panels) * (width + 8) - 8, height), "white")
        for place, panel in enumerate(panels):
            page.paste(panel, (place * (width + 8), 0))
        (folder / name).mkdir(parents=True)
        page.save(folder / name / "figure.png")
    write_csv(
        folder / "captions.csv",
        ("media", "text"),
        [(f"{name}/figure.png", text) for name, (_, text) in FIGURES.items()],
    )


def write_stills(folder: Path) -> None:
    """Write single images, and a table with their labels and without captions."""
    folder.mkdir()
    rows = []
    for kind, diagnosis in STILLS.items():
        for number in range(50, 50 + STILLS_OF_A_CLASS):
            name = f"{kind}_{number:03}.png"
            shutil.copyfile(BUSI / "images" / name, folder / name)
            rows.append((f"{kind} {number}", name, "Breast", "Breast and Axilla", diagnosis))
    write_csv(folder / "labels.csv", COLUMNS, rows)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def test_from_media_to_a_trained_model(place: Workplace) -> None:
    items = write_scans(place / "scans")
    write_figures(place / "figures")
    write_stills(place / "stills")
    deidentify(place)
    import_the_media(place, items)
    write_the_frames(place, items)
    add_texts(place)
    divide_figures(place)
    label_and_caption(place)
    refuse_while_reviews_are_open(place)
    review(place)
    split(place, items)
    release(place)
    train(place)


def deidentify(place: Workplace) -> None:
    words = ("--out", place / "clean", "--report", place / "masks", "--key", place / "key", "--json")
    done = json.loads(run("data", "deidentify", place / "scans", *words))
    assert (done["found"], done["read"]) == (len(LUNG_MEDIA) + 5, len(LUNG_MEDIA) + 3)  # two of DICOM, the table
    assert sum(done["left_out"].values()) == 2  # the video that was cut off, and the letter
    names = " ".join(path.relative_to(place / "clean").as_posix() for path in (place / "clean").rglob("*"))
    (table,) = (place / "clean").glob("*.csv")
    text = table.read_text("utf-8")
    assert "patient" not in names and "[NAME]" in text and "Ward" not in text and "2021" not in text
    masks = json.loads((place / "masks" / "report.json").read_text())
    assert sum(bool(one["boxes"]) for one in masks["files"]) >= 5
    (clip,) = (path for path in (place / "clean").rglob("*.dcm") if pydicom.dcmread(path).Modality == "US")
    assert str(pydicom.dcmread(clip).PatientName) == "" and pydicom.dcmread(clip).NumberOfFrames == 30


def import_the_media(place: Workplace, items: Mapping[str, Mapping[str, str]]) -> None:
    scans = place.data("import-media", place / "clean", "--source", "scans", "--licence", "CC-BY-4.0")
    assert scans["found"] == len(items) + 3 and scans["read"] == scans["taken"] + scans["doubtful"] == len(items) + 1
    assert scans["left_out"] == {"not ultrasound (modality CT)": 1, ".csv (no media)": 1}
    figures = place.data("import-media", place / "figures", "--source", "figures", "--licence", "CC-BY-4.0")
    assert figures["read"] == len(FIGURES) and figures["left_out"] == {".csv (no media)": 1}

    doubtful = place.data("media list")
    assert len(doubtful) == scans["doubtful"] + figures["doubtful"]
    (zoomed,) = (one["id"] for one in doubtful if one["source"] == "scans" and one["kind"] == "still")
    fine = [one["id"] for one in doubtful if one["id"] != zoomed]
    run("data", "media", "reject", zoomed, "--db", place / "records.db")
    if fine:
        run("data", "media", "accept", *fine, "--db", place / "records.db")
    assert place.data("media list") == []


def write_the_frames(place: Workplace, items: Mapping[str, Mapping[str, str]]) -> None:
    done = place.data("frames", "--out", place / "frames", "--every", EVERY)
    media, frames = done["media"], done["frames"]
    assert media["found"] == media["read"] == len(items) + len(FIGURES)  # the rejected one, and that of DICOM
    clips = sum(expected_frames(path) for path in (place / "clean").rglob("*.mp4"))
    stills = sum(Path(name).suffix != ".mov" and Path(name).suffix != ".mp4" for name in items) - 1
    assert frames["found"] == clips + stills + 2 + len(FIGURES)  # 30 frames of 33 ms are those at 0 and 0.5 s
    assert frames["left_out"].keys() <= {"looks the same as the frame before"}
    assert len(list((place / "frames").rglob("*.png"))) == frames["read"] >= 40
    pseudonyms = Pseudonyms.of_file(place / "key")
    cases = {pseudonyms.name("folder", f"patient {item['patient']}") for item in items.values()}
    cases.add(pseudonyms.name("folder", "patient DICOM"))
    of_frames = place.rows(
        "SELECT cases.key, media.path FROM images JOIN cases ON cases.id = images.case_id "
        "JOIN image_origins ON image_origins.image_id = images.id JOIN media ON media.id = image_origins.media_id"
    )
    assert all(case == str(Path(path).parent) for case, path in of_frames)
    assert {case for case, _ in of_frames} - set(FIGURES) <= cases


def expected_frames(clip: Path) -> int:
    """Count the first frames at or after each multiple of the interval, by the times that PyAV decodes."""
    with av.open(str(clip)) as opened:
        times = [float(frame.time) for frame in opened.decode(video=0)]
    return len({math.floor((time - times[0]) / EVERY + 1e-6) for time in times})


def add_texts(place: Workplace) -> None:
    (table,) = (place / "clean").glob("*.csv")
    scans = place.data("texts", table, "--source", "scans")
    assert scans["rows"]["left_out"] == {"media file without frames": 1}
    assert scans["rows"]["read"] == scans["rows"]["found"] - 1 == len(LUNG_MEDIA)
    figures = place.data("texts", place / "figures" / "captions.csv", "--source", "figures")
    assert (figures["rows"]["found"], figures["rows"]["read"], figures["samples"]) == (4, 4, 4)
    assert scans["samples"] + 4 == place.number("SELECT count(*) FROM images")
    columns = [word for name in COLUMNS for word in ("--map", f"{name}={name}")]
    stills = place / "stills"
    done = place.data("import", stills / "labels.csv", "--images", stills, "--licence", "CC-BY-4.0", *columns)
    assert done["added"] == done["image_files"]["read"] == len(STILLS) * STILLS_OF_A_CLASS


def divide_figures(place: Workplace) -> None:
    done = place.data("pair", "--out", place / "frames" / "panels", "--source", "figures")
    assert (done["found"], done["paired"], done["parts"], done["whole"]) == (4, 2, 4, 1)
    assert done["flagged"] == {"2 panels, 3 parts in the caption": 1}
    panels = [picture(path).size for path in (place / "frames" / "panels").rglob("*.png")]
    assert len(panels) == 4 and all(abs(width - height) < 30 for width, height in panels)
    captions = {
        text
        for (text,) in place.rows(
            "SELECT text FROM sample_origins JOIN samples ON samples.id = sample_origins.sample_id "
            "JOIN captions ON captions.id = samples.caption_id"
        )
    }
    assert captions == {
        "Breast ultrasound. Oval hypoechoic mass.",
        "Breast ultrasound. Irregular hypoechoic mass with posterior shadowing.",
        "Irregular mass of the breast.",
        "Normal breast.",
    }


def label_and_caption(place: Workplace) -> None:
    read = place.data("extract", "--engine", "rules")
    assert read["captions"]["read"] == place.number("SELECT count(*) FROM samples WHERE caption_id IS NOT NULL")
    made = place.data("caption", "--style", "plain", "--use")
    assert made["used"] == len(STILLS) * STILLS_OF_A_CLASS
    assert made["read"] + sum(made["left_out"].values()) == made["found"] and made["read"] >= 0.9 * made["found"]
    normalizer, vocabulary = Normalizer(), Taxonomy.load().vocabulary
    stills = place.data("list", "--source", "labels", "--limit", 100, "--columns", "labels,caption")["samples"]
    for one in stills:
        read_again = LabelSet.of(normalizer.normalize(one["caption"]).labels, vocabulary)
        assert read_again == LabelSet.of(one["labels"], vocabulary)


def refuse_while_reviews_are_open(place: Workplace) -> None:
    for_two = ("review assign", "--reviewer", "Ann", "--reviewer", "Bo", "--per-sample", 2)
    done = place.data(*for_two)
    released = done["samples"]["read"]
    assert done["reviewers"] == {"Ann": released, "Bo": released}
    assert done["samples"]["left_out"] == {"composite, its parts are reviewed": 2}
    refused = run("data", "release", "--db", place / "records.db", "--out", place / "release", status=1)
    assert f"open reviews: {released}" in refused and "1 pairing" in refused and "licence" not in refused
    assert not (place / "release").exists()


def decide(place: Workplace, name: str, role: str, doubtful: Iterable[str]) -> str:
    """Write the decisions of a reviewer, and return the output of their import."""
    sheet = place / f"{name}.json"
    run("data", "review", "export", "--reviewer", name, "--out", sheet, "--format", "label-studio", "--side", 64,
        "--db", place / "records.db")  # fmt: skip
    samples = [task["data"]["sample"] for task in json.loads(sheet.read_text("utf-8"))]
    answers = [{"sample": one, "alignment": one not in doubtful, "consistency": True,
                "decided": "2026-01-02T03:04:05Z"} for one in samples]  # fmt: skip
    facts = {"schema": "udt-review-decisions/1", "reviewer": name, "role": role, "confidence": {}}
    decisions = place / f"decisions {name}.json"
    decisions.write_text(json.dumps({**facts, "decisions": answers}))
    return run("data", "review", "import", decisions, "--db", place / "records.db")


def review(place: Workplace) -> None:
    """Both reviewers doubt the figure that pairing flagged, Bo another sample as well; Ward rejects the figure."""
    ((flagged,),) = place.rows("SELECT digest FROM samples JOIN flags ON flags.sample_id = samples.id")
    ((other,),) = place.rows("SELECT min(digest) FROM samples WHERE caption_id IS NOT NULL")
    decide(place, "Ann", "review", {flagged})
    assert "1 samples disputed" in decide(place, "Bo", "review", {flagged, other})
    made = place.data("review assign", "--adjudicator", "Ward")
    assert made["reviewers"] == {"Ward": 1}
    assert "1 samples rejected" in decide(place, "Ward", "adjudication", {flagged})
    status = place.data("review status", "--agreement", "--resamples", 50)
    total = sum(status["outcomes"].values())
    assert status["outcomes"] == {**dict.fromkeys(status["outcomes"], 0), "accepted": total - 1, "rejected": 1}


def split(place: Workplace, items: Mapping[str, Mapping[str, str]]) -> None:
    done = place.data("split", "--copies", "--seed", 1)
    assert all(done["samples"][name] for name in ("train", "valid", "test")) and done["without_split"] == 0
    assert place.rows("SELECT case_id FROM samples GROUP BY case_id HAVING count(DISTINCT split) > 1") == []
    pseudonyms = Pseudonyms.of_file(place / "key")
    same = "', '".join(pseudonyms.name("folder", f"patient {patient}") for patient in SAME_VIDEO)
    query = "SELECT count(DISTINCT cases.id), count(DISTINCT split) FROM samples JOIN cases ON cases.id = case_id"
    assert place.rows(f"{query} WHERE key IN ('{same}')") == [(2, 1)]


def release(place: Workplace) -> None:
    layouts = ("--format", "us365k", "--format", "huggingface", "--format", "bundle")
    done = place.data("release", "--out", place / "release", *layouts)
    count = done["samples"]["read"]
    assert done["samples"]["left_out"] == {"rejected in review": 1, "composites with parts": 2} and not done["allowed"]
    check_sums(place / "release")

    original = " ".join((*LUNG_MEDIA, *FIGURES)).lower().split()
    names = [path.name.lower() for path in (place / "release").rglob("*")]
    assert not [name for name in names if name in original or "patient" in name]

    us365k, vocabulary = place / "release" / "us365k", Taxonomy.load().vocabulary
    allowed = {one.us365k_field or one.key: set(one.labels) for one in vocabulary.dimensions}
    full = json.loads((us365k / "full_data.json").read_text("utf-8"))
    assert len(full) == count
    assert all(set(one[field]) <= labels for one in full for field, labels in allowed.items())
    again = json.loads(run("data", "import", us365k, "--db", place / "again.db", "--json"))
    assert (again["added"], again["image_files"]["read"], again["unknown"]) == (count, count, [])
    assert "no leaks" in run("data", "split", "--check", "--db", place / "again.db")

    rows = []
    for table in (place / "release" / "huggingface").glob("*/metadata.parquet"):
        for row in pq.read_table(table).to_pylist():
            picture(table.parent / row["file_name"])
            rows.append(row)
    assert len(rows) == count and {row["licence"] for row in rows} == {"CC-BY-4.0"}

    bundle = Bundle.open(place / "release" / "bundle")
    assert {name: len(found) for name, found in bundle.splits.items()} == {
        name: one["samples"] for name, one in done["splits"].items()
    }
    assert sorted(str(bundle.caption(number)) for number in range(len(bundle))) == sorted(r["caption"] for r in rows)


def check_sums(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert sums.keys() == files.keys() - {"SHA256SUMS"}
    assert all(hashlib.sha256(files[name].read_bytes()).hexdigest() == digest for name, digest in sums.items())


def train(place: Workplace) -> None:
    bundle, out = place / "release" / "bundle", place / "run"
    changes = ("optimization.max_steps=24", "optimization.batch_size=16", "run.log_every_steps=1", "run.seed=0")
    run("train", "--preset", "tiny", "--data", bundle, "--out", out, *(word for c in changes for word in ("--set", c)))
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if line["kind"] == "train"]
    assert len(losses) == 24 and all(map(math.isfinite, losses))
    assert sum(losses[-6:]) < sum(losses[:6])
    scores = json.loads(run("evaluate", "model", out, bundle, "--no-fit", "--resamples", 20, "--json"))
    assert scores["data"]["samples"] == len(Bundle.open(bundle).split("test"))
