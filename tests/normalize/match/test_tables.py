"""Tables: the words of their rows in the order of sentences, and what these are read as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.normalize.reading import Read
from udt.core.report import Finding
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import fold, tokenize
from udt.normalize.match import tables
from udt.normalize.match.tables import _may_be_header, spread_tables


def spread(lexicon: Lexicon, text: str) -> str:
    return " ".join(spread_tables(text, tokenize(text), lexicon).tokens.words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "Vessel | PSV R (cm/s) | PSV L (cm/s)\nCCA | 78 | 82",
            "r cca : psv ( cm / s ) : 78 \n l cca : psv ( cm / s ) : 82",
            id="a sentence for each side of the header",
        ),
        pytest.param(
            "| Node | Side | Size (mm) | Hilum |\n|---|---|---|---|\n| 2 | L | 12 | - |\nDone.",
            "l node 2 : size ( mm ) : 12 \n done .",
            id="side of the row, number after its header, nothing for a dash",
        ),
        pytest.param(
            "No.\tSize (mm)\tMargin\n1\t12\tsmooth",
            "size ( mm ) : 12 | margin : smooth",
            id="number of a row without a name",
        ),
        pytest.param(
            "Nodule | Size (mm)\nRight mid | 12\nLower pole of the thyroid | 8",
            "nodule right mid : size ( mm ) : 12 \n lower pole of the thyroid : size ( mm ) : 8",
            id="name of the header before a row that names nothing",
        ),
        pytest.param(
            "              Right   Left\nLength (cm)   10.4    11.2",
            "right length ( cm ) : 10.4 \n left length ( cm ) : 11.2",
            id="blanks, and a first column without a header",
        ),
        pytest.param(
            "| | Right | | Left | |\n| Artery | PSV (cm/s) | RI | PSV (cm/s) | RI |\n| CFA | 98 | 0.9 | 88 | 0.8 |",
            "right cfa : psv ( cm / s ) : 98 | ri : 0.9 \n left cfa : psv ( cm / s ) : 88 | ri : 0.8",
            id="header of two lines",
        ),
        pytest.param(
            "Vein | Compressible | Thrombus\nCFV | yes | no",
            "cfv : compressible : yes | thrombus : no",
            id="header of names alone",
        ),
        pytest.param(
            "Size (mm) | Margin\n9 | smooth\n\n7 | smooth",
            "size ( mm ) : 9 | margin : smooth \n 7 | smooth",
            id="first column of values, end at a blank line",
        ),
    ],
)
def test_rows_are_sentences(lexicon: Lexicon, text: str, words: str) -> None:
    assert spread(lexicon, text) == words


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Liver | normal | no lesion\nSpleen | enlarged | two cysts", id="rows without a header"),
        pytest.param("Liver | 15 cm\nSpleen | 11 cm", id="numbers in the first line"),
        pytest.param("The liver is normal.  The spleen is large.\nNo mass.  No cyst.", id="two blanks in prose"),
        pytest.param("Wall | normal\nLumen | patent", id="two columns of answers"),
        pytest.param("Size (mm) | Margin", id="header without rows"),
        pytest.param("Right kidney normal.\nLeft kidney 10 cm.", id="lines without columns"),
    ],
)
def test_other_lines_keep_their_words(lexicon: Lexicon, text: str) -> None:
    tokens = tokenize(text)
    spread = spread_tables(text, tokens, lexicon)
    assert (spread.tokens, spread.cells, spread.rows) == (tokens, (), ())


# Texts with their words, those of tables in the order of sentences.
WORDS = [
    ("Level | Size (mm)\nII | 9", "level ii : size ( mm ) : 9"),
    ("Vein | Flow\nCFV | yes", "vein | flow \n cfv | yes"),
    ("Vein | Flow | Clot\nCFV | yes | no", "cfv : flow : yes | clot : no"),
    ("Vein | no flow | Clot\nCFV | yes | no", "vein | no flow | clot \n cfv | yes | no"),
    ("Vein | large | Clot\nCFV | yes | no", "vein | large | clot \n cfv | yes | no"),
    ("| Vein | Flow | Clot\nCFV | yes | no |", "cfv : flow : yes | clot : no"),
    ("Vein | Flow\n---|---\nCFV | yes", "cfv : flow : yes"),
    ("---|---\nCFV | yes", "- - - | - - - \n cfv | yes"),
    ("Vein\tFlow | phase\tClot\nCFV\tyes\tno", "vein flow | phase clot \n cfv yes no"),
    ("Site | Size (mm)\n | \nliver | 9", "liver : size ( mm ) : 9"),
    ("Stone | Size (mm)\n2 | 9\nupper | 8", "stone 2 : size ( mm ) : 9 \n stone upper : size ( mm ) : 8"),
    ("Cyst | Size (mm)\nupper | 8", "cyst upper : size ( mm ) : 8"),
    ("Site: | Size (mm)\nliver | 9", "site : | size ( mm ) \n liver | 9"),
    ("Site, | Size (mm)\nliver | 9", "site , | size ( mm ) \n liver | 9"),
    ("Site; | Size (mm)\nliver | 9", "site ; | size ( mm ) \n liver | 9"),
    ("Site? | Size (mm)\nliver | 9", "site ? | size ( mm ) \n liver | 9"),
    ("Vel. | Size (mm)\nliver | 9", "liver : size ( mm ) : 9"),
    ("No clot. | Size (mm)\nliver | 9", "no clot . | size ( mm ) \n liver | 9"),
    ("The liver is seen. | Size (mm)\nliver | 9", "the liver is seen . | size ( mm ) \n liver | 9"),
    (
        "The whole of the largest cyst in each lobe | Size (mm)\nliver | 9",
        "the whole of the largest cyst in each lobe | size ( mm ) \n liver | 9",
    ),
    ("The whole of the largest cyst of each | Size (mm)\nliver | 9", "liver : size ( mm ) : 9"),
    ("Vessel | PSV\nCCA | 78 cm/s", "cca : psv : 78 cm / s"),
    ("| | Right | |\n|---|---|---|\n| CFA | 98 | 0.9 |", "cfa : right : 98 | 0.9"),
    ("| | Right | |\n| CFA | 98 | 0.9 |", "cfa : right : 98 | 0.9"),
    ("Vein | hypoechoic | Clot\nCFV | yes | no", "vein | hypoechoic | clot \n cfv | yes | no"),
    ("Size (mm) | Margin\n---|---", "size ( mm ) | margin \n - - - | - - -"),
    ("Size (mm) | Margin\n\n9 | smooth", "size ( mm ) : 9 | margin : smooth"),
    ("Size (mm) | Margin\nThe end", "size ( mm ) | margin \n the end"),
    ("---|---|---\nCFV | yes | no", "- - - | - - - | - - - \n cfv | yes | no"),
    ("| Vein | Size | |\n| CFV | | clot |\n| SFV | 8 mm | |", "cfv : clot \n sfv : size : 8 mm"),
    (
        "Site | Size (mm) | Side\nliver | 9 | L\n | | \nspleen | 8 | R",
        "l liver : size ( mm ) : 9 \n | | \n spleen | 8 | r",
    ),
    (
        "| Site | Size (mm) | Side |\n| liver | 9 | L |\n| | | |\n| spleen | 8 | R |",
        "l liver : size ( mm ) : 9 \n \n r spleen : size ( mm ) : 8",
    ),
    ("|\nliver | 9", "| \n liver | 9"),
    ("liver | 9\n", "liver | 9 \n"),
    ("Lobe | Size (mm)\n | left\n | 9", "lobe | size ( mm ) \n | left \n | 9"),
]


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[text for text, _ in WORDS])
def test_words_of_tables_and_other_lines(lexicon: Lexicon, text: str, words: str) -> None:
    assert spread(lexicon, text) == words


def test_each_line_is_tried_once_as_a_header(monkeypatch: pytest.MonkeyPatch, lexicon: Lexicon) -> None:
    tried = 0

    def counted(cells: list[list[int]], words: list[str]) -> bool:
        nonlocal tried
        tried += 1
        return _may_be_header(cells, words)

    monkeypatch.setattr(tables, "_may_be_header", counted)
    text = "Liver | normal\n" * 50
    spread_tables(text, tokenize(text), lexicon)
    assert tried == 50


CELLS = st.sampled_from(["Size (mm)", "R", "Left", "12 x 9", "CCA", "-", "", "none", "PSV L", "normal", "II", "0.7"])
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=5).map(" | ".join), min_size=1, max_size=6)


@given(LINES.map("\n".join))
def test_words_keep_their_offsets(lexicon: Lexicon, text: str) -> None:
    spread = spread_tables(text, tokenize(text), lexicon)
    tokens = spread.tokens
    folded = fold(text)
    for word, start, end in zip(tokens.words, tokens.starts, tokens.ends, strict=True):
        assert start == end or folded[start:end].strip() == word.strip()
    assert all(any(row.start <= cell.words.start <= row.stop for row in spread.rows) for cell in spread.cells)


def _read(read: Read, text: str) -> list[tuple[str, str | None, list[str], list[float]]]:
    def line(one: Finding) -> tuple[str, str | None, list[str], list[float]]:
        name = one.concept.label if one.concept is not None else ""
        numbers = [value for m in one.measurements for value in m.canonical]
        return name, one.laterality, [site.label for site in one.sites], numbers

    return [line(finding) for finding in read(text).findings]


def test_carotid_table(read: Read) -> None:
    text = """| Vessel | PSV R (cm/s) | EDV R | PSV L (cm/s) | EDV L |
| ECA | 110 | 12 | 98 | 10 |
| Vert | 41 antegrade | 9 | 38 antegrade | 8 |"""
    assert _read(read, text) == [
        ("", "right", ["external carotid artery"], [110, 12]),
        ("", "left", ["external carotid artery"], [98, 10]),
        ("antegrade flow", "right", ["vertebral artery"], [41, 9]),
        ("antegrade flow", "left", ["vertebral artery"], [38, 8]),
    ]
    assert [m.name for m in read(text).findings[0].measurements] == ["PSV", "EDV"]
    assert read(text).findings[2].labels["vascularity"] == ("normal/regular vascularity",)


def test_table_of_nodules(read: Read) -> None:
    text = """THYROID
Nodule | Side | Location | Size (mm) | Echogenicity | Calcification
1 | R | lower pole | 12 x 8 | hypoechoic | none
2 | L | isthmus | 22 x 14 | isoechoic | macrocalcification"""
    _, first, second = read(text).findings
    assert [(f.laterality, f.measurements[0].canonical) for f in (first, second)] == [
        ("right", (12, 8)), ("left", (22, 14)),
    ]  # fmt: skip
    assert first.labels["echogenicity"] == ("hypoechoic",) and not first.labels["internal_characteristics"]
    assert second.labels["internal_characteristics"] == ("calcifications",)


def test_table_of_veins(read: Read) -> None:
    text = """Vein              Compressible   Thrombus
Right CFV         yes            none
Left popliteal vein   no             yes"""
    names = [(f.concept.concept if f.concept else "", f.certainty, f.laterality) for f in read(text).findings]
    assert ("finding:deep-vein-thrombosis", "absent", "right") in names
    assert ("finding:deep-vein-thrombosis", "present", "left") in names


def test_rows_do_not_go_on_about_the_text_before_them(read: Read) -> None:
    text = """The nodule in the right lobe of the thyroid measures 6 mm.

Level | Side | Size (mm) | Comment
II | L | 14 x 6 | oval
III | L | 12 x 9 | round"""
    nodule, *nodes = read(text).findings
    assert [m.canonical for m in nodule.measurements] == [(6,)]
    assert [m.canonical for node in nodes for m in node.measurements] == [(14, 6), (12, 9)]
    assert not nodule.labels["shape"]


def test_cells_of_prose_keep_the_structure_of_their_row(read: Read) -> None:
    text = """| Organ | Findings |
|---|---|
| Liver | Normal size. A 12 mm cyst in segment 4. |
| Kidneys | No stones. |"""
    _, cyst, stones = read(text).findings
    assert (cyst.organ, cyst.measurements[0].canonical) == ("Liver", (12,))
    assert (stones.organ, stones.certainty) == ("Kidney and ureter", "absent")
