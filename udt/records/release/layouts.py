"""Layouts of a release: the files of US-365K, and a folder of images of Hugging Face datasets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from udt.core.images import image_suffix
from udt.core.vocabulary import Vocabulary
from udt.records.database.models import Split
from udt.records.release.content import ReleasedSample
from udt.records.stored_images import record_image

HUGGING_FACE_SPLITS = {Split.TRAIN: "train", Split.VALID: "validation", Split.TEST: "test"}
"""Folders of the splits, by which Hugging Face datasets recognise them."""

_ROWS = 10_000

OnProgress = Callable[[str, int], None]


def write_us365k(
    folder: Path, samples: Iterator[ReleasedSample], vocabulary: Vocabulary, on_progress: OnProgress
) -> None:
    """Write the files of US-365K, which `udt data import` reads: images by case, pairs by split, and labels.

    Dimensions that US-365K does not have are fields of their keys.
    """
    fields = {one.key: one.us365k_field or one.key for one in vocabulary.dimensions}
    with ExitStack() as stack:
        full = stack.enter_context((folder / "full_data.json").open("w", encoding="utf-8"))
        pairs = {split: _opened(stack, folder / f"{split.value}.jsonl") for split in Split}
        full.write("[")
        for sample in samples:
            case = f"{sample.case:05d}"
            name = _write_image(folder / "images", f"{case}/{sample.number:06d}", sample)
            named = {field: list(sample.labels.get(key, ())) for key, field in fields.items()}
            full.write(("," if sample.number > 1 else "") + "\n" + _json({"media_name": name, **named}))
            assert sample.split is not None  # noqa: S101 - checked before
            pair = {"image": f"images/{name}", "caption": sample.caption, "case_id": case}
            pairs[sample.split].write(_json(pair) + "\n")
            on_progress("samples written", sample.number)
        full.write("\n]\n")


def write_huggingface(
    folder: Path, samples: Iterator[ReleasedSample], vocabulary: Vocabulary, on_progress: OnProgress
) -> None:
    """Write a folder of images with `metadata.parquet` for each split, which `datasets.load_dataset` reads.

    The columns are `file_name`, `caption`, `case_id`, `source`, `licence`, and a list of labels for each dimension of
    `vocabulary`. The format states their types, which a reader could not infer from a split without labels of a
    dimension.
    """
    schema = pa.schema(
        [(name, pa.string()) for name in ("file_name", "caption", "case_id", "source", "licence")]
        + [(key, pa.list_(pa.string())) for key in vocabulary.keys]
    )
    with ExitStack() as stack:
        tables: dict[Split, _Table] = {}
        for sample in samples:
            assert sample.split is not None  # noqa: S101 - checked before
            part = folder / HUGGING_FACE_SPLITS[sample.split]
            name = _write_image(part, f"{sample.number:06d}", sample)
            if sample.split not in tables:
                writer = pq.ParquetWriter(part / "metadata.parquet", schema)
                tables[sample.split] = stack.enter_context(_Table(writer))
            row: dict[str, Any] = {"file_name": name, "caption": sample.caption, "case_id": f"{sample.case:05d}"}
            row |= {"source": sample.source, "licence": sample.licence or ""}
            row |= {key: list(sample.labels.get(key, ())) for key in vocabulary.keys}
            tables[sample.split].add(row)
            on_progress("samples written", sample.number)


@dataclass(slots=True)
class _Table:
    """Writes rows to a Parquet file, many at once."""

    writer: pq.ParquetWriter
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self.rows.append(row)
        if len(self.rows) == _ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the rows that are held."""
        if self.rows:
            self.writer.write_table(pa.Table.from_pylist(self.rows, self.writer.schema))
        self.rows.clear()

    def __enter__(self) -> _Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self.writer.close()


def _write_image(folder: Path, stem: str, sample: ReleasedSample) -> str:
    """Copy an image under a new name, and return the name with its suffix."""
    content = record_image(sample.root, sample.path, sample.sha256)
    name = stem + image_suffix(content, sample.path)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return name


def _opened(stack: ExitStack, path: Path) -> TextIO:
    return stack.enter_context(path.open("w", encoding="utf-8"))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
