"""Writes bundles; `udt.bundle` says what is in one and reads it.

Samples pass through a few at a time, so that neither captions nor images are ever in memory as a whole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from udt.bundle import FILES, KIND, MANIFEST, SAMPLES, SCHEMA, TAXONOMY, ImageKind, samples_schema, sha256_of
from udt.corpus.samples import SampleRow, rejected, samples, sources
from udt.errors import DataError
from udt.files import atomic_folder
from udt.similarity.matrices import SimilaritySet
from udt.version import __version__
from udt.vocabulary import Vocabulary

# A row group is what a reader decodes for one caption: small enough to be quick, large enough to pack well.
_ROWS = 2048
_ROWS_WITH_IMAGES = 64


@dataclass(slots=True)
class _Counts:
    """What the samples were, counted as they pass."""

    samples: int = 0
    cases: set[str] = field(default_factory=set)
    captions: int = 0
    images: int = 0
    unlabelled: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)

    def add(self, sample: SampleRow, case: str, keys: Sequence[str]) -> None:
        self.samples += 1
        self.cases.add(case)
        self.captions += sample.caption is not None
        self.images += sample.image is not None
        self.unlabelled += not sample.labels
        for key, ids in zip(keys, sample.labels.ids, strict=True):
            self.labels[key] += len(ids)
        if sample.split is not None:
            self.splits[sample.split] += 1


def write_bundle(
    connection: Connection,
    out: Path,
    vocabulary: Vocabulary,
    similarity: SimilaritySet,
    *,
    images: ImageKind = "path",
    overwrite: bool = False,
) -> Mapping[str, Any]:
    """Write the samples of a database as a bundle to the folder `out`, whole or not at all; returns its manifest.

    The same database gives the same bytes. `case_id` is the name of the source, `/`, and the key of the case in it.

    :param images: `path` writes where each image is, `bytes` the encoded image itself.
    :param overwrite: whether a bundle in `out` may be replaced.
    :raises DataError: where `out` is taken, there are no samples, an image cannot be read, or a record or `similarity`
        has other labels than `vocabulary`.
    """
    similarity.check_labels(vocabulary)
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        counts = _write_samples(folder / SAMPLES, samples(connection, vocabulary), vocabulary, images)
        if not counts.samples:
            raise DataError("the database has no samples to bundle; fill it with 'udt data import --db …'")
        (folder / TAXONOMY).write_text(_json(vocabulary.to_json()), "utf-8")
        similarity.save(folder)
        manifest = {
            "schema": SCHEMA,
            "samples": counts.samples,
            "cases": len(counts.cases),
            "captions": counts.captions,
            "images": {"as": images, "count": counts.images},
            "unlabelled": counts.unlabelled,
            "labels": {key: counts.labels[key] for key in vocabulary.keys},
            "splits": dict(sorted(counts.splits.items())),
            "rejected": rejected(connection),
            "sources": [source._asdict() for source in sources(connection)],
            "taxonomy": {"version": vocabulary.version, "digest": vocabulary.digest},
            "similarity": {"method": similarity.provenance.method, "parameters": similarity.provenance.parameters},
            "versions": {"udt-toolkit": __version__, "pyarrow": version("pyarrow")},
            "files": {name: _said_of(folder / name) for name in FILES},
        }
        (folder / MANIFEST).write_text(_json(manifest), "utf-8")
    return manifest


def _write_samples(path: Path, rows: Iterable[SampleRow], vocabulary: Vocabulary, images: ImageKind) -> _Counts:
    counts = _Counts()
    schema = samples_schema(vocabulary.keys, images)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        rest = iter(rows)
        while part := list(islice(rest, _ROWS if images == "path" else _ROWS_WITH_IMAGES)):
            cases = [f"{row.source}/{row.case}" for row in part]
            for row, case in zip(part, cases, strict=True):
                counts.add(row, case, vocabulary.keys)
            writer.write_table(pa.table(_columns(part, cases, images), schema), row_group_size=len(part))
    return counts


def _columns(rows: Sequence[SampleRow], cases: Sequence[str], images: ImageKind) -> list[Sequence[object]]:
    labels: Iterator[tuple[tuple[int, ...], ...]] = zip(*(row.labels.ids for row in rows), strict=True)
    pictures = [_path_of(row) for row in rows] if images == "path" else [_bytes_of(row) for row in rows]
    return [cases, pictures, [row.caption for row in rows], *labels, [row.split for row in rows]]


def _path_of(row: SampleRow) -> str | None:
    """Where the image is: absolute where the folder of the source's images is known."""
    if row.image is None or row.root is None:
        return row.image
    return str(Path(row.root, row.image))


def _bytes_of(row: SampleRow) -> bytes | None:
    path = _path_of(row)
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        hint = "import the source again with its images, or write paths (--images path)"
        raise DataError(f"sample {row.id}: its image {path} cannot be read: {error.strerror}; {hint}") from error


def _said_of(path: Path) -> dict[str, object]:
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
