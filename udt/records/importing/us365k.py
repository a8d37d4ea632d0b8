"""The published files of US-365K: pairs of image and caption by split, and their labels in one large array."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial
from pathlib import Path

from udt.core.hashing import file_sha256, parts_sha256
from udt.io.rows import Row, Skipped, json_rows
from udt.records.database.models import Split
from udt.records.importing.sources import Feed, Feeds, Rows, array_file, lines_file

_FULL = "full_data.json"
_IMAGES = "images/"
_OWN_NAME = "media_name"


def us365k_feeds(path: Path) -> Feeds | None:
    """The files in the folder `path`, or None where it has none of them.

    A pair gets the labels that `full_data.json` has for its image, and the name of its file as its split. Records whose
    image no pair names come last, so that none is lost.
    """
    pairs = [file for split in Split if (file := path / f"{split}.jsonl").is_file()]
    full = path / _FULL
    if not pairs and not full.is_file():
        return None
    return Feeds("us365k", tuple(_feeds(full, pairs)), path / "images")


def _feeds(full: Path, pairs: list[Path]) -> Iterator[Feed]:
    labels = _Labels(full)
    digest = file_sha256(full) if full.is_file() else ""
    digests = [file_sha256(pair) for pair in pairs]
    for pair, own in zip(pairs, digests, strict=True):
        yield Feed(pair.name, parts_sha256(own, digest), partial(labels.joined, pair))
    if digest:
        yield Feed(f"rest of {_FULL}", parts_sha256(digest, *digests), partial(labels.rest, pairs))


def _image(name: object) -> object:
    """The path within `images/`."""
    return name.removeprefix("./").removeprefix(_IMAGES) if isinstance(name, str) else name


class _Labels:
    """The records of `full_data.json` by image, read once, when they are first asked for.

    There are few different values and many records, so that equal values are one object.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = False
        self._faults: list[Skipped] = []
        self._values: dict[Hashable, object] = {}
        self._columns: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._records: dict[object, tuple[str, tuple[str, ...], tuple[object, ...]]] = {}

    def joined(self, pairs: Path) -> Rows:
        """The pairs of one file with their labels."""
        yield from self._load()
        for row in lines_file(pairs, json_rows):
            if isinstance(row, Skipped):
                yield row
                continue
            image = _image(row.cells.get("image"))
            _, columns, values = self._records.get(image, ("", (), ()))
            cells = {**dict(zip(columns, values, strict=True)), **row.cells, "image": image, "split": pairs.stem}
            yield Row(row.place, row.number, cells)

    def rest(self, pairs: list[Path]) -> Rows:
        """The records whose image is in no file of pairs."""
        yield from self._load()
        rows = (row for pair in pairs for row in lines_file(pair, json_rows))
        paired = {_image(row.cells.get("image")) for row in rows if isinstance(row, Row)}
        left = ((image, record) for image, record in self._records.items() if image not in paired)
        for number, (image, (place, columns, values)) in enumerate(left, 1):
            yield Row(place, number, dict(zip(columns, values, strict=True)) | {"image": image})

    def _load(self) -> list[Skipped]:
        """Read the file, unless it is read; returns its faults."""
        if not self._read and self._path.is_file():
            for row in array_file(self._path):
                if isinstance(row, Skipped):
                    self._faults.append(row)
                else:
                    self._keep(row)
        self._read = True
        return self._faults

    def _keep(self, row: Row) -> None:
        cells = {name: value for name, value in row.cells.items() if name not in (_OWN_NAME, "image")}
        names = tuple(cells)
        values = tuple(map(self._shared, cells.values()))
        image = row.cells.get(_OWN_NAME, row.cells.get("image"))
        self._records[_image(image)] = row.place, self._columns.setdefault(names, names), values

    def _shared(self, value: object) -> object:
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return self._values.setdefault(tuple(value), value)
        return self._values.setdefault(value, value) if isinstance(value, str) else value
