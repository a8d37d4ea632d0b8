"""Write the samples of a bundle as shards: tar files in the format of WebDataset, in an order drawn once.

The folder is a bundle, too: the shards are described in `udt.bundle.shards`, the other files in `udt.bundle.reader`.
Its rows are in the order of the shards. The samples are permuted on disk: each image is appended to a temporary file of
its shard while the bundle is read once, in order, and then each shard is permuted in memory.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from udt.bundle.images import stored_image
from udt.bundle.reader import (
    KIND,
    MANIFEST,
    SAMPLES,
    SIMILARITY,
    TAXONOMY,
    Bundle,
    Indices,
    samples_schema,
)
from udt.bundle.writer import BundleSample, SampleCounts, write_manifest
from udt.core.atomic import atomic_folder
from udt.core.errors import DataError
from udt.core.hashing import file_sha256
from udt.core.images import ImageError, decode_image, image_suffix
from udt.core.labels import LabelSet
from udt.core.tally import Tally

SAMPLES_OF_SHARD = 1000

_ROWS = 2048
_LIMIT = 1_000_000  # shards of a split; their numbers have six digits

Tracked = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True, slots=True)
class _Part:
    """The samples of one shard.

    :ivar rows: of the bundle that is read, in the order of the shard.
    :ivar places: row to offset, size and suffix of its image in the temporary file.
    """

    split: str
    rows: Indices
    temporary: Path
    places: dict[int, tuple[int, int, str]] = field(default_factory=dict)

    def append(self, row: int, content: bytes, suffix: str) -> None:
        """Append an image to the temporary file."""
        with self.temporary.open("ab") as stream:
            self.places[row] = (stream.tell(), len(content), suffix)
            stream.write(content)

    def images(self) -> Iterator[tuple[int, bytes, str]]:
        """Yield row, image and suffix of each sample, in the order of the shard."""
        content = self.temporary.read_bytes()
        for row in self.rows.tolist():
            if row in self.places:
                offset, size, suffix = self.places[row]
                yield row, content[offset : offset + size], suffix


def write_shards(
    bundle: Bundle,
    out: Path,
    *,
    samples: int = SAMPLES_OF_SHARD,
    seed: int = 0,
    image_root: Path | None = None,
    skip: bool = False,
    overwrite: bool = False,
    tracked: Tracked = iter,
) -> Mapping[str, Any]:
    """Write the samples of a bundle as shards to the folder `out`, atomically; return its manifest.

    The same bundle and seed give the same bytes. Samples without image or split are left out, and counted in the
    manifest (`shards.left_out`). An image enters only if it can be decoded in full.

    :param samples: maximum number of samples of a shard; the shards of a split differ by at most one.
    :param seed: of the order of the samples of each split.
    :param image_root: folder that relative paths of images start from and must stay in; by default the current one.
    :param skip: whether samples whose image is refused are left out, too.
    :param overwrite: whether a bundle in `out` may be replaced.
    :param tracked: wraps the rows, e.g. with a progress bar.
    :raises DataError: if `out` exists and may not be replaced, an image is refused and `skip` is not set, or no sample
        is left.
    """
    if samples < 1:
        raise DataError(f"a shard of {samples} samples; allowed: 1 or above")
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        parts = list(_parts(bundle, folder, samples, seed))
        tally = Tally()
        refused = _collect(bundle, parts, tally, image_root, tracked)
        _check(bundle, tally, refused, skip)
        written = _Writer(bundle, folder)
        for part in parts:
            written.write(part)
        written.write_samples()
        for name in (TAXONOMY, SIMILARITY):
            shutil.copyfile(bundle.path / name, folder / name)
        about = {
            "samples": samples,
            "seed": seed,
            "bundle_manifest_sha256": file_sha256(bundle.path / MANIFEST),
            "left_out": dict(tally.left_out),
            "examples": tally.examples,
            "files": written.shards,
        }
        manifest = {**bundle.manifest, **written.counted(), "shards": about}
        return write_manifest(folder, manifest, (shard["name"] for shard in written.shards))


def _parts(bundle: Bundle, folder: Path, samples: int, seed: int) -> Iterator[_Part]:
    """Yield the shards of each split, with its rows in an order drawn with the seed."""
    generator, number = np.random.default_rng(seed), 0
    for split, rows in sorted(bundle.splits.items()):
        count = -(-len(rows) // samples)
        if count > _LIMIT:
            raise DataError(f"the split '{split}' has {count:,} shards; give more samples a shard (--samples)")
        for own in np.array_split(generator.permutation(rows), count):
            yield _Part(split, own, folder / f"{number}.part")
            number += 1


def _collect(bundle: Bundle, parts: Iterable[_Part], tally: Tally, image_root: Path | None, tracked: Tracked) -> int:
    """Append the image of each row to its part; return the number of images that were refused."""
    part_of = {row: part for part in parts for row in part.rows.tolist()}
    refused = 0
    for row in tracked(range(len(bundle))):
        image = bundle.image(row)
        if image is None or row not in part_of:
            tally.leave_out("without image" if image is None else "without split")
            continue
        try:
            content = stored_image(image, image_root)
            decode_image(content, "L", f"sample {row}")
            part_of[row].append(row, content, image_suffix(content, f"sample {row}"))
            tally.read += 1
        except ImageError as error:
            tally.leave_out(error.refusal, f"sample {row}: {error}")
            refused += 1
    return refused


def _check(bundle: Bundle, tally: Tally, refused: int, skip: bool) -> None:
    if refused and not skip:
        raise DataError(
            f"{bundle.path}: the images of {refused:,} of {tally.found:,} samples cannot enter a shard "
            f"({tally.reasons}), e.g. {'; '.join(tally.first_examples())}. Mend the files, give the folder that "
            "relative paths start from (--image-root), or leave these samples out (--on-error skip)"
        )
    if not tally.read:
        raise DataError(
            f"{bundle.path}: none of {tally.found:,} samples can enter a shard: {tally.reasons or 'it is empty'}; a "
            "shard needs samples with image and split"
        )


class _Writer:
    """Writes shards, and collects the rows of the new bundle."""

    def __init__(self, bundle: Bundle, folder: Path) -> None:
        self.shards: list[dict[str, Any]] = []
        self._bundle = bundle
        self._folder = folder
        self._rows: list[int] = []
        self._images: list[dict[str, Any]] = []
        self._counts = SampleCounts()
        self._numbers: Counter[str] = Counter()
        self._cases, self._captions = (bundle.column(name).combine_chunks() for name in ("case_id", "caption"))

    def write(self, part: _Part) -> None:
        """Write a shard, unless all of its samples are left out, and remove the temporary file."""
        if not part.places:
            return
        stem = re.sub(r"[^\w-]+", "_", part.split)
        name = f"{stem}-{self._numbers[stem]:06}.tar"
        self._numbers[stem] += 1
        first = len(self._rows)
        members = []
        with tarfile.open(self._folder / name, "w", format=tarfile.USTAR_FORMAT) as shard:
            for row, content, suffix in part.images():
                key = f"{len(self._rows):09}"
                self._rows.append(row)
                members.append(f"{key}{suffix}")
                _add(shard, members[-1], content)
                _add(shard, f"{key}.json", json.dumps(self._described(row, part.split), ensure_ascii=False).encode())
        part.temporary.unlink()
        with tarfile.open(self._folder / name) as shard:
            found = {member.name: member for member in shard}
        places = ((found[member].offset_data, found[member].size) for member in members)
        self._images += [{"shard": name, "offset": offset, "size": size} for offset, size in places]
        self.shards.append({"name": name, "split": part.split, "first": first, "samples": len(self._rows) - first})

    def write_samples(self) -> None:
        """Write `samples.parquet`: the rows of all shards."""
        bundle, path = self._bundle, self._folder / SAMPLES
        schema = samples_schema(bundle.vocabulary.keys, "shards", caption_labels=bundle.has_caption_labels)
        order = pa.array(self._rows, pa.int64())
        images = pa.array(self._images, schema.field("image").type)
        columns = [images if name == "image" else bundle.column(name).take(order) for name in schema.names]
        pq.write_table(pa.table(columns, schema), path, row_group_size=_ROWS, compression="zstd")

    def counted(self) -> dict[str, Any]:
        """Return the counts of the samples, for the manifest."""
        read_by = self._bundle.manifest.get("caption_labels", {}).get("read_by", {})
        keys = self._bundle.vocabulary.keys
        return self._counts.to_manifest(keys, "shards", read_by if self._bundle.has_caption_labels else None)

    def _described(self, row: int, split: str) -> dict[str, Any]:
        """Count a sample, and return the content of its JSON file."""
        bundle, case, caption = self._bundle, self._cases[row].as_py(), self._captions[row].as_py()
        labels = bundle.label_set(row)
        named = bundle.caption_label_set(row) if bundle.has_caption_labels else LabelSet(tuple(() for _ in labels.ids))
        self._counts.add(BundleSample(case, "", caption, labels, split), named, bundle.vocabulary.keys)
        found = {"case": case, "split": split, "caption": caption, "labels": labels.named(bundle.vocabulary)}
        if bundle.has_caption_labels:
            found["caption_labels"] = named.named(bundle.vocabulary)
        return {**found, "source_row": row}


def _add(shard: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    shard.addfile(info, io.BytesIO(content))
