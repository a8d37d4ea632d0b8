"""Review sheets: the content, the blinding, and the page in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.records.conftest import Load
from tests.records.review.chromium import CHROMIUM, Browser, browser
from tests.records.review.conftest import LABELS, REVIEWERS, answered, digests, picture
from udt.core.errors import DataError
from udt.records.database.curation_models import ReviewRole
from udt.records.database.database import Database
from udt.records.database.models import Caption
from udt.records.review import sheet_data
from udt.records.review.assignment import assign_adjudications, assign_reviews
from udt.records.review.decisions import decision_file
from udt.records.review.sheet import sheet_page
from udt.records.review.sheet_data import Sheet, read_sheet
from udt.records.review.specialties import specialties
from udt.records.review.storing import store_decisions
from udt.taxonomy.model.taxonomy import Taxonomy

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">&lt; <!-- ]]>"

Read = Callable[..., Sheet]


@pytest.fixture
def read(reviewable: Database, taxonomy: Taxonomy) -> Read:
    def read(reviewer: str, **options: int) -> Sheet:
        with reviewable.reading() as connection:
            return read_sheet(connection, reviewer, taxonomy, **options)

    return read


def test_a_sheet_has_the_open_reviews_of_one_person(reviewable: Database, read: Read, taxonomy: Taxonomy) -> None:
    assign_reviews(reviewable, REVIEWERS)
    sheet = read("Ann")
    assert sorted(one["id"] for one in sheet.samples) == sorted(digests(reviewable, "Ann"))
    first = sheet.samples[0]
    assert [label["label"] for label in first["labels"]] == ["Abdomen and retroperitoneum", "Liver", "oval"]
    assert first["labels"][2]["definition"] == taxonomy["oval"].definition
    assert (first["specialties"], sheet.specialties) == (["liver"], {"liver": "liver"})
    assert read("Ann").id == sheet.id != read("Bo").id
    assert [one["id"] for one in read("Ann", limit=4).samples] == [one["id"] for one in sheet.samples[:4]]
    store_decisions(reviewable, [answered(reviewable, "Ann", lambda _: True)], specialties(taxonomy))
    with pytest.raises(DataError, match="'Ann' has no open reviews"):
        read("Ann")
    with pytest.raises(DataError, match="nothing is assigned to 'Eve'; reviewers: Ann, Bo, Cy, Di"):
        read("Eve")


def test_a_page_betrays_nothing(load: Load, database: Database, taxonomy: Taxonomy, tmp_path: Path) -> None:
    """Neither votes, nor names of sources, cases, files and makers."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "secret-file.png").write_bytes(picture(1))
    row = {"case": "secret-case", "image": "secret-file.png", "caption": "A cyst.", **LABELS}
    load([row], source="secret-source", images=tmp_path / "images")
    assign_reviews(database, ["Ann", "Bo", "Cy"])
    spoken = answered(database, "Bo", lambda _: False)
    store_decisions(database, [spoken], specialties(taxonomy))
    with database.reading() as connection:
        page = sheet_page(read_sheet(connection, "Ann", taxonomy))
    assert "A cyst." in page and not re.search(r"secret|\bBo\b|\bCy\b|human|udt \d", page)


def test_images_are_reduced(reviewable: Database, read: Read) -> None:
    import base64
    import io

    from PIL import Image

    assign_reviews(reviewable, ["Ann"], per_sample=1)
    head, _, data = read("Ann", side=64).samples[0]["image"].partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert (head, image.size, len(image.getexif())) == ("data:image/jpeg;base64", (64, 64), 0)


def test_a_long_sheet_is_refused(reviewable: Database, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    assign_reviews(reviewable, ["Ann"], per_sample=1)
    monkeypatch.setattr(sheet_data, "MOST_SAMPLES", 11)
    with pytest.raises(DataError, match=r"'Ann' has 12 open reviews; a sheet may have 11; export .* \(--limit 11\)"):
        read("Ann")


def test_images_that_cannot_be_read_are_counted(reviewable: Database, read: Read, tmp_path: Path) -> None:
    assign_reviews(reviewable, ["Ann"], per_sample=1)
    (tmp_path / "images" / "0.png").unlink()
    (tmp_path / "images" / "1.png").write_bytes(picture(99))
    sheet = read("Ann")
    assert (sheet.tally.read, dict(sheet.tally.left_out)) == (
        10, {"image: missing": 1, "image: changed since the import": 1},
    )  # fmt: skip
    for path in (tmp_path / "images").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="no image of the 12 samples can be read"):
        read("Ann")


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with browser(tmp_path / "profile") as started:
        yield started


@pytest.fixture
def page(reviewable: Database, read: Read, tmp_path: Path) -> Path:
    """The sheet of Ann, whose captions try to be HTML."""
    with reviewable.writing() as connection:
        connection.execute(update(Caption).values(text=Caption.text + HOSTILE))
    assign_reviews(reviewable, ["Ann", "Bo"], per_sample=2)
    path = tmp_path / "sheet.html"
    path.write_text(sheet_page(read("Ann")), encoding="utf-8")
    return path


def text(chromium: Browser, name: str) -> str:
    return str(chromium.value(f"document.getElementById('{name}').textContent"))


def test_keys_decide_and_a_reload_keeps_the_answers(
    chromium: Browser, page: Path, reviewable: Database, taxonomy: Taxonomy, read: Read
) -> None:
    chromium.open(page)
    assert (text(chromium, "place"), text(chromium, "done")) == ("1 of 12", "0 decided, 12 open")
    chromium.press("a", "c", "c", "4")  # caption yes; labels yes, then no
    chromium.press("j", "y")  # both fit, to the third
    chromium.press("m", "n", "o", "Escape")  # a comment on a sample that stays open
    assert (text(chromium, "place"), text(chromium, "done")) == ("3 of 12", "2 decided, 10 open")
    chromium.open(page)
    assert (text(chromium, "place"), text(chromium, "done")) == ("3 of 12", "2 decided, 10 open")
    order = [one["id"] for one in read("Ann").samples]
    value = json.loads(chromium.value("JSON.stringify(decisions())"))
    found = [(one["sample"], one["alignment"], one["consistency"]) for one in value["decisions"]]
    assert found == [(order[0], True, False), (order[1], True, True)] and value["confidence"] == {"liver": 4}
    stored = store_decisions(reviewable, [decision_file(value, "a.json")], specialties(taxonomy))
    assert stored.new == 2
    chromium.press("k", "u")
    assert text(chromium, "done") == "1 decided, 11 open"
    assert chromium.faults() == []


def test_texts_are_no_html_and_nothing_is_fetched(chromium: Browser, page: Path) -> None:
    chromium.open(page)
    assert text(chromium, "caption").endswith(HOSTILE)
    assert chromium.value("document.title") == "Review · Ann"
    assert chromium.value("document.querySelectorAll('img, script').length") == 3  # the image, the data and the script
    assert (
        chromium.value("document.getElementById('image').complete && document.getElementById('image').naturalWidth")
        == 96
    )
    assert chromium.requests() == [page.as_uri()]
    for attempt in ("fetch('https://example.org')", "import('https://example.org/x.js')"):
        assert chromium.value(f"{attempt}.then(() => 'sent', () => 'refused')") == "refused"
    added = "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.owned = 1'}))"
    assert chromium.value(f"{added}; window.owned") is None


def test_the_download_is_the_file_of_decisions(chromium: Browser, page: Path, tmp_path: Path) -> None:
    (tmp_path / "down").mkdir()
    chromium.open(page)
    chromium.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path / "down"))
    chromium.press("y", "y", "s")
    assert text(chromium, "notice").startswith(
        "Downloaded 2 of 12 decisions. You have not rated your confidence in: liver"
    )
    name = chromium.value("`decisions-${sheet.sheet}.json`")
    chromium.until("new Promise((done) => setTimeout(() => done(true), 300))")
    found = decision_file(json.loads((tmp_path / "down" / name).read_text("utf-8")), name)
    assert (found.reviewer, found.role, len(found.decisions)) == ("Ann", ReviewRole.REVIEW, 2)


def test_an_adjudicator_strikes_labels(
    chromium: Browser, reviewable: Database, read: Read, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    assign_reviews(reviewable, ["Ann", "Bo"], per_sample=2)
    for name in ("Ann", "Bo"):
        store_decisions(reviewable, [answered(reviewable, name, lambda _: False)], specialties(taxonomy))
    assign_adjudications(reviewable, ["Ward"])
    path = tmp_path / "ward.html"
    path.write_text(sheet_page(read("Ward")), encoding="utf-8")
    chromium.open(path)
    chromium.value("document.querySelectorAll('dd button')[2].click()")
    chromium.press("y")
    value = json.loads(chromium.value("JSON.stringify(decisions())"))
    assert [one["denied"] for one in value["decisions"]] == [[taxonomy["oval"].iri]]
    assert store_decisions(reviewable, [decision_file(value, "w")], specialties(taxonomy)).outcomes == {"corrected": 1}
