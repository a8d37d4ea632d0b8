"""Layouts: TOML files that locate the images, classes, cases and official splits of a data set.

A layout turns the files of a data set into rows, each of which maps names of columns to texts
(`udt.clip.transfer.rows`), and then reads each row with templates such as `Images/{ID}.png`.

```text
title     of the data set
prompts   templates of the texts of a class, with {class} for its name
inside    folders within that of the data set, the first of which that exists is taken instead
split     the split by default: the name of one of `splits`, or "own"
[rows]    the source of the rows, see `RowFiles`
[columns] templates of image, label (the value that decides on the class) and, if it is known, group (the case)
[classes] name of a class = its labels; without it, every label is a class
[splits.NAME]  an official split: template `part` and the values of train, valid and test; or template `fold`
[duplicates]   a CSV file of pairs of images that are near-duplicates, and its two columns
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from udt.core.errors import DataError
from udt.core.parsing import Given, read
from udt.core.toml_files import read_toml

OWN = "own"
"""The name of the split that is drawn by group, in place of an official one."""

CLASS = "{class}"
"""The place of the name of the class in a prompt."""

_SUFFIX = ".toml"
_SECTIONS = ("rows", "columns", "classes", "splits", "duplicates")


@dataclass(frozen=True, slots=True)
class RowFiles:
    """The source of the rows of a data set.

    :ivar kind: `folders`, `csv`, `coco` or `npz`; see `udt.clip.transfer.rows`.
    :ivar file: of the rows; `*` matches any text, and has to match one file.
    :ivar exclude: patterns of images that are no samples, e.g. `*_mask*`; for `folders`.
    :ivar header: names of the columns of a CSV file without a header.
    :ivar join: further CSV files, whose columns are `FILE:COLUMN`; missing ones are left out.
    :ivar on: column by which they are joined.
    :ivar folds: for `coco`, files of the images of each fold; the text that `*` matches becomes the column `fold`.
    """

    kind: Literal["folders", "csv", "coco", "npz"]
    file: str = ""
    exclude: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    join: list[str] = field(default_factory=list)
    on: str = ""
    folds: str = ""


@dataclass(frozen=True, slots=True)
class ColumnTemplates:
    """Templates of the parts of a sample; `{NAME}` is the text of a column.

    :ivar image: path of the image, relative to the folder of the data set.
    :ivar label: value that decides on the class.
    :ivar group: the case, whose images are never divided by a split of our own; empty if it is not known.
    """

    image: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class OfficialSplit:
    """A split that comes with a data set: of parts, or of folds, each of which is the test part once.

    :ivar part: template of the part; `train`, `valid` and `test` are its values.
    :ivar fold: template of the fold.
    """

    part: str = ""
    train: list[str] = field(default_factory=list)
    valid: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)
    fold: str = ""


@dataclass(frozen=True, slots=True)
class DuplicatePairs:
    """A CSV file of pairs of near-duplicates; `columns` are the two with the paths of the images."""

    file: str
    columns: list[str]


@dataclass(frozen=True, slots=True)
class _Head:
    title: str
    prompts: list[str]
    inside: list[str] = field(default_factory=list)
    split: str = OWN


@dataclass(frozen=True, slots=True)
class TransferLayout:
    """The description of a data set; see the head of this module.

    :ivar name: of the layout, or path of its file.
    :ivar classes: name to labels; empty if every label is a class.
    """

    name: str
    title: str
    prompts: tuple[str, ...]
    inside: tuple[str, ...]
    split: str
    rows: RowFiles
    columns: ColumnTemplates
    classes: Mapping[str, tuple[str, ...]]
    splits: Mapping[str, OfficialSplit]
    duplicates: DuplicatePairs | None = None

    def official(self, split: str) -> OfficialSplit | None:
        """Return the official split of that name; None for our own.

        :raises DataError: if there is none.
        """
        if split == OWN:
            return None
        if split not in self.splits:
            allowed = (OWN, *self.splits)
            raise DataError(
                f"the layout '{self.name}' has no split '{split}'{_hint(split, allowed)}; allowed: {', '.join(allowed)}"
            )
        return self.splits[split]


def layout_names() -> tuple[str, ...]:
    """Return the names of the layouts that come with the package, sorted."""
    names = (path.name for path in (files("udt.clip.transfer") / "layouts").iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def load_layout(name: str) -> TransferLayout:
    """Load a layout by its name, or by the path of its file, which ends in `.toml`.

    :raises DataError: if there is no such layout, or its file has faults; all of them are listed.
    """
    if name.endswith(_SUFFIX):
        return _parsed(read_toml(Path(name)), name)
    if name not in layout_names():
        raise DataError(
            f"there is no layout '{name}'{_hint(name, layout_names())}; allowed: {', '.join(layout_names())}, or the "
            "path of a TOML file"
        )
    return _parsed(read_toml(files("udt.clip.transfer") / "layouts" / f"{name}{_SUFFIX}"), name)


def check_prompts(prompts: Sequence[str], place: str) -> None:
    """Check that there are prompts, and each has one place for the name of the class.

    :raises DataError: if there are none, or one has no such place, several, or other braces.
    """
    if not prompts:
        raise DataError(f"{place}: there are no prompts; give at least one, e.g. 'an ultrasound image showing {CLASS}'")
    for prompt in prompts:
        if prompt.count(CLASS) != 1 or re.search(r"[{}]", prompt.replace(CLASS, "")):
            raise DataError(f"{place}: the prompt '{prompt}' has to contain {CLASS} once, and no other braces")


def _parsed(table: Mapping[str, Any], name: str) -> TransferLayout:
    faults: list[str] = []
    head = read(_Head, "layout", _given({k: v for k, v in table.items() if k not in _SECTIONS}, name), faults)
    rows = read(RowFiles, "rows", _given(_table(table, "rows", faults), name), faults)
    columns = read(ColumnTemplates, "columns", _given(_table(table, "columns", faults), name), faults)
    splits = dict(_splits(_table(table, "splits", faults), name, faults))
    pairs = None
    if "duplicates" in table:
        pairs = read(DuplicatePairs, "duplicates", _given(_table(table, "duplicates", faults), name), faults)
        if pairs is not None and len(pairs.columns) != 2:
            faults.append("duplicates.columns has to name two columns")
    classes = _table(table, "classes", faults)
    faults += _list_faults(table, "")
    if head is None or rows is None or columns is None or faults:
        raise DataError(f"{name}: is no layout: {'; '.join(faults)}")
    labels = {key: tuple(value) for key, value in classes.items()}
    heads = head.title, tuple(head.prompts), tuple(head.inside), head.split
    found = TransferLayout(name, *heads, rows, columns, labels, splits, pairs)
    check_prompts(found.prompts, name)
    found.official(found.split)
    return found


def _given(table: Mapping[str, Any], source: str) -> dict[str, Given]:
    return {key: Given(value, source) for key, value in table.items()}


def _table(table: Mapping[str, Any], key: str, faults: list[str]) -> dict[str, Any]:
    found = table.get(key, {})
    if isinstance(found, dict):
        return found
    faults.append(f"{key} has to be a table")
    return {}


def _splits(table: dict[str, Any], name: str, faults: list[str]) -> Iterator[tuple[str, OfficialSplit]]:
    for key in table:
        found = read(OfficialSplit, f"splits.{key}", _given(_table(table, key, faults), name), faults)
        if key == OWN:
            faults.append(f"splits.{OWN} is the split by group, which needs no table; give another name")
        if found is not None:
            faults += _split_faults(key, found)
            yield key, found


def _split_faults(name: str, split: OfficialSplit) -> Iterator[str]:
    if bool(split.part) == bool(split.fold):
        yield f"splits.{name} needs either the template part or the template fold"
    elif split.part and not (split.train and split.test):
        yield f"splits.{name} needs the values of train and test"


def _list_faults(value: Any, place: str) -> Iterator[str]:
    """Yield a fault for each list with an item that is no text, and each class whose labels are no list."""
    if isinstance(value, dict):
        for key, part in value.items():
            if place == "classes" and not isinstance(part, list):
                yield f"classes.{key} has to be a list of labels"
            yield from _list_faults(part, f"{place}.{key}" if place else key)
    elif isinstance(value, list) and not all(isinstance(part, str) for part in value):
        yield f"{place} has to be a list of texts"


def _hint(name: str, allowed: tuple[str, ...]) -> str:
    close = get_close_matches(name, allowed, n=1)
    return f", did you mean '{close[0]}'?" if close else ""
