"""Every reason against a release, all at once, and those that can be allowed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.core.test_image_copies import image
from tests.records.conftest import Load, sample
from tests.records.release.conftest import nothing
from tests.records.review.conftest import answered
from udt.core.errors import DataError
from udt.records.database.curation_models import Flag, FlagKind, Media, MediaKind, MediaState
from udt.records.database.database import Database
from udt.records.database.models import ConceptRow, Provenance, ReviewState, Sample, Source, Split
from udt.records.release.gate import Allowance, obstacles
from udt.records.release.writer import Released, ReleaseRequest, us365k, write_release
from udt.records.review.assignment import assign_reviews
from udt.records.review.specialties import specialties
from udt.records.review.storing import store_decisions
from udt.taxonomy.model.taxonomy import Taxonomy


def release(database: Database, out: Path, taxonomy: Taxonomy, **options: Any) -> Released:
    request = ReleaseRequest("set", {"us365k": us365k}, **options)
    return write_release(database, out, taxonomy.vocabulary, request, nothing)


def leak(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(Sample).values(split=Split.TRAIN))
        connection.execute(update(Sample).where(Sample.id == 1).values(split=Split.TEST))


def half_split(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(Sample).where(Sample.id > 2).values(split=Split.TRAIN))


def open_reviews(database: Database) -> None:
    assign_reviews(database, ["Ann", "Bo", "Cy"], count=3)


def flag(database: Database) -> None:
    with database.session() as session:
        made = session.scalars(select(Provenance)).first()
        assert made is not None
        session.add(Flag(sample_id=3, kind=FlagKind.EXTRACTION, detail="two organs", provenance_id=made.id))


def doubtful(database: Database) -> None:
    with database.session() as session:
        found = Media(source_id=1, path="a.avi", sha256="0" * 64, bytes=1, reason="may be a diagram")
        found.kind, found.state = MediaKind.CLIP, MediaState.DOUBTFUL
        session.add(found)


def no_licence(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(Source).values(licence=None))


def earlier_taxonomy(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(ConceptRow).where(ConceptRow.label == "oval").values(position=None))


REASONS = [
    (leak, None, r"leaks between the splits: 1 in all, e.g. case set/0 is in 2 splits; divide the samples again"),
    (half_split, None, r"samples without a split: 2 samples; run 'udt data split --copies'"),
    (open_reviews, Allowance.OPEN_REVIEWS, r"open reviews: 3 samples; .* \(or --allow open-reviews\)"),
    (flag, Allowance.FLAGS, r"flags that nobody has resolved: 1 flags \(1 extraction\); .* \(or --allow flags\)"),
    (doubtful, Allowance.DOUBTFUL_MEDIA, r"doubtful media: 1 files may be no ultrasound; .*doubtful-media"),
    (no_licence, Allowance.NO_LICENCE, r"sources without a licence: 1 \(set\); state it at the import \(--licence\)"),
    (earlier_taxonomy, None, r"labels of an earlier taxonomy: 1 e.g. https://w3id.org/udt/udaf/shape.oval"),
]


@pytest.mark.parametrize(("spoil", "allowance", "message"), REASONS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_reason_is_refused_or_allowed(
    ready: Database, taxonomy: Taxonomy, tmp_path: Path, spoil: Any, allowance: Allowance | None, message: str
) -> None:
    spoil(ready)
    with pytest.raises(DataError, match=message):
        release(ready, tmp_path / "out", taxonomy, allowed=set(Allowance) - {allowance})
    assert not (tmp_path / "out").exists()
    if allowance is not None:
        done = release(ready, tmp_path / "out", taxonomy, allowed={allowance})
        assert len(done.allowed) == 1 and done.allowed[0].fact in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_labels_outside_the_taxonomy(load: Load, ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    image(30, 80, 64).save(tmp_path / "images" / "30.png")
    load([sample(90, 30, shape=["starry"])], source="set2", images=tmp_path / "images", about={"licence": "MIT"})
    with pytest.raises(DataError, match=r"labels outside the taxonomy: 1 of 1 uses, e.g. starry \(shape\)"):
        release(ready, tmp_path / "out", taxonomy)
    assert release(ready, tmp_path / "out", taxonomy, allowed={Allowance.UNMAPPED_LABELS}).samples.read == 21


def test_images_that_are_missing_changed_or_unread(
    load: Load, ready: Database, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    load([sample(91, 31, shape=["oval"])], source="set3", about={"licence": "MIT"})
    (tmp_path / "images" / "3.png").unlink()
    image(99, 80, 64).save(tmp_path / "images" / "4.png")
    with pytest.raises(DataError) as refused:
        release(ready, tmp_path / "out", taxonomy, allowed=set(Allowance))
    text = str(refused.value)
    assert re.search(r"images not readable: 1 images were never read", text)
    assert re.search(r"images missing: 1 of 20, e.g. .*3\.png", text)
    assert re.search(r"images changed since the import: 1 of 20, e.g. .*4\.png", text)


def test_all_reasons_at_once(ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    for spoil in (leak, open_reviews, flag, doubtful, no_licence):
        spoil(ready)
    with pytest.raises(DataError, match="the data set cannot be released for 5 reasons:\n  leaks") as refused:
        release(ready, tmp_path / "out", taxonomy)
    assert len(str(refused.value).splitlines()) == 6


def test_a_flag_is_resolved_by_a_review(ready: Database, taxonomy: Taxonomy) -> None:
    flag(ready)
    assign_reviews(ready, ["Ann"], per_sample=1)
    store_decisions(ready, [answered(ready, "Ann", lambda _: True)], specialties(taxonomy))
    with ready.reading() as connection:
        kinds = [one.kind for one in obstacles(connection)]
    assert kinds == ["samples without a split"]


def test_disputed_samples_wait_for_an_adjudicator(ready: Database, taxonomy: Taxonomy) -> None:
    assign_reviews(ready, ["Ann"], per_sample=1)
    store_decisions(ready, [answered(ready, "Ann", lambda i: i > 0)], specialties(taxonomy))
    with ready.reading() as connection:
        (found,) = [one for one in obstacles(connection) if one.kind == "open adjudications"]
    assert (found.count, found.allowance) == (1, Allowance.OPEN_REVIEWS)


def test_rejected_samples_are_left_out(ready: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    with ready.writing() as connection:
        connection.execute(update(Sample).where(Sample.id == 5).values(review=ReviewState.REJECTED))
    done = release(ready, tmp_path / "out", taxonomy)
    assert (done.samples.read, dict(done.samples.left_out)) == (19, {"rejected in review": 1})


def test_an_empty_database(database: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there are no samples to release"):
        release(database, tmp_path / "out", taxonomy)
