"""Read a bundle: a folder of samples, labels and label similarity, the only input of training.

```text
manifest.json             schema, counts, SHA-256 of the other files, how it was made
samples.parquet           case_id, image, caption, for each dimension a list of label ids of the sample and one of the
                          labels that its caption names, split; one sample a row
taxonomy.json             udt-vocabulary/1: the ordered labels, their prompts and IRIs; a label id is an index into them
similarity.safetensors    label × label, one matrix a dimension
```

Images are paths, encoded images, or places in shards, tar files beside these; see `udt.bundle.shards`. The dimensions
are the classification tasks of the taxonomy that it was made with, or a choice of them. The labels of a sample may go
beyond its caption. Those that the caption names are read by the normaliser when the bundle is made; bundles of the
version before, `udt-bundle/1`, do not have them. Reading needs only pyarrow and NumPy. `udt.bundle.writer` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from udt.bundle.shards import COPY_AGAIN, ShardFile, read_member, shards_of
from udt.core.errors import DataError
from udt.core.hashing import file_sha256
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

if TYPE_CHECKING:
    from udt.similarity.matrices import SimilaritySet

KIND = "udt-bundle"
SCHEMA, FIRST_SCHEMA = f"{KIND}/2", f"{KIND}/1"
MANIFEST, SAMPLES, TAXONOMY, SIMILARITY = "manifest.json", "samples.parquet", "taxonomy.json", "similarity.safetensors"
FILES = (SAMPLES, TAXONOMY, SIMILARITY)

ImageKind = Literal["path", "bytes", "shards"]

_REBUILD = "build the bundle again with: udt data bundle"
_CACHED_GROUPS = 8
_PLACE = pa.struct([("shard", pa.string()), ("offset", pa.int64()), ("size", pa.int64())])
_IMAGES = {"path": pa.string(), "bytes": pa.binary(), "shards": _PLACE}

Ids = npt.NDArray[np.int16]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Labels:
    """The label ids of all samples in one dimension, concatenated.

    :ivar values: (number of labels,) label ids, those of one sample ascending.
    :ivar offsets: (samples + 1,) the label ids of sample i are `values[offsets[i]:offsets[i + 1]]`.
    """

    values: Ids
    offsets: Indices

    def __getitem__(self, index: int) -> Ids:
        """Return the label ids of one sample, as a view."""
        return self.values[self.offsets[index] : self.offsets[index + 1]]


class Bundle:
    """A bundle that has been checked, or some of its dimensions. Samples are addressed by their row, from 0.

    Opening reads only the manifest and the vocabulary. Captions and images are read a row group at a time, label ids
    and splits as whole columns, which are small and stay in memory.

    :ivar manifest: the content of `manifest.json`.
    :ivar vocabulary: the dimensions; after `select`, those selected.
    """

    def __init__(self, path: Path, manifest: Mapping[str, Any], vocabulary: Vocabulary, table: pq.ParquetFile) -> None:
        self.path = path
        self.manifest = manifest
        self.vocabulary = vocabulary
        self._table = table
        self._ends = np.cumsum(
            [table.metadata.row_group(g).num_rows for g in range(table.num_row_groups)], dtype=np.int64
        )
        self._group = lru_cache(maxsize=_CACHED_GROUPS)(self._read_group)

    @classmethod
    def open(cls, path: str | Path, *, verify: bool = True) -> Bundle:
        """Open the bundle in the folder `path`.

        :param verify: whether to compare the SHA-256 of every file but the shards, which reads all of it; sizes are
            always compared.
        :raises DataError: naming what is missing, changed, damaged, of another schema, or contradicts the manifest.
        """
        folder = Path(path)
        manifest = read_manifest(folder)
        for name in FILES:
            _check_file(folder / name, manifest["files"].get(name), verify=verify)
        for shard in shards_of(folder, manifest):
            _check_file(shard.path, manifest["files"].get(shard.path.name), verify=False)
        vocabulary = read_vocabulary(folder)
        table = _table(folder / SAMPLES)
        _check_samples(folder, table, manifest, vocabulary)
        return cls(folder, manifest, vocabulary, table)

    def select(self, keys: Iterable[str]) -> Bundle:
        """Return the bundle with some of its dimensions, in its order: all samples, with the labels of these alone.

        :raises UnknownConceptError: if there is no such dimension, or no key is given.
        """
        vocabulary = self.vocabulary.select(keys)
        if vocabulary is self.vocabulary:
            return self
        return Bundle(self.path, self.manifest, vocabulary, self._table)

    def __len__(self) -> int:
        """Return the number of samples."""
        return int(self._table.metadata.num_rows)

    def labels(self, key: str) -> Labels:
        """Return the label ids of all samples in the dimension `key`.

        :raises UnknownConceptError: if there is no such dimension.
        :raises DataError: if the column is damaged, or an id is not in the vocabulary.
        """
        return self._labels[self.vocabulary.keys.index(self.vocabulary[key].key)]

    @property
    def has_caption_labels(self) -> bool:
        """Whether the labels that the captions name are in the bundle."""
        return bool(self.manifest["schema"] != FIRST_SCHEMA)

    def caption_labels(self, key: str) -> Labels:
        """Return the ids of the labels in the dimension `key` that the captions name as present or possible.

        :raises UnknownConceptError: if there is no such dimension.
        :raises DataError: if the bundle does not have them, or as `labels`.
        """
        return self._caption_labels[self.vocabulary.keys.index(self.vocabulary[key].key)]

    @cached_property
    def _labels(self) -> tuple[Labels, ...]:
        return tuple(self._read_labels(key, key) for key in self.vocabulary.keys)

    @cached_property
    def _caption_labels(self) -> tuple[Labels, ...]:
        if not self.has_caption_labels:
            raise DataError(f"{self.path}: does not have the labels that its captions name; {_REBUILD}")
        return tuple(self._read_labels(caption_column(key), key) for key in self.vocabulary.keys)

    def _read_labels(self, name: str, key: str) -> Labels:
        column = self.column(name).combine_chunks()
        found = column.flatten()
        if column.null_count or found.null_count:
            raise DataError(f"{self.path / SAMPLES}: the column {name} holds null instead of label ids; {_REBUILD}")
        values = found.to_numpy(zero_copy_only=False).astype(np.int16, copy=False)
        count = len(self.vocabulary[key])
        if len(values) and not 0 <= values.min() <= values.max() < count:
            raise DataError(
                f"{self.path / SAMPLES}: the column {name} holds label ids from {values.min()} to {values.max()}, but "
                f"{TAXONOMY} has the labels 0 to {count - 1}; {_REBUILD}"
            )
        lengths = pc.list_value_length(column).to_numpy(zero_copy_only=False)
        return Labels(values, np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))

    def label_set(self, index: int) -> LabelSet:
        """Return the labels of one sample.

        :raises IndexError: if there is no such row.
        :raises DataError: as `labels`.
        """
        return _label_set(self._labels, self._row(index))

    def caption_label_set(self, index: int) -> LabelSet:
        """Return the labels that the caption of one sample names as present or possible; none without a caption.

        :raises IndexError: if there is no such row.
        :raises DataError: as `caption_labels`.
        """
        return _label_set(self._caption_labels, self._row(index))

    def label_sets(self) -> Iterator[LabelSet]:
        """Yield the labels of each sample, in order."""
        return map(self.label_set, range(len(self)))

    @cached_property
    def splits(self) -> Mapping[str, Indices]:
        """The ascending rows of the samples of each split, by its name."""
        column = self.column("split").combine_chunks().dictionary_encode()
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return {
            name: np.flatnonzero(codes == n).astype(np.int64) for n, name in enumerate(column.dictionary.to_pylist())
        }

    def split(self, name: str) -> Indices:
        """Return the ascending rows of the samples of one split.

        :raises DataError: if there is none of that name.
        """
        if name not in self.splits:
            allowed = ", ".join(sorted(self.splits)) or "none; split the records first with: udt data split"
            raise DataError(f"{self.path}: has no split '{name}'; its splits: {allowed}")
        return self.splits[name]

    @cached_property
    def shards(self) -> tuple[ShardFile, ...]:
        """The tar files of the images, in the order of their rows; none if the images are paths or bytes."""
        return shards_of(self.path, self.manifest)

    def caption(self, index: int) -> str | None:
        """Return the caption of one sample, or None.

        :raises IndexError: if there is no such row.
        :raises DataError: if its row group is damaged.
        """
        found: str | None = self._value("caption", self._row(index))
        return found

    def captions(self, indices: Iterable[int]) -> list[str | None]:
        """Return the captions of several samples, in the order of `indices`; each row group is read once.

        :raises IndexError: if there is no such row.
        :raises DataError: if a row group is damaged.
        """
        rows = [self._row(index) for index in indices]
        order = sorted(range(len(rows)), key=rows.__getitem__)
        found: list[str | None] = [None] * len(rows)
        for _, places in groupby(order, key=lambda place: self._group_of(rows[place])):
            for place in places:
                found[place] = self._value("caption", rows[place])
        return found

    def image(self, index: int) -> str | bytes | None:
        """Return the image of one sample: its path or its encoded bytes, by `manifest["images"]["as"]`, or None.

        :raises IndexError: if there is no such row.
        :raises DataError: if its row group is damaged, or its shard cannot be read.
        """
        found: str | bytes | dict[str, Any] | None = self._value("image", self._row(index))
        if not isinstance(found, dict):
            return found
        if Path(found["shard"]).name != found["shard"]:
            raise DataError(f"{self.path / SAMPLES}: has '{found['shard']}', which is no shard; {COPY_AGAIN}")
        return read_member(self.path / found["shard"], found["offset"], found["size"])

    def column(self, name: str) -> pa.ChunkedArray:
        """Read a column of `samples.parquet`; it is not cached.

        :raises DataError: if there is no such column, or it is damaged.
        """
        if name not in self._table.schema_arrow.names:
            raise DataError(f"{self.path / SAMPLES}: has no column '{name}'; allowed: {self._names}")
        with _reading(self.path / SAMPLES):
            return _checked(self._table.read(columns=[name]).column(0), len(self))

    def similarity(self) -> SimilaritySet:
        """Read the label similarities (needs safetensors).

        :raises DataError: if the file is faulty, or has other labels than the bundle.
        """
        from udt.similarity.matrices import SimilaritySet

        return SimilaritySet.load(self.path / SIMILARITY).restricted(self.vocabulary)

    @property
    def _names(self) -> str:
        return ", ".join(self._table.schema_arrow.names)

    def _row(self, index: int) -> int:
        """Check a row index, and convert a negative one, counted from the end."""
        if not -len(self) <= index < len(self):
            raise IndexError(
                f"{self.path} has {len(self):,} samples, rows 0 to {len(self) - 1}; there is no row {index}"
            )
        return int(index) % len(self)

    def _group_of(self, row: int) -> int:
        return int(np.searchsorted(self._ends, row, side="right"))

    def _value(self, column: str, row: int) -> Any:
        group = self._group_of(row)
        start = int(self._ends[group - 1]) if group else 0
        return self._group(column, group)[row - start].as_py()

    def _read_group(self, column: str, group: int) -> pa.ChunkedArray:
        with _reading(self.path / SAMPLES):
            rows = self._table.metadata.row_group(group).num_rows
            return _checked(self._table.read_row_group(group, columns=[column]).column(0), rows)


def _label_set(labels: Iterable[Labels], row: int) -> LabelSet:
    return LabelSet(tuple(tuple(part[row].tolist()) for part in labels))


def caption_column(key: str) -> str:
    """Return the name of the column of the labels that captions name in the dimension `key`."""
    return f"caption_{key}"


def samples_schema(keys: Sequence[str], images: ImageKind, *, caption_labels: bool = True) -> pa.Schema:
    """Return the schema of `samples.parquet`.

    :param keys: the keys of the dimensions.
    :param images: `path` for paths, `bytes` for encoded images, `shards` for places in tar files.
    :param caption_labels: whether it has the labels that the captions name, unlike the first version of bundles.
    """
    names = [*keys, *(caption_column(key) for key in keys if caption_labels)]
    texts = [
        pa.field("case_id", pa.string(), nullable=False),
        pa.field("image", _IMAGES[images]),
        pa.field("caption", pa.string()),
    ]
    labels = [pa.field(name, pa.list_(pa.int16()), nullable=False) for name in names]
    return pa.schema([*texts, *labels, pa.field("split", pa.string())])


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Read only the manifest of a bundle, without checking the other files.

    :raises DataError: if it is missing, damaged, or of another schema.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder; give the folder that udt data bundle wrote")
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError(f"{folder}: not a bundle: {MANIFEST} is missing; give the folder that udt data bundle wrote")
    try:
        manifest: Any = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: is not JSON: {error}; {_REBUILD}") from error
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    if schema not in (SCHEMA, FIRST_SCHEMA):
        allowed = f"'{SCHEMA}' and '{FIRST_SCHEMA}'"
        raise DataError(f"{path}: has the schema '{schema}', but this version reads {allowed}; {_REBUILD}")
    missing = [key for key in ("files", "samples", "labels", "images") if key not in manifest]
    if missing:
        raise DataError(f"{path}: lacks {', '.join(missing)}; {_REBUILD}")
    return dict(manifest)


def _check_file(path: Path, expected: Mapping[str, Any] | None, *, verify: bool) -> None:
    if expected is None:
        raise DataError(f"{path.parent / MANIFEST}: does not list {path.name}; {_REBUILD}")
    if not path.is_file():
        raise DataError(f"{path.parent}: {path.name} is missing; copy the whole folder, or {_REBUILD}")
    if (size := path.stat().st_size) != expected["bytes"]:
        raise DataError(
            f"{path}: has {size:,} bytes instead of {expected['bytes']:,} as in {MANIFEST}: it was cut or changed; "
            f"{_REBUILD}"
        )
    if verify and (found := file_sha256(path)) != expected["sha256"]:
        raise DataError(
            f"{path}: has the SHA-256 {found} instead of {expected['sha256']} as in {MANIFEST}: it was changed; "
            f"{_REBUILD}"
        )


def read_vocabulary(folder: Path) -> Vocabulary:
    """Read only the vocabulary of a bundle, without checking the other files.

    :raises DataError: if it is missing or damaged.
    """
    path = folder / TAXONOMY
    try:
        return Vocabulary.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, DataError, ValueError) as error:
        raise DataError(f"{path}: {error}; {_REBUILD}") from error


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn every error of pyarrow while it reads `path` into a DataError.

    Damaged bytes make pyarrow raise its own errors, an OSError for Thrift data, or errors of the text decoder.
    """
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is damaged, or not a Parquet file: {error}; {_REBUILD}") from error


def _checked(column: pa.ChunkedArray, rows: int) -> pa.ChunkedArray:
    """Check the values, the encoding and the number of rows of a column.

    :raises pyarrow.ArrowInvalid: if they are not valid.
    """
    column.validate(full=True)
    if len(column) != rows:
        raise pa.ArrowInvalid(f"a column has {len(column)} rows instead of {rows}")
    return column


def _table(path: Path) -> pq.ParquetFile:
    with _reading(path):
        return pq.ParquetFile(path, memory_map=True)


def _check_samples(folder: Path, table: pq.ParquetFile, manifest: Mapping[str, Any], vocabulary: Vocabulary) -> None:
    kind = manifest["images"].get("as")
    if kind not in _IMAGES:
        raise DataError(f"{folder / MANIFEST}: images are given as '{kind}'; allowed: {', '.join(_IMAGES)}; {_REBUILD}")
    with _reading(folder / SAMPLES):
        found = {field.name: field.type for field in table.schema_arrow}
    schema = samples_schema(vocabulary.keys, kind, caption_labels=manifest["schema"] != FIRST_SCHEMA)
    expected = {field.name: field.type for field in schema}
    names = {**expected, **found}
    differing = [f"{n} is {found.get(n, 'missing')}" for n in names if expected.get(n) != found.get(n)]
    if differing:
        raise DataError(
            f"{folder / SAMPLES}: its columns are not those of {manifest['schema']}: {', '.join(differing)}; {_REBUILD}"
        )
    if (rows := table.metadata.num_rows) != manifest["samples"]:
        raise DataError(
            f"{folder / SAMPLES}: has {rows:,} samples instead of {manifest['samples']:,} as in {MANIFEST}; {_REBUILD}"
        )
