"""Composite samples of a database are divided: files, rows, labels, flags; and their parts replace them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from sqlalchemy import select, update

from tests.records.conftest import Load
from tests.records.pairing.figures import FIGURES, Figure, overlap, speckle
from udt.bundle.from_database import write_bundle
from udt.core.errors import DataError
from udt.corpus.samples import rejected, samples
from udt.records.database.curation_models import Flag, ImageOrigin, SampleOrigin
from udt.records.database.database import Database
from udt.records.database.finding_models import Reading
from udt.records.database.models import Case, Image, ReviewState, Sample
from udt.records.pairing.panels import PanelBox
from udt.records.pairing.run import PairingOutcome, PairingRequest, pair_samples
from udt.records.quality.splitting import count_parts, split_samples
from udt.records.quality.statistics import statistics
from udt.records.quality.validation import validate_records
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

CAPTION = "Ultrasound of the breast. (A) Oval hypoechoic mass. (B) Anechoic cyst. Arrows: mass."
PARTS = [
    "Ultrasound of the breast. Oval hypoechoic mass. Arrows: mass.",
    "Ultrasound of the breast. Anechoic cyst. Arrows: mass.",
]


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    FIGURES["1x2 white"].compose()[0].save(folder / "pair.png")
    FIGURES["2x2 white"].compose()[0].save(folder / "grid.png")
    Figure([[1]], draw=[speckle]).compose()[0].save(folder / "single.png")
    return folder


def _row(case: str, image: str, caption: str, **labels: Any) -> dict[str, Any]:
    return {"case": case, "image": image, "caption": caption, **labels}


def _pair(database: Database, taxonomy: Taxonomy, out: Path | None, **options: Any) -> PairingOutcome:
    return pair_samples(database, PairingRequest(out, **options), taxonomy, lambda *_: None)


def test_a_figure_is_divided(database: Database, load: Load, images: Path, taxonomy: Taxonomy) -> None:
    load([_row("1", "pair.png", CAPTION)], images=images, normalize=True)
    outcome = _pair(database, taxonomy, images / "panels")
    assert (outcome.paired, outcome.parts, outcome.whole, dict(outcome.flagged)) == (1, 2, 0, {})
    with database.session() as session:
        parts = session.scalars(select(Sample).join(SampleOrigin, SampleOrigin.sample_id == Sample.id)).all()
        assert [part.caption.text for part in parts if part.caption] == PARTS
        assert {part.case.key for part in parts} == {"1"}
        origins = [session.get_one(ImageOrigin, part.image_id) for part in parts]
        boxes = [PanelBox(o.left or 0, o.top or 0, o.width or 0, o.height or 0) for o in origins]
        _, drawn = FIGURES["1x2 white"].compose()
        assert min(overlap(one, other) for one, other in zip(boxes, drawn, strict=True)) > 0.9
        for part, box in zip(parts, boxes, strict=True):
            assert part.image is not None and part.image.sha256 is not None
            with Pillow.open(images / part.image.path) as panel, Pillow.open(images / "pair.png") as figure:
                area = (box.left, box.top, box.left + box.width, box.top + box.height)
                assert panel.convert("RGB").tobytes() == figure.convert("RGB").crop(area).tobytes()
                assert panel.format == "PNG" and not panel.info
            assert "mass" not in part.image.path
        labels = [{(one.concept.dimension, one.concept.label) for one in part.labels} for part in parts]
        assert ("diagnosis", "mass") in labels[0] and ("shape", "oval") in labels[0]
        assert ("diagnosis", "cyst") in labels[1] and ("diagnosis", "mass") not in labels[1]
        assert all(("organ", "Breast") in one for one in labels)
        assert len(session.scalars(select(Reading).where(Reading.sample_id.in_([p.id for p in parts]))).all()) == 2
    assert validate_records(database, taxonomy, shacl=0) == []


def test_a_second_run_changes_nothing(database: Database, load: Load, images: Path, taxonomy: Taxonomy) -> None:
    load([_row("1", "pair.png", CAPTION), _row("2", "grid.png", CAPTION)], images=images)
    _pair(database, taxonomy, images / "panels")
    files = sorted(path.name for path in (images / "panels").iterdir())
    again = _pair(database, taxonomy, images / "panels")
    assert (again.samples.found, again.paired, again.known, dict(again.flagged)) == (0, 0, 1, {})
    assert sorted(path.name for path in (images / "panels").iterdir()) == files


def test_an_interrupted_run_is_resumed(
    database: Database, load: Load, images: Path, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files without rows, as of a run that was killed between the two, are taken over."""
    load([_row("1", "pair.png", CAPTION)], images=images)
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(Database, "transact", _interrupt)
        _pair(database, taxonomy, images / "panels")
    assert len(list((images / "panels").iterdir())) == 2
    assert _pair(database, taxonomy, images / "panels").paired == 1
    assert len(list((images / "panels").iterdir())) == 2


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_dry_run_writes_nothing(database: Database, load: Load, images: Path, taxonomy: Taxonomy) -> None:
    load([_row("1", "pair.png", CAPTION), _row("2", "grid.png", CAPTION)], images=images)
    outcome = _pair(database, taxonomy, None)
    assert (outcome.paired, outcome.parts, outcome.flagged.total()) == (1, 2, 1)
    assert sorted(path.name for path in images.iterdir()) == ["grid.png", "pair.png", "single.png"]
    with database.session() as session:
        assert session.scalars(select(SampleOrigin)).all() == []
        assert session.scalars(select(Flag)).all() == []


def test_disagreement_is_flagged_and_nothing_else(
    database: Database, load: Load, images: Path, taxonomy: Taxonomy
) -> None:
    rows = [
        _row("1", "grid.png", CAPTION),
        _row("2", "single.png", "A cyst."),
        _row("3", "single.png", CAPTION),
        _row("4", "missing.png", CAPTION),
    ]
    load(rows, images=images)
    outcome = _pair(database, taxonomy, images / "panels")
    assert dict(outcome.flagged) == {"4 panels, 2 parts in the caption": 1, "1 panel, 2 parts in the caption": 1}
    assert (outcome.whole, outcome.paired, dict(outcome.samples.left_out)) == (1, 0, {"missing": 1})
    with database.session() as session:
        flagged = select(Case.key, Flag.detail).join(Sample, Sample.case_id == Case.id).join(Flag)
        assert dict(session.execute(flagged).all()) == {
            "1": "4 panels, 2 parts in the caption",
            "3": "1 panel, 2 parts in the caption",
        }
        assert session.scalars(select(SampleOrigin)).all() == []


def test_labels_of_persons_go_to_the_parts_that_name_them(
    database: Database, load: Load, images: Path, taxonomy: Taxonomy
) -> None:
    labels = {"organ": ["Breast"], "body_system": ["Breast and Axilla"], "diagnosis": ["cyst"], "shape": ["oval"]}
    load([_row("1", "pair.png", CAPTION, **labels)], images=images)
    _pair(database, taxonomy, images / "panels")
    with database.reading() as connection:
        named = [row.labels.named(taxonomy.vocabulary) for row in samples(connection, taxonomy.vocabulary)]
    assert [(one["organ"], one["diagnosis"], one["shape"]) for one in named] == [
        (("Breast",), (), ("oval",)),
        (("Breast",), ("cyst",), ()),
    ]


def test_a_label_that_no_part_names_is_a_doubt(
    database: Database, load: Load, images: Path, taxonomy: Taxonomy
) -> None:
    load([_row("1", "pair.png", CAPTION, shape=["round"])], images=images)
    outcome = _pair(database, taxonomy, images / "panels")
    assert dict(outcome.flagged) == {"1 of 1 labels of the data set are named by no part of the caption": 1}


def test_parts_replace_the_figure(
    database: Database, load: Load, images: Path, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    rows = [_row("1", "pair.png", CAPTION), _row("2", "single.png", "Round cyst of the liver.")]
    load(rows, images=images, normalize=True)
    _pair(database, taxonomy, images / "panels")
    with database.writing() as connection:
        split_samples(connection)
        assert sum(count_parts(connection).values()) == 3
        numbers = statistics(connection)
    assert dict(numbers.sources) == {"set": 3}
    assert (numbers.totals["samples"], numbers.totals["readings"]) == (3, 3)
    assert dict(numbers.findings)["diagnosis: mass"] == 1
    with database.reading() as connection:
        assert [row.caption for row in samples(connection, taxonomy.vocabulary)] == ["Round cyst of the liver.", *PARTS]
        made = write_bundle(connection, tmp_path / "bundle", taxonomy.vocabulary, taxonomy_similarity(taxonomy))
    assert made["samples"] == 3


def test_rejected_samples_are_left_alone(database: Database, load: Load, images: Path, taxonomy: Taxonomy) -> None:
    load([_row("1", "pair.png", CAPTION)], images=images)
    with database.writing() as connection:
        connection.execute(update(Sample).values(review=ReviewState.REJECTED))
    assert _pair(database, taxonomy, images / "panels").samples.found == 0
    with database.reading() as connection:
        assert rejected(connection) == 1


def test_panels_have_to_be_in_the_image_folder(
    database: Database, load: Load, images: Path, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    load([_row("1", "pair.png", CAPTION)], images=images)
    with pytest.raises(DataError, match="is not in the image folder of 'set'"):
        _pair(database, taxonomy, tmp_path / "elsewhere")
    with pytest.raises(DataError, match="no data set 'other'; the database has: set"):
        _pair(database, taxonomy, images / "panels", source="other")


def test_the_image_folder_may_be_given_later(database: Database, load: Load, images: Path, taxonomy: Taxonomy) -> None:
    load([_row("1", "pair.png", CAPTION)])
    assert dict(_pair(database, taxonomy, None).samples.left_out) == {"without a known image folder": 1}
    assert _pair(database, taxonomy, None, images=images).paired == 1
    assert _pair(database, taxonomy, images / "panels", images=images).paired == 1
    with database.reading() as connection:
        assert connection.execute(select(Image.path).where(Image.sha256.is_not(None))).all() != []
