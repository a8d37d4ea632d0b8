"""Features of frozen towers, cached on disk: each image and text is encoded once, and trainings take seconds.

An entry of the cache is a safetensors file, named after the SHA-256 of everything that its content depends on: the
configuration and the weights of the tower, the preprocessing, and the images or the tokens of the texts. Images that
are stored in a bundle are identified by its checksum; image files by path, size and time of modification. The cache may
be deleted at any time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch.utils.data import DataLoader

from udt.bundle.reader import SAMPLES, Bundle
from udt.clip.data.dataset import BrokenImageError, BundleDataset
from udt.clip.data.prompts import prompts
from udt.clip.data.rows import UsableRows
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.model.towers import Tower
from udt.clip.model.weights import weights_sha256
from udt.core.atomic import atomic_output
from udt.core.cache import cache_folder
from udt.core.errors import DataError
from udt.core.hashing import parts_sha256, pieces_sha256

logger = logging.getLogger(__name__)

SCHEMA = "udt-features/1"

_FEATURES, _CHECKSUM = "features", "sha256"
_ROWS = 4096
_REMEMBERED = 1 << 15
# Parts of a configuration that depend on the file that it was loaded from, and not on the tower.
_OF_FILES = {"_name_or_path", "architectures", "dtype", "transformers_version"}


@dataclass(frozen=True, slots=True, eq=False)
class TextFeatures:
    """The features of a frozen text tower: looked up for known texts, computed for others.

    :ivar known: text to row of `rows`.
    :ivar rows: (known texts, width) float32, on the CPU.
    :ivar encode: computes the features (width,) of a text, by itself, so that they do not depend on its batch.
    """

    known: Mapping[str, int]
    rows: torch.Tensor
    encode: Callable[[str], torch.Tensor]

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Return the features of B texts, (B, width) float32 on the CPU."""
        found = torch.empty(len(texts), self.rows.shape[1])
        known = [place for place, text in enumerate(texts) if text in self.known]
        found[known] = self.rows[[self.known[texts[place]] for place in known]]
        for place, text in enumerate(texts):
            if text not in self.known:
                found[place] = self.encode(text)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class FrozenFeatures:
    """The features of the frozen towers of a model on a bundle.

    :ivar images: (samples of the bundle, width) float32, NaN for samples without a readable image; None if the image
        tower is not frozen.
    :ivar texts: of captions and prompts; None if the text tower is not frozen.
    """

    images: torch.Tensor | None = None
    texts: TextFeatures | None = None

    @classmethod
    def of(
        cls,
        model: UltrasoundClipModel,
        processor: UltrasoundClipProcessor,
        bundle: Bundle,
        *,
        image_root: str | Path | None = None,
        batch_size: int = 64,
        workers: int = 0,
        device: torch.device | str = "cpu",
    ) -> FrozenFeatures:
        """Load the features of all towers of a model that are frozen from the cache, or compute and cache them.

        The cache is the folder `features` in `$UDT_CACHE_DIR`, or in the cache folder of the platform.

        :param image_root: folder that relative paths of images start from and must stay in; by default the current one.
        :param workers: processes that read images; 0 for this process.
        :param device: to encode on; the features are on the CPU.
        :raises DataError: if a feature is not finite, or the cache cannot be written.
        """
        images, texts = None, None
        if model.image_tower.frozen:
            tower = _Encoder(model.image_tower, model.config.vision_config.to_dict(), device, batch_size)
            dataset = BundleDataset(
                bundle, UsableRows.of(bundle, range(len(bundle))).rows, processor.image, image_root=image_root
            )
            images = _image_features(tower, dataset, bundle, workers)
        if model.text_tower.frozen:
            tower = _Encoder(model.text_tower, model.config.text_config.to_dict(), device, batch_size)
            texts = _text_features(tower, processor, bundle)
        return cls(images, texts)


def image_inputs(pixels: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the argument of a model for images (B, 3, H, W), or for features (B, width) of its image tower."""
    return {"pixel_values" if pixels.ndim == 4 else "image_features": pixels}


class _Encoder:
    """A copy of a frozen tower in evaluation mode, which stays as it is when the model is moved or trained."""

    def __init__(self, tower: Tower, config: Mapping[str, Any], device: torch.device | str, batch_size: int) -> None:
        self.tower = deepcopy(tower).to(device)
        self.device = torch.device(device)
        self.batch_size = batch_size
        own = {name: value for name, value in config.items() if name not in _OF_FILES}
        self.digest = parts_sha256(
            json.dumps(own, sort_keys=True, default=str), tower.pooling, weights_sha256(tower.state_dict())
        )

    @torch.no_grad()
    def __call__(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Encode B inputs, (B, width) float32 on the CPU.

        :raises DataError: if a feature is not finite.
        """
        found: torch.Tensor = self.tower({name: part.to(self.device) for name, part in inputs.items()}).float().cpu()
        if not torch.isfinite(found).all():
            raise DataError("the features of a frozen tower are not finite: its weights are damaged; take another")
        return found


def _image_features(encoder: _Encoder, images: BundleDataset, bundle: Bundle, workers: int) -> torch.Tensor:
    content = _images_digest(bundle, images.image_root)
    key = parts_sha256(SCHEMA, "images", encoder.digest, json.dumps(asdict(images.transform)), content)
    return _cached(key, len(bundle), lambda: _encode_images(encoder, images, len(bundle), workers))


def _encode_images(encoder: _Encoder, images: BundleDataset, count: int, workers: int) -> torch.Tensor:
    """Encode the images of a bundle of `count` samples, (count, width)."""
    logger.info("%s: %d images are encoded by the frozen tower", images.path, len(images))
    parts, rows = [], []
    for batch in DataLoader(images, encoder.batch_size, num_workers=workers, collate_fn=list):
        pixels = [sample.pixels for sample in batch if sample.pixels is not None]
        rows += [sample.row for sample in batch if sample.pixels is not None]
        parts += [encoder({"pixel_values": torch.stack(pixels)})] if pixels else []
    if not parts:
        raise BrokenImageError(
            f"{images.path}: none of {len(images):,} images can be read, e.g. {images.name(0)}; fix the files, or set "
            "data.image_root to the folder that their paths start from"
        )
    encoded = torch.cat(parts)
    features = torch.full((count, encoded.shape[1]), torch.nan)
    features[rows] = encoded
    return features


def _text_features(encoder: _Encoder, processor: UltrasoundClipProcessor, bundle: Bundle) -> TextFeatures:
    captions = bundle.column("caption").unique().drop_null().to_pylist()
    texts = sorted({*map(str, captions), *prompts(bundle.vocabulary)})
    options = {"truncation": True, "max_length": processor.max_length}
    tokens = (json.dumps(list(ids)).encode() for ids in processor.tokenizer(texts, **options)["input_ids"])
    key = parts_sha256(SCHEMA, "texts", encoder.digest, pieces_sha256(tokens))

    def encode(some: Sequence[str]) -> torch.Tensor:
        # Texts of similar length are in one batch, for little padding.
        order = sorted(range(len(some)), key=lambda index: len(some[index]))
        starts = range(0, len(some), encoder.batch_size)
        batches = (order[start : start + encoder.batch_size] for start in starts)
        rows = torch.cat([encoder(processor.tokens([some[index] for index in batch])) for batch in batches])
        return rows[torch.tensor(order).argsort()]

    rows = _cached(key, len(texts), lambda: encode(texts))
    # Batches are made on the CPU, also by the workers of a data loader.
    encoder.tower.to("cpu")
    encoder.device = torch.device("cpu")
    # Prompts and hard negatives come again and again: each process remembers those that it met last.
    remembered = lru_cache(_REMEMBERED)(lambda text: encode([text])[0])
    return TextFeatures({text: row for row, text in enumerate(texts)}, rows, remembered)


def _images_digest(bundle: Bundle, root: Path | None) -> str:
    """Return a digest of all images of a bundle."""
    if bundle.manifest["images"]["as"] != "path":
        names = [SAMPLES, *(shard.path.name for shard in bundle.shards)]
        return "".join(str(bundle.manifest["files"][name]["sha256"]) for name in names)
    paths = [name for name in bundle.column("image").to_pylist() if name is not None]
    return pieces_sha256(f"{name}\0{_file_state(root or Path(), name)}\n".encode() for name in paths)


def _file_state(root: Path, name: str) -> str:
    """Return size and time of modification of a file; empty if there is none."""
    try:
        found = (root / name).stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def _cached(key: str, count: int, make: Callable[[], torch.Tensor]) -> torch.Tensor:
    """Return the features (count, width) of the cache; compute and store them if they are missing or damaged."""
    path = cache_folder() / "features" / f"{key}.safetensors"
    found = _read(path, count)
    if found is None:
        found = make()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_output(path, private=True) as handle:
                handle.write(save({_FEATURES: found}, {_CHECKSUM: _checksum(found)}))
        except OSError as error:
            raise DataError(
                f"{path}: the features of a frozen tower cannot be written: {error}; set UDT_CACHE_DIR to a "
                "folder that can be written to"
            ) from error
    return found


def _read(path: Path, count: int) -> torch.Tensor | None:
    """Read the features of an entry; None if there is none, or it is damaged."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            found: torch.Tensor = file.get_tensor(_FEATURES)
            intact = len(found) == count and file.metadata().get(_CHECKSUM) == _checksum(found)
    except (SafetensorError, OSError, ValueError, AttributeError):
        intact = False
    if not intact:
        logger.warning("%s: is damaged; the features are computed again", path)
        return None
    return found


def _checksum(features: torch.Tensor) -> str:
    return pieces_sha256(part.numpy().tobytes() for part in features.split(_ROWS))
