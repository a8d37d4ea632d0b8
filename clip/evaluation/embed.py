"""Embeddings of the images and captions of a bundle, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch.utils.data import DataLoader

from udt.clip.data.dataset import BundleDataset
from udt.clip.data.share import WHOLE, Share
from udt.clip.evaluation.encoder import DualEncoder
from udt.core.errors import DataError
from udt.core.labels import LabelSet

T = TypeVar("T")


class ProgressReporter(Protocol):
    """Iterates over parts and may show the progress."""

    def __call__(self, parts: Iterable[T], noun: str, /) -> Iterator[T]:
        """Yield the parts.

        :param noun: name of the parts, in the plural.
        """


def no_progress(parts: Iterable[T], noun: str) -> Iterator[T]:
    """Yield the parts without showing progress."""
    yield from parts


@dataclass(frozen=True, slots=True)
class ImageEmbeddings:
    """The embeddings of the images of N rows, of which M can be read.

    :ivar indices: (M,) ascending indices of the rows whose image can be read.
    :ivar rows: (M, P) float32 embeddings, on the CPU.
    :ivar broken: names of the samples whose image cannot be read.
    """

    indices: torch.Tensor
    rows: torch.Tensor
    broken: tuple[str, ...]


def embed_images(
    encoder: DualEncoder,
    images: BundleDataset,
    *,
    batch_size: int = 64,
    workers: int = 0,
    progress: ProgressReporter = no_progress,
    share: Share = WHOLE,
) -> ImageEmbeddings:
    """Embed the images of some rows of a bundle.

    :param images: with the transform of the encoder, and without augmentation.
    :param workers: processes that read and decode images; 0 for this process.
    :param share: the images that this process embeds; the result has those of all processes.
    :raises DataError: if no image can be read, or an embedding is not finite.
    """
    return map_images(
        lambda pixels: normalised(encoder.embed_images(pixels), "images"),
        images,
        batch_size=batch_size,
        workers=workers,
        progress=progress,
        share=share,
    )


@torch.inference_mode()
def map_images(
    call: Callable[[torch.Tensor], torch.Tensor],
    images: BundleDataset,
    *,
    batch_size: int = 64,
    workers: int = 0,
    progress: ProgressReporter = no_progress,
    share: Share = WHOLE,
) -> ImageEmbeddings:
    """Call a function with the images of some rows of a bundle, a batch at a time.

    :param call: from pixels (B, 3, H, W) to (B, P).
    :param images: with the transform that the function expects, and without augmentation.
    :param share: as for `embed_images`.
    :raises DataError: if no image can be read.
    """
    own = share.of(range(len(images)))
    loader = DataLoader(images, batch_size, sampler=own, num_workers=workers, collate_fn=list)
    parts = []
    for batch in progress(loader, "batches of images"):
        pixels = [sample.pixels for sample in batch if sample.pixels is not None]
        if pixels:
            parts.append(call(torch.stack(pixels)).cpu())
    readable = torch.tensor([index for index in own if not images.broken[index]], dtype=torch.int64)
    shares = [one for one in share.gather((readable, parts)) if len(one[0])]
    if not shares:
        raise DataError(
            f"{images.path}: none of {len(images):,} images can be read, e.g. {images.name(0)}; if their paths are "
            "relative, give the folder that they start from (--image-root)"
        )
    indices, order = torch.cat([share[0] for share in shares]).sort()
    rows = torch.cat([part for share in shares for part in share[1]])[order]
    broken = sorted(set(range(len(images))) - set(indices.tolist()))
    return ImageEmbeddings(indices, rows, tuple(images.name(index) for index in broken))


@torch.inference_mode()
def embed_texts(
    encoder: DualEncoder,
    texts: Sequence[str],
    labels: Sequence[LabelSet] | None = None,
    *,
    batch_size: int = 64,
    progress: ProgressReporter = no_progress,
    share: Share = WHOLE,
) -> torch.Tensor:
    """Embed texts, equal ones once.

    :param labels: the label set of each text, for its graph; None for texts alone.
    :param share: the batches that this process embeds; the result has those of all processes.
    :returns: (N, P) float32 rows of length 1, on the CPU.
    :raises DataError: if an embedding is not finite, or the encoder takes no labels.
    """
    pairs = list(zip(texts, labels if labels is not None else [None] * len(texts), strict=True))
    # Texts of similar length are in one batch, for little padding, and the longest come first.
    unique = sorted(set(pairs), key=lambda pair: (-len(pair[0]), pair[0]))
    found: dict[int, torch.Tensor] = {}
    for start in progress(share.of(range(0, len(unique), batch_size)), "batches of texts"):
        part = unique[start : start + batch_size]
        graphs = [chosen for _, chosen in part if chosen is not None] if labels is not None else None
        found[start] = normalised(encoder.embed_texts([text for text, _ in part], graphs), "texts")
    batches = {start: rows for one in share.gather(found) for start, rows in one.items()}
    index = {pair: number for number, pair in enumerate(unique)}
    return torch.cat([batches[start] for start in sorted(batches)])[[index[pair] for pair in pairs]]


def normalised(rows: torch.Tensor, kind: str) -> torch.Tensor:
    """Scale embeddings (B, P) to length 1, as float32 on the CPU.

    :param kind: `images` or `texts`, for the message.
    :raises DataError: if a value is not finite.
    """
    found = torch.nn.functional.normalize(rows.float(), dim=-1).cpu()
    if not torch.isfinite(found).all():
        raise DataError(f"the embeddings of {kind} are not finite: the encoder is broken; train it again, or in fp32")
    return found
