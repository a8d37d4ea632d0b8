"""Data sets: classes, columns, groups, and images that cannot be read."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.clip.transfer.images import image_folder, picture, read, save, write_table
from udt.clip.transfer.dataset import TransferSet
from udt.clip.transfer.grouping import group_numbers, hashed_pairs, listed_pairs
from udt.core.errors import DataError


def table(folder: Path, count: int = 12) -> Path:
    """Two images a case, in two classes."""
    rows = []
    for number in range(count):
        save(picture(number // 2 % 2, number), folder / "files" / f"{number}.png")
        rows.append([f"files/{number}.png", "ab"[number // 2 % 2], f"case {number // 2}"])
    write_table(folder / "list.csv", ["path", "finding", "patient"], rows)
    return folder / "list.csv"


def test_a_folder_has_a_class_for_each_sub_folder(data: TransferSet) -> None:
    assert data.classes == ("bright", "dark", "none")
    assert data.counts(np.arange(len(data))) == [25, 30, 20]
    assert all(name.split("/")[0] == data.classes[label] for name, label in zip(data.names, data.labels, strict=True))


def test_a_csv_file_by_its_columns(tmp_path: Path) -> None:
    choices = {"image": "{path}", "label": "{finding}", "group": "{patient}", "distance": None}
    found = read(table(tmp_path), "csv", **choices)
    assert found.classes == ("a", "b") and len(found) == 12
    assert found.groups.tolist() == [number // 2 for number in range(12)]
    with pytest.raises(
        DataError, match=r"takes columns.label from the column 'label', which .*list.csv lacks; there are"
    ):
        read(tmp_path / "list.csv", "csv")


def test_names_and_labels_of_classes(folder: Path) -> None:
    classes = {"a lesion": ("dark", "bright"), "nothing": ("none",)}
    found = read(folder, classes=classes, prompts=("scan of {class}", "{class}"))
    assert found.counts(np.arange(len(found))) == [55, 20]
    assert found.texts(0) == ("scan of a lesion", "a lesion")
    few = read(folder, classes={"x": ("dark",), "y": ("none",)})
    assert few.left_out == {"bright": 25} and len(few) == 50


def test_a_missing_class_is_worded(folder: Path) -> None:
    with pytest.raises(DataError, match="no image of the class 'x', whose labels are cyst; it has the labels bright"):
        read(folder, classes={"x": ("cyst",), "y": ("none",)})
    with pytest.raises(DataError, match="has the class x alone"):
        read(folder, classes={"x": ("none",)})


def test_broken_images_are_counted_and_their_share_is_limited(tmp_path: Path) -> None:
    path = image_folder(tmp_path, {"a": 10, "b": 10})
    (path / "a" / "3.png").write_bytes(b"no image")
    found = read(path, max_broken=0.05)
    assert found.broken == ("a/3.png",) and len(found) == 19 == len(found.images) == len(found.rows)
    (path / "b" / "4.png").write_bytes(b"")
    with pytest.raises(
        DataError, match=r"2 of 20 images cannot be read, more than the share of 0.05 .* a/3.png, b/4.png"
    ):
        read(path, max_broken=0.05)
    for image in (path / "b").glob("*"):
        image.write_bytes(b"")
    with pytest.raises(DataError, match="no image of the class 'b' can be read"):
        read(path, max_broken=1)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    path = image_folder(tmp_path / "set", {"a": 10, "b": 10})
    save(picture(0, 0), tmp_path / "secret.png")
    (path / "a" / "link.png").symlink_to(tmp_path / "secret.png")
    assert read(path).broken == ("a/link.png",)


def test_near_duplicates_are_found_by_their_hashes(tmp_path: Path) -> None:
    path = image_folder(tmp_path, {"a": 6, "b": 6})
    brighter = np.clip(np.asarray(Image.open(path / "a" / "0.png"), dtype=int) + 3, 0, 255).astype(np.uint8)
    save(Image.fromarray(brighter), path / "b" / "copy.png")
    found = read(path)
    one, other = found.names.index("a/0.png"), found.names.index("b/copy.png")
    assert found.groups[one] == found.groups[other] and found.near_duplicates == 1
    assert len(set(found.groups.tolist())) == 12
    assert len(set(read(path, distance=None).groups.tolist())) == 13


def test_listed_near_duplicates(tmp_path: Path) -> None:
    path = image_folder(tmp_path / "set", {"a": 4, "b": 4})
    write_table(tmp_path / "pairs.csv", ["x", "y"], [["a/0.png", "b/1.png"], ["a/1.png", "gone.png"]])
    found = read(path, duplicates=tmp_path / "pairs.csv", distance=None)
    assert found.groups[found.names.index("a/0.png")] == found.groups[found.names.index("b/1.png")]
    assert found.near_duplicates == 1
    write_table(tmp_path / "pairs.csv", ["x", "y"], [["0.png", "1.png"]])
    with pytest.raises(DataError, match=r"names none of the images; it has e.g. '0.png', the data set 'a/0.png'"):
        read(path, duplicates=tmp_path / "pairs.csv")
    with pytest.raises(DataError, match="lacks the column 'z'; it has x, y"):
        listed_pairs(tmp_path / "pairs.csv", ("x", "z"), ["0.png"])


@given(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=1, max_size=12), st.data())
def test_groups_are_connected_components(cases: list[str], data: st.DataObject) -> None:
    index = st.integers(0, len(cases) - 1)
    pairs = data.draw(st.lists(st.tuples(index, index), max_size=8))
    graph = nx.Graph(pairs)
    graph.add_nodes_from(range(len(cases)))
    graph.add_edges_from((i, j) for i, j in combinations(range(len(cases)), 2) if cases[i] and cases[i] == cases[j])
    found = group_numbers(cases, pairs)
    for i, j in combinations(range(len(cases)), 2):
        assert (found[i] == found[j]) == nx.has_path(graph, i, j)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=10), st.integers(0, 15))
def test_hashed_pairs_are_all_near_ones(hashes: list[int], distance: int) -> None:
    expected = [
        (i, j) for i, j in combinations(range(len(hashes)), 2) if (hashes[i] ^ hashes[j]).bit_count() <= distance
    ]
    assert hashed_pairs(hashes, distance) == expected


def test_a_wrong_distance_is_worded() -> None:
    with pytest.raises(DataError, match="the distance is 16; allowed: 0 to 15"):
        hashed_pairs([1, 2], 16)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "has no rows"),
        ("a,b\n", "has no rows"),
        ("a,b\n1\n", "row 2 has 1 cells, but there are 2 columns"),
        ("é", "UTF-8"),
    ],
)
def test_faults_of_csv_files_are_worded(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "list.csv").write_text(text, "latin-1")
    with pytest.raises(DataError, match=fault):
        read(tmp_path / "list.csv", "csv")
    with pytest.raises(DataError, match="is a file, but the layout 'folders' reads a folder"):
        read(tmp_path / "list.csv")
