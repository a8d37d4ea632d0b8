"""Find images that are rotated, mirrored or cropped copies of others, by reading the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow
from sqlalchemy import select

from udt.core.batches import batches
from udt.core.executors import Executor, InProcess
from udt.core.image_copies import (
    CORRELATION,
    CROP_DISTANCE,
    TURNS,
    HashIndex,
    crop_correlation,
    variant_hashes,
    variant_names,
)
from udt.core.images import ImageError, decode_image
from udt.core.near_duplicates import DISTANCE, Hashes, components, differing_bits, near_pairs, single_pairs
from udt.core.tally import Tally
from udt.records.database.database import Database
from udt.records.database.models import Case, Image, Source
from udt.records.stored_images import record_image

_BATCH = 128


@dataclass(frozen=True, slots=True, order=True)
class ImageCopy:
    """Two images, one of which is a copy of the other.

    :ivar image: id of the image.
    :ivar copy: id of its copy.
    :ivar kind: how it was copied: `same look`, or one of `udt.core.image_copies.variant_names`.
    :ivar distance: bits in which the hashes of the copy and of the image, turned or cropped in this way, differ.
    """

    image: int
    copy: int
    kind: str
    distance: int


@dataclass(frozen=True, slots=True)
class _File:
    """An image that was read at its import."""

    id: int
    case: int
    root: str | None
    path: str
    sha256: str
    hash: int

    def grey(self) -> Pillow.Image:
        """Read the image, which is still that of the import."""
        return decode_image(record_image(self.root, self.path, self.sha256), "L", self.path)

    def variants(self) -> Hashes | ImageError:
        """Read the file; return the hashes of its variants, or the error if it is refused."""
        try:
            return variant_hashes(self.grey())
        except ImageError as error:
            return error


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Two files by their place, and the variant of the first that has a hash near that of the second."""

    one: int
    other: int
    variant: int
    distance: int


def same_looks(database: Database, distance: int = DISTANCE) -> list[ImageCopy]:
    """Return the pairs of images whose perceptual hashes differ in at most `distance` bits; no file is read."""
    files = _files(database)
    hashes = _hashes(files)
    found = {}
    for near in near_pairs(hashes, distance):
        bits = differing_bits(hashes[near[0]], hashes[near[1]])
        for one, other, differing in zip(*(part.tolist() for part in near), bits.tolist(), strict=True):
            low, high = sorted((files[one].id, files[other].id))
            found[low, high] = ImageCopy(low, high, "same look", differing)
    return sorted(found.values())


class _Compared(NamedTuple):
    """A candidate with its files."""

    candidate: _Candidate
    one: _File
    other: _File

    def is_copy(self) -> bool:
        """Return whether the second file is a copy of the first; of crops, the pixels are compared."""
        variant = self.candidate.variant
        if variant < len(TURNS):
            return True
        try:
            return crop_correlation(self.one.grey(), variant, self.other.grey()) >= CORRELATION
        except ImageError:
            return False


def find_copies(
    database: Database,
    tally: Tally,
    on_progress: Callable[[str, int], None],
    distance: int = DISTANCE,
    executor: Executor | None = None,
) -> list[ImageCopy]:
    """Return the rotated, mirrored and cropped copies in other cases, of the images that were read at their import.

    Of images that look the same, one is compared. Crops with a hash near that of a window are compared by pixels, too.

    :param tally: counts the images that are compared, and those whose file cannot be read now.
    :param distance: number of bits in which hashes of turned images differ at most.
    :param executor: reads and compares the files; by default, threads of this process do.
    """
    executor = executor or InProcess()
    files = _representatives(_files(database), distance)
    index = HashIndex(_hashes(files))
    candidates: dict[tuple[int, int], _Candidate] = {}
    done = 0
    for batch, variants in executor.map_each(_File.variants, batches(files, _BATCH)):
        read = _read(range(done, done + len(batch)), list(variants), files, tally)
        done += len(batch)
        for one in _near(index, read, distance):
            if files[one.one].case == files[one.other].case:
                continue
            key = (min(one.one, one.other), max(one.one, one.other))
            if key not in candidates or one.distance < candidates[key].distance:
                candidates[key] = one
        on_progress("images compared", done)
    compared = (_Compared(one, files[one.one], files[one.other]) for one in candidates.values())
    names = variant_names()
    return sorted(
        ImageCopy(pair.one.id, pair.other.id, names[pair.candidate.variant], pair.candidate.distance)
        for batch, kept in executor.map_each(_Compared.is_copy, batches(compared, _BATCH))
        for pair, right in zip(batch, kept, strict=True)
        if right
    )


def _files(database: Database) -> list[_File]:
    query = select(Image.id, Image.case_id, Source.root, Image.path, Image.sha256, Image.perceptual_hash)
    query = query.join(Case, Image.case_id == Case.id).join(Source, Case.source_id == Source.id)
    with database.reading() as connection:
        rows = connection.execute(query.where(Image.perceptual_hash.is_not(None)).order_by(Image.id))
        return [_File(*row[:4], row[4] or "", int(row[5] or "", 16)) for row in rows]


def _hashes(files: Sequence[_File]) -> Hashes:
    return np.array([one.hash for one in files], dtype=np.uint64)


def _representatives(files: Sequence[_File], distance: int) -> list[_File]:
    """Return the first file of each group of images that look the same."""
    pairs = single_pairs(near_pairs(_hashes(files), distance))
    return [files[root] for root in sorted(set(components(len(files), pairs)))]


def _read(
    places: Sequence[int], variants: Sequence[Hashes | ImageError], files: Sequence[_File], tally: Tally
) -> list[tuple[int, Hashes]]:
    read = []
    for place, found in zip(places, variants, strict=True):
        if isinstance(found, ImageError):
            tally.leave_out(found.refusal, f"image {files[place].id}: {found}")
        else:
            tally.read += 1
            read.append((place, found))
    return read


def _near(index: HashIndex, read: Sequence[tuple[int, Hashes]], distance: int) -> Iterator[_Candidate]:
    if not read:
        return
    queries, size = np.concatenate([found for _, found in read]), len(read[0][1])
    for near, others in index.near(queries, max(distance, CROP_DISTANCE)):
        bits = differing_bits(queries[near], index.hashes[others])
        for query, other, differing in zip(near.tolist(), others.tolist(), bits.tolist(), strict=True):
            one, variant = read[query // size][0], query % size
            allowed = distance if variant < len(TURNS) else CROP_DISTANCE
            if one != other and differing <= allowed:
                yield _Candidate(one, other, variant, differing)
