"""Preprocessing of images for an image tower, with Pillow and torch alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from PIL import Image
from transformers import PretrainedConfig
from transformers.image_processing_utils import BaseImageProcessor

from udt.clip.model.loading import Loading
from udt.core.errors import DataError

Fit = Literal["squash", "crop", "pad"]
FILE_NAME = "preprocessor_config.json"

_CHANNELS = 3
_LONGEST_EDGE = 8_192


@dataclass(frozen=True, slots=True)
class ImageTransform:
    """Resizes, scales to [0, 1] and normalises.

    :ivar height: of the result in pixels; `width` likewise.
    :ivar mean: mean of each channel, which is subtracted; the result is divided by `std`.
    :ivar fit: `squash` ignores the aspect ratio; `crop` resizes the shorter edge to `shortest_edge` and crops the
        centre; `pad` resizes the longer edge and pads with black.
    :ivar shortest_edge: of the resized image before `crop`, in pixels; at least the edges of the result.
    :ivar resample: number of Pillow's resampling filter; 2 is bilinear, 3 bicubic.
    :raises DataError: if a value is not allowed.
    """

    height: int
    width: int
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    fit: Fit = "squash"
    shortest_edge: int | None = None
    resample: int = 3

    def __post_init__(self) -> None:
        if self.fit not in get_args(Fit):
            raise DataError(f"fit is '{self.fit}'; allowed: {', '.join(get_args(Fit))}")
        if not all(isinstance(edge, int) and 1 <= edge <= _LONGEST_EDGE for edge in self._edges):
            sizes = " × ".join(map(str, self._edges))
            raise DataError(f"an image cannot be {sizes} pixels; give whole numbers from 1 to {_LONGEST_EDGE:,}")
        if len(self.mean) != _CHANNELS or len(self.std) != _CHANNELS:
            raise DataError(f"mean is {self.mean} and std is {self.std}; give {_CHANNELS} numbers for each")
        if min(self.std) <= 0:
            raise DataError(f"std is {self.std}; each has to be above 0")

    @property
    def _edges(self) -> tuple[int, ...]:
        return (self.height, self.width, *(() if self.shortest_edge is None else (self.shortest_edge,)))

    def __call__(self, image: Image.Image) -> torch.Tensor:
        """Convert an image to pixels (3, height, width) float32."""
        pixels = np.asarray(self.fitted(image.convert("RGB")), dtype=np.float32) / 255
        mean, std = (np.array(part, dtype=np.float32) for part in (self.mean, self.std))
        normal = (pixels - mean) / std
        return torch.from_numpy(np.ascontiguousarray(normal.transpose(2, 0, 1)))

    def fitted(self, image: Image.Image) -> Image.Image:
        """Resize an image to its final size."""
        filter = Image.Resampling(self.resample)
        if self.fit == "squash":
            return image.resize((self.width, self.height), filter)
        if self.fit == "crop":
            return self._cropped(image, filter)
        scale = min(self.width / image.width, self.height / image.height)
        inner = image.resize((max(round(image.width * scale), 1), max(round(image.height * scale), 1)), filter)
        canvas = Image.new(image.mode, (self.width, self.height))
        canvas.paste(inner, ((self.width - inner.width) // 2, (self.height - inner.height) // 2))
        return canvas

    def _cropped(self, image: Image.Image, filter: Image.Resampling) -> Image.Image:
        edge = max(self.shortest_edge or 0, self.width, self.height)
        scale = edge / min(image.width, image.height)
        larger = image.resize((int(image.width * scale), int(image.height * scale)), filter)
        left, top = (larger.width - self.width) // 2, (larger.height - self.height) // 2
        return larger.crop((left, top, left + self.width, top + self.height))

    def save(self, folder: Path) -> None:
        """Write `preprocessor_config.json`."""
        text = json.dumps({"image_processor_type": "ImageTransform", "transform": asdict(self)}, indent=1)
        (folder / FILE_NAME).write_text(text + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> ImageTransform:
        """Load a transform from the folder of a model.

        :raises DataError: if the file is missing or of another kind.
        """
        path = folder / FILE_NAME
        with Loading(f"{path}: is not what UltrasoundClipProcessor.save_pretrained writes", "save the model again"):
            plain: dict[str, Any] = json.loads(path.read_text("utf-8"))["transform"]
            return cls(**plain | {name: tuple(plain[name]) for name in ("mean", "std")})

    @classmethod
    def of_tower(cls, source: str | None, config: PretrainedConfig) -> ImageTransform:
        """Return the transform that a tower was trained with.

        :param source: name on the hub or folder of a pretrained tower; None for one with newly initialised weights.
        :param config: of the image tower; gives the image size if the preprocessing configuration does not.
        :raises DataError: if the size of the images is given by neither.
        """
        given = _preprocessing(source) if source is not None else {}
        size = given.get("crop_size") if given.get("do_center_crop") else given.get("size")
        height, width = _extent(size if size is not None else getattr(config, "image_size", None), source)
        values = {name: tuple(given[f"image_{name}"]) for name in ("mean", "std") if given.get(f"image_{name}")}
        edge = _shortest_edge(given.get("size")) if given.get("do_center_crop") else None
        fit: Fit = "crop" if edge is not None else "squash"
        return cls(height, width, fit=fit, shortest_edge=edge, resample=given.get("resample", 3), **values)


def _preprocessing(source: str) -> Mapping[str, Any]:
    """Read the `preprocessor_config.json` of a tower; empty if it has none."""
    try:
        plain, _ = BaseImageProcessor.get_image_processor_dict(source)
    except OSError:
        return {}
    return dict(plain)


def _extent(size: Any, source: str | None) -> tuple[int, int]:
    """Return (height, width) from any form in which configurations give a size."""
    if isinstance(size, Mapping):
        size = (size["height"], size["width"]) if "height" in size else size.get("shortest_edge")
    if isinstance(size, int):
        return size, size
    if isinstance(size, list | tuple) and len(size) == 2:
        return int(size[0]), int(size[1])
    raise DataError(
        f"{source or 'the image tower'}: the size of its images is unknown; give 'image_size' in its configuration"
    )


def _shortest_edge(size: Any) -> int | None:
    if isinstance(size, int):
        return size
    return size.get("shortest_edge") if isinstance(size, Mapping) else None
