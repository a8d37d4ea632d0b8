"""Contact sheets and pairs, as pictures and as pages."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from tests.records.release.conftest import nothing
from udt.core.errors import DataError
from udt.core.tally import Tally
from udt.records.browsing.pictures import Tile, pair_tiles, sample_tiles, write_tiles
from udt.records.browsing.selection import SampleFilter, list_samples
from udt.records.database.database import Database
from udt.records.database.models import Caption
from udt.records.quality.copies import find_copies


def tiles(database: Database, tally: Tally) -> list[Tile]:
    with database.reading() as connection:
        return sample_tiles(list_samples(connection, SampleFilter()), tally)


def test_samples_with_captions_and_labels(varied: Database) -> None:
    tally = Tally()
    found = tiles(varied, tally)
    assert [one.title for one in found][:2] == ["1 · set · case 0", "2 · set · case 0"]
    assert found[0].texts == ["caption 0", "Abdomen and retroperitoneum · Liver · oval"]
    assert (tally.read, dict(tally.left_out)) == (4, {"without an image": 1, "image: missing": 1})


@pytest.mark.parametrize(("columns", "rows"), [(4, 1), (3, 2), (1, 4), (9, 1)])
def test_a_picture_has_rows_of_tiles(varied: Database, tmp_path: Path, columns: int, rows: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_tiles(tmp_path / "sheet.png", "Samples", tiles(varied, Tally()), columns)
    with Image.open(tmp_path / "sheet.png") as picture:
        width, height = picture.size
    assert width == pytest.approx(390 * min(columns, 4), abs=2) and height == pytest.approx(rows * 468, rel=0.05)


def test_a_page_has_all_images_and_no_html_of_captions(varied: Database, tmp_path: Path) -> None:
    with varied.writing() as connection:
        connection.execute(update(Caption).values(text="<script>alert(1)</script>" + Caption.text))
    write_tiles(tmp_path / "sheet.html", "Samples", tiles(varied, Tally()), 4)
    page = (tmp_path / "sheet.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 4
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page and "default-src 'none'" in page


def test_pairs_are_beside_each_other(varied: Database, tmp_path: Path) -> None:
    copies = find_copies(varied, Tally(), nothing)
    with varied.reading() as connection:
        found = pair_tiles(connection, copies, Tally())
    assert [one.texts for one in found] == [["case 0"], ["case 0", f"mirrored, {copies[0].distance} bits"]]
    write_tiles(tmp_path / "pairs.html", "Pairs", found, 2)
    assert (tmp_path / "pairs.html").read_text("utf-8").count('<div class="cards">') == 1


def test_chinese_and_mathematical_signs_in_a_picture(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tile = Tile(Image.new("RGB", (40, 30)), "肝脏 $x$", ["a $\\frac{1}{2}$ cyst 囊肿 " * 20])
        write_tiles(tmp_path / "sheet.png", "Samples", [tile], 4)
    assert Image.open(io.BytesIO((tmp_path / "sheet.png").read_bytes())).size[0] > 100


@pytest.mark.parametrize(
    ("name", "empty", "message"),
    [
        ("a.gif", False, r"has the suffix '\.gif'; allowed: \.html, \.png"),
        ("a.png", True, "there are no images to show"),
    ],
    ids=["suffix", "empty"],
)
def test_refusals(tmp_path: Path, name: str, empty: bool, message: str) -> None:
    found = [] if empty else [Tile(Image.new("RGB", (4, 3)), "a", [])]
    with pytest.raises(DataError, match=message):
        write_tiles(tmp_path / name, "Samples", found, 4)
