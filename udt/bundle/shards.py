"""The images of a bundle in shards: tar files in the format of WebDataset, written by `udt.bundle.sharding`.

A shard has two files for each sample, `{row}.png` (or `.jpg` ...) and `{row}.json`. Its samples are consecutive rows of
the bundle in the order of the file, so that ascending rows are read without seeking. The bundle knows the place of each
image in its shard, and any single one can be read without the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from udt.core.errors import DataError

COPY_AGAIN = "copy the whole folder again, or write it again with: udt data shards"


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A tar file of samples of one split.

    :ivar first: row of the bundle of its first sample; the others follow.
    :ivar samples: number of samples.
    """

    path: Path
    split: str
    first: int
    samples: int

    @property
    def rows(self) -> range:
        """The rows of the bundle of its samples."""
        return range(self.first, self.first + self.samples)


def shards_of(folder: Path, manifest: Mapping[str, Any]) -> tuple[ShardFile, ...]:
    """Return the shards that a manifest lists, in the order of their rows; none of a bundle without shards.

    :raises DataError: if they are not files of the folder, or are not all rows of the bundle, each once.
    """
    try:
        entries = manifest["shards"]["files"] if "shards" in manifest else []
        found = [ShardFile(folder / one["name"], one["split"], one["first"], one["samples"]) for one in entries]
        rows = [row for shard in found for row in (shard.first, shard.first + shard.samples)]
        whole = not found or (rows[0], rows[-1]) == (0, manifest["samples"])
        complete = whole and rows[1:-1:2] == rows[2::2] and all(shard.samples > 0 for shard in found)
    except (KeyError, TypeError) as error:
        raise DataError(f"{folder}: the list of shards in its manifest is damaged ({error!r}); {COPY_AGAIN}") from error
    if not complete or any(shard.path.parent != folder or shard.path.name in ("", "..") for shard in found):
        raise DataError(f"{folder}: its manifest lists shards that do not have each row once; {COPY_AGAIN}")
    return tuple(found)


def read_member(path: Path, offset: int, size: int) -> bytes:
    """Read a file in a shard.

    :param offset: of its content in the shard, in bytes.
    :raises DataError: if the shard cannot be read, or ends before.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            content = stream.read(size)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error}; {COPY_AGAIN}") from error
    if len(content) < size:
        raise DataError(f"{path}: ends before byte {offset + size:,}; {COPY_AGAIN}")
    return content
