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
class SampleCounts:
    """Counts of the samples so far.

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
        """Count a sample.

        :param named: labels that its caption names.
        :param keys: of the dimensions.
        """
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

    def to_manifest(self, keys: Sequence[str], images: ImageKind, read_by: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the entries of the manifest.

        :param read_by: versions of the reader of the captions; None for a bundle without the labels that they name.
        """
        named = {
            "labels": {key: self.caption_labels[key] for key in keys},
            "captions_with_fewer": self.fewer,
            "read_by": read_by,
        }
        return {
            "samples": self.samples,
            "cases": len(self.cases),
            "captions": self.captions,
            "images": {"as": images, "count": self.images},
            "unlabelled": self.unlabelled,
            "labels": {key: self.labels[key] for key in keys},
            **({} if read_by is None else {"caption_labels": named}),
            "splits": dict(sorted(self.splits.items())),
        }


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
        **counts.to_manifest(vocabulary.keys, images, captions.maker),
        **about,
        "taxonomy": {"version": vocabulary.version, "digest": vocabulary.digest},
        "similarity": {"method": similarity.provenance.method, "parameters": similarity.provenance.parameters},
    }
    return write_manifest(folder, manifest)


def write_manifest(folder: Path, manifest: Mapping[str, Any], others: Iterable[str] = ()) -> Mapping[str, Any]:
    """Write `manifest.json` with the sizes and hashes of the other files of a bundle; return it.

    :param others: names of files beyond `udt.bundle.reader.FILES`.
    """
    files = {name: _size_and_hash(folder / name) for name in (*FILES, *others)}
    whole = {**manifest, "versions": {"udt-toolkit": __version__, "pyarrow": version("pyarrow")}, "files": files}
    (folder / MANIFEST).write_text(_json(whole), "utf-8")
    return whole


def _write_samples(
    path: Path, samples: Iterable[BundleSample], vocabulary: Vocabulary, captions: CaptionReader, images: ImageKind
) -> SampleCounts:
    counts = SampleCounts()
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
