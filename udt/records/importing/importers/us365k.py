"""Importer of the published files of US-365K.

`train.jsonl`, `valid.jsonl` and `test.jsonl` hold pairs of an image and a caption, `full_data.json` the labels of all
images in one large array.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial
from pathlib import Path

from udt.core.hashing import file_sha256, parts_sha256
from udt.io.rows import Row, Skipped, json_rows
from udt.records.database.models import Split
from udt.records.importing.data_set import DataSet, Rows, RowSource
from udt.records.importing.importers.registry import Importer
from udt.records.importing.mapping import load_mapping
from udt.records.importing.row_files import read_array, read_lines

_FULL = "full_data.json"
_IMAGES = "images/"
_OWN_NAME = "media_name"


def open_us365k(path: Path) -> DataSet:
    """Open the files in the folder `path`.

    A pair gets the labels that `full_data.json` has for its image, and the name of its file as its split. Records whose
    image is in no pair come last.
    """
    return DataSet(tuple(_sources(path / _FULL, _pair_files(path))), path / "images")


def _pair_files(folder: Path) -> list[Path]:
    return [file for split in Split if (file := folder / f"{split}.jsonl").is_file()]


def _recognises(path: Path) -> bool:
    return path.is_dir() and ((path / _FULL).is_file() or bool(_pair_files(path)))


def _sources(full: Path, pairs: list[Path]) -> Iterator[RowSource]:
    labels = _Labels(full)
    digest = file_sha256(full) if full.is_file() else ""
    digests = [file_sha256(pair) for pair in pairs]
    for pair, own in zip(pairs, digests, strict=True):
        yield RowSource(pair.name, parts_sha256(own, digest), partial(labels.joined, pair))
    if digest:
        yield RowSource(f"rest of {_FULL}", parts_sha256(digest, *digests), partial(labels.rest, pairs))


def _image(name: object) -> object:
    """Return the path within `images/`."""
    return name.removeprefix("./").removeprefix(_IMAGES) if isinstance(name, str) else name


def _key(image: object) -> str | None:
    """Return the path of an image as a key; None if it is no text."""
    return image if isinstance(image, str) else None


class _Labels:
    """The records of `full_data.json` by image, read on first use.

    There are many records with few different values, so that equal values share one object.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = False
        self._faults: list[Skipped] = []
        self._values: dict[Hashable, object] = {}
        self._columns: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._records: dict[str, tuple[str, tuple[str, ...], tuple[object, ...]]] = {}

    def joined(self, pairs: Path) -> Rows:
        """Yield the pairs of one file with their labels."""
        yield from self._load()
        for row in read_lines(pairs, json_rows):
            if isinstance(row, Skipped):
                yield row
                continue
            image = _image(row.cells.get("image"))
            _, columns, values = self._records.get(_key(image) or "", ("", (), ()))
            cells = {**dict(zip(columns, values, strict=True)), **row.cells, "image": image, "split": pairs.stem}
            yield Row(row.place, row.number, cells)

    def rest(self, pairs: list[Path]) -> Rows:
        """Yield the records whose image is in no pair."""
        yield from self._load()
        rows = (row for pair in pairs for row in read_lines(pair, json_rows))
        paired = {_key(_image(row.cells.get("image"))) for row in rows if isinstance(row, Row)}
        left = ((image, record) for image, record in self._records.items() if image not in paired)
        for number, (image, (place, columns, values)) in enumerate(left, 1):
            yield Row(place, number, dict(zip(columns, values, strict=True)) | {"image": image})

    def _load(self) -> list[Skipped]:
        """Read the file on first use; return its faults."""
        if not self._read and self._path.is_file():
            for row in read_array(self._path):
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
        image = _key(_image(row.cells.get(_OWN_NAME, row.cells.get("image"))))
        if image is None:
            self._faults.append(Skipped(row.place, f"'{_OWN_NAME}' is no text; it has to name an image"))
            return
        self._records[image] = row.place, self._columns.setdefault(names, names), values

    def _shared(self, value: object) -> object:
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return self._values.setdefault(tuple(value), value)
        return self._values.setdefault(value, value) if isinstance(value, str) else value


IMPORTER = Importer(
    reads=f"a folder with {_FULL} or train.jsonl, valid.jsonl and test.jsonl",
    recognises=_recognises,
    open=open_us365k,
    mapping=partial(load_mapping, "us365k"),
)
