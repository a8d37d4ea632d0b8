"""A stream of the images of a bundle of shards, which reads each shard from its start to its end.

An epoch permutes the shards. Their samples, one after the other, are divided into equal parts, one for each reader: a
worker of a process, of those that train together. A reader streams the shards of its part, and leaves samples of others
out at both ends; it permutes them with a buffer. So each sample is read once in an epoch, whatever the numbers of
shards and readers, except for those that are too few for a last batch.

The order depends on the seed, the epoch and the number of readers alone. All that belongs to a sample itself, such
as its augmentation, is as in `udt.clip.data.dataset.BundleDataset`.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from udt.bundle.shards import COPY_AGAIN, ShardFile
from udt.clip.data.dataset import BundleDataset, LoadedSample
from udt.clip.data.rows import Rows
from udt.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Readers:
    """The processes that train together.

    :ivar process: number of this process, from 0.
    """

    process: int = 0
    processes: int = 1


class ShardStream(IterableDataset[LoadedSample]):
    """The samples of a dataset as a stream from shards (needs webdataset).

    Each process has the same number of full batches.

    :param images: of a bundle of shards, with ascending rows.
    :param shards: those of the bundle that have these rows.
    :param batch_size: of one process.
    :param buffer: number of images that a reader keeps in memory to draw the next one from; 1 for the order of the
        shards.
    :param seed: of the order.
    :ivar damaged: (shards,) uint8, 1 for each shard that could not be read so far, by this process or its workers.
    :raises DataError: if webdataset is not installed.
    """

    def __init__(
        self,
        images: BundleDataset,
        shards: Sequence[ShardFile],
        *,
        batch_size: int,
        buffer: int = 1000,
        seed: int = 0,
        readers: Readers = Readers(),
    ) -> None:
        _webdataset()
        self.images = images
        self.shards = tuple(shards)
        self.batch_size = batch_size
        self.buffer = buffer
        self.seed = seed
        self.readers = readers
        self.damaged = torch.zeros(len(self.shards), dtype=torch.uint8).share_memory_()
        bounds = [(shard.first, shard.first + shard.samples) for shard in self.shards]
        self._bounds: Rows = np.searchsorted(images.rows, np.array(bounds, dtype=np.int64).reshape(-1, 2))

    @property
    def batches(self) -> int:
        """Number of batches of an epoch, each of all processes together."""
        return len(self.images) // (self.batch_size * self.readers.processes)

    def __len__(self) -> int:
        """Return the number of samples of an epoch in this process."""
        return self.batches * self.batch_size

    def __iter__(self) -> Iterator[LoadedSample]:
        """Yield the samples of this process, or of this worker of it.

        :raises DataError: if a shard is damaged.
        """
        worker = get_worker_info()
        number, workers = (0, 1) if worker is None else (worker.id, worker.num_workers)
        # A data loader takes the batches from its workers in turn.
        sizes = [len(range(n, self.batches, workers)) * self.batch_size for n in range(workers)]
        start = self.readers.process * len(self) + sum(sizes[:number])
        return self._part(start, start + sizes[number], self.readers.process * workers + number)

    def check_damaged(self) -> None:
        """Check that all shards could be read so far.

        :raises DataError: naming the first that could not.
        """
        for number in self.damaged.nonzero().flatten().tolist():
            raise _damaged(self.shards[number])

    def _part(self, start: int, stop: int, reader: int) -> Iterator[LoadedSample]:
        """Yield the samples from `start` to `stop` in the order of the shards of this epoch, permuted by the buffer."""
        order = np.random.default_rng((self.seed, self.images.epoch)).permutation(len(self.shards))
        buffer = Random(int(np.random.default_rng((self.seed, self.images.epoch, reader)).integers(2**63)))
        shuffle = _webdataset().shuffle(self.buffer, initial=self.buffer, rng=buffer)
        for index, content in shuffle(self._contents(order.tolist(), start, stop)):
            yield self.images.load(index, content)

    def _contents(self, order: Sequence[int], start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Yield index and encoded image of the samples from `start` to `stop`."""
        passed = 0
        for number in order:
            first, last = self._bounds[number].tolist()
            own = range(first, last)[max(start - passed, 0) : max(stop - passed, 0)]
            passed += last - first
            if len(own):
                yield from self._read(number, own)

    def _read(self, number: int, wanted: range) -> Iterator[tuple[int, bytes]]:
        """Yield index and encoded image of the wanted samples of one shard, in its order."""
        shard, keys = self.shards[number], {int(self.images.rows[index]): index for index in wanted}
        found = 0
        try:
            for sample in _samples(shard, keys):
                content = next((value for name, value in sample.items() if not name.startswith("__")), b"")
                yield keys[int(sample["__key__"])], content
                found += 1
        except (OSError, EOFError, ValueError, tarfile.TarError) as error:
            self.damaged[number] = 1
            raise _damaged(shard) from error
        if found < len(wanted):
            self.damaged[number] = 1
            raise _damaged(shard)


class StreamLoader(DataLoader[Any]):
    """The batches of a stream.

    :param collate: from samples to a batch.
    :param workers: processes that read shards; 0 for this process.
    :param pin_memory: whether batches are copied to pinned memory, for a GPU.
    """

    def __init__(
        self, stream: ShardStream, collate: Callable[[Any], Any], workers: int = 0, *, pin_memory: bool = False
    ) -> None:
        super().__init__(
            stream, stream.batch_size, collate_fn=collate, drop_last=True, num_workers=workers, pin_memory=pin_memory
        )
        self._images = stream.images

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch, from 0, of order and augmentation."""
        self._images.set_epoch(epoch)


def _samples(shard: ShardFile, keys: dict[int, int]) -> Iterator[dict[str, Any]]:
    """Yield the samples of a shard whose rows are among some keys, with the images alone."""

    def wanted(name: str) -> bool:
        key, _, suffix = name.partition(".")
        return suffix != "json" and int(key) in keys

    tar = _webdataset().tariterators
    with shard.path.open("rb") as stream:
        files = tar.tar_file_expander([{"url": str(shard.path), "stream": stream}], select_files=wanted)
        yield from tar.group_by_keys(files)


def _damaged(shard: ShardFile) -> DataError:
    return DataError(
        f"{shard.path}: cannot be read to its end, or does not have its samples as written; check the storage, "
        f"{COPY_AGAIN}"
    )


def _webdataset() -> Any:
    try:
        import webdataset
    except ModuleNotFoundError as error:
        if error.name not in ("webdataset", "braceexpand"):
            raise
        raise DataError(
            f"shards are streamed with {error.name}, which is not installed; install it with: "
            "pip install 'udt-toolkit[streaming]'"
        ) from error
    return webdataset
