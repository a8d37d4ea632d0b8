"""Write the files of a bundle, without a database; `udt.bundle.reader` describes and reads them.

Samples are written in batches, so that captions and images are never all in memory.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from udt.bundle.reader import FILES, MANIFEST, SAMPLES, SCHEMA, TAXONOMY, ImageKind, samples_schema
from udt.core.hashing import file_sha256
from udt.core.labels import LabelSet
from udt.core.version import __version__
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet

if TYPE_CHECKING:
    from udt.normalize.captions import CaptionReader

# A reader decodes a row group for one caption: small enough to be fast, large enough to compress well.
_ROWS = 2048
_ROWS_WITH_IMAGES = 64


@dataclass(frozen=True, slots=True)
class BundleSample:
    """One row of `samples.parquet`.

    :ivar image: path or encoded image, the same for all samples of a bundle; None without an image.
    :ivar split: None without a split.
    """

    case_id: str
    image: str | bytes | None
    caption: str | None
    labels: LabelSet
    split: str | None


@dataclass(slots=True)
class _Counts:
    """Counts of the samples written so far.

    :ivar fewer: captions that do not name all labels of their sample.
    """

    samples: int = 0
    cases: set[str] = field(default_factory=set)
    captions: int = 0
    images: int = 0
    unlabelled: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    caption_labels: Counter[str] = field(default_factory=Counter)
    fewer: int = 0
    splits: Counter[str] = field(default_factory=Counter)

    def add(self, sample: BundleSample, named: LabelSet, keys: Sequence[str]) -> None:
        self.samples += 1
        self.cases.add(sample.case_id)
        self.captions += sample.caption is not None
        self.images += sample.image is not None
        self.unlabelled += not sample.labels
        self.fewer += sample.caption is not None and not set(sample.labels.pairs()) <= set(named.pairs())
        for key, ids, named_ids in zip(keys, sample.labels.ids, named.ids, strict=True):
            self.labels[key] += len(ids)
            self.caption_labels[key] += len(named_ids)
        if sample.split is not None:
            self.splits[sample.split] += 1


def write_files(
    folder: Path,
    samples: Iterable[BundleSample],
    vocabulary: Vocabulary,
    similarity: SimilaritySet,
    captions: CaptionReader,
    *,
    images: ImageKind,
    about: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Write the files of a bundle into an existing folder and return the manifest.

    The same samples give the same bytes.

    :param captions: reads the labels that a caption names, over the same vocabulary.
    :param images: whether the images of `samples` are paths or encoded.
    :param about: further entries of the manifest, such as the sources of the samples.
    :raises udt.core.errors.DataError: if `similarity` has other labels than `vocabulary`.
    """
    similarity.check_labels(vocabulary)
    counts = _write_samples(folder / SAMPLES, samples, vocabulary, captions, images)
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
        "caption_labels": {
            "labels": {key: counts.caption_labels[key] for key in vocabulary.keys},
            "captions_with_fewer": counts.fewer,
            "read_by": captions.maker,
        },
        "splits": dict(sorted(counts.splits.items())),
        **about,
        "taxonomy": {"version": vocabulary.version, "digest": vocabulary.digest},
        "similarity": {"method": similarity.provenance.method, "parameters": similarity.provenance.parameters},
        "versions": {"udt-toolkit": __version__, "pyarrow": version("pyarrow")},
        "files": {name: _size_and_hash(folder / name) for name in FILES},
    }
    (folder / MANIFEST).write_text(_json(manifest), "utf-8")
    return manifest


def _write_samples(
    path: Path, samples: Iterable[BundleSample], vocabulary: Vocabulary, captions: CaptionReader, images: ImageKind
) -> _Counts:
    counts = _Counts()
    schema = samples_schema(vocabulary.keys, images)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        rest = iter(samples)
        while part := list(islice(rest, _ROWS if images == "path" else _ROWS_WITH_IMAGES)):
            named = [captions.read(sample.caption or "") for sample in part]
            for sample, labels in zip(part, named, strict=True):
                counts.add(sample, labels, vocabulary.keys)
            writer.write_table(pa.table(_columns(part, named), schema), row_group_size=len(part))
    return counts


def _columns(samples: Sequence[BundleSample], named: Sequence[LabelSet]) -> list[Sequence[object]]:
    pairs = zip(samples, named, strict=True)
    labels: Iterator[tuple[tuple[int, ...], ...]] = zip(*(o.labels.ids + n.ids for o, n in pairs), strict=True)
    texts: list[Sequence[object]] = [
        [getattr(one, name) for one in samples] for name in ("case_id", "image", "caption")
    ]
    return [*texts, *labels, [one.split for one in samples]]


def _size_and_hash(path: Path) -> dict[str, object]:
    return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
