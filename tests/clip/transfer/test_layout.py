"""Layouts: the built-in ones, files of one's own, and their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from udt.clip.transfer.layout import OWN, check_prompts, layout_names, load_layout
from udt.core.errors import DataError

FIRST = """
title = "mine"
prompts = ["a {class}", "an image of {class}"]
[rows]
kind = "csv"
file = "a.csv"
[columns]
image = "{file}"
label = "{class}"
[classes]
cyst = ["1", "2"]
[splits.mine]
part = "{split}"
train = ["a"]
test = ["b"]
"""


def write(folder: Path, text: str) -> str:
    (folder / "mine.toml").write_text(text, "utf-8")
    return str(folder / "mine.toml")


@pytest.mark.parametrize("name", layout_names())
def test_built_in_layouts_are_valid(name: str) -> None:
    found = load_layout(name)
    assert found.title and found.prompts and found.name == name


def test_the_prompts_of_the_paper() -> None:
    prompts = {name: load_layout(name).prompts for name in ("bus-bra", "gist514-db", "breastmnist", "busi")}
    assert prompts == {
        "bus-bra": ("a breast ultrasound image showing {class} lesion",),
        "gist514-db": ("an endoscopic image showing {class}",),
        "breastmnist": ("a pathology image showing {class} breast lesion",),
        "busi": ("a breast ultrasound image showing {class}",),
    }


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    found = load_layout(write(tmp_path, FIRST))
    assert found.classes == {"cyst": ("1", "2")} and found.split == OWN and found.duplicates is None
    official = found.official("mine")
    assert official is not None and official.train == ["a"] and official.valid == []
    assert found.official(OWN) is None
    with pytest.raises(DataError, match="has no split 'mini', did you mean 'mine'\\?; allowed: own, mine"):
        found.official("mini")


def test_an_unknown_layout_names_the_closest() -> None:
    with pytest.raises(DataError, match="there is no layout 'bussi', did you mean 'busi'\\?; allowed: breastmnist, "):
        load_layout("bussi")


def test_a_missing_file_is_worded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_layout(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ('title = "mine"', "", ["layout.title is not given"]),
        ('kind = "csv"', 'kind = "cvs"\nfiel = "x"', ['rows.kind is "cvs"', "no setting rows.fiel", "'file'?"]),
        ('label = "{class}"', "", ["columns.label is not given"]),
        ('part = "{split}"', "", ["splits.mine needs either the template part or the template fold"]),
        ('test = ["b"]', "", ["splits.mine needs the values of train and test"]),
        ("[splits.mine]", "[splits.own]", ["splits.own is the split by group"]),
        ('cyst = ["1", "2"]', "cyst = [1]", ["classes.cyst has to be a list of texts"]),
        ('cyst = ["1", "2"]', 'cyst = "1"', ["classes.cyst has to be a list of labels"]),
        ("[splits.mine]", '[duplicates]\nfile = "d"\ncolumns = ["a"]\n[splits.mine]', ["has to name two columns"]),
        ('"a {class}"', '"a class"', ["the prompt 'a class' has to contain {class} once"]),
        ('title = "mine"', 'title = "mine"\nsplit = "ours"', ["has no split 'ours'"]),
        ("[rows]", "rows = 1\n[rowz]", ["rows has to be a table"]),
    ],
)
def test_all_faults_of_a_file_are_listed(tmp_path: Path, old: str, new: str, faults: list[str]) -> None:
    assert old in FIRST
    with pytest.raises(DataError) as caught:
        load_layout(write(tmp_path, FIRST.replace(old, new)))
    assert all(fault in str(caught.value) for fault in faults), caught.value


@pytest.mark.parametrize("prompts", [(), ("a {class} and {class}",), ("a {class} {other}",), ("a {",)])
def test_prompts_need_one_place_for_the_class(prompts: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=r"here: "):
        check_prompts(prompts, "here")
