"""The interface of dual encoders for evaluation, and its implementation for Ultrasound-CLIP models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import nn

from udt.clip.data.features import TextFeatures, image_inputs
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.images import ImageTransform
from udt.clip.model.loading import Loading
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary


class DualEncoder(Protocol):
    """An encoder that embeds images and texts in one space."""

    @property
    def name(self) -> str:
        """Its folder, or its name on the hub."""

    @property
    def kind(self) -> str:
        """`ultrasound-clip`, or the library that a baseline is loaded with."""

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The labels that become nodes of graphs; None for an encoder without graphs."""

    @property
    def trained(self) -> Vocabulary | None:
        """The labels of the tasks that it was trained on; None for a baseline, which is not tied to any."""

    @property
    def device(self) -> torch.device:
        """The device of its parameters."""

    @property
    def image(self) -> ImageTransform:
        """Its preprocessing of images."""

    @property
    def logit_scale(self) -> float:
        """The factor of its cosines in the softmax over texts, above 0."""

    def embed_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed images (B, 3, H, W); (B, P)."""

    def embed_texts(self, texts: Sequence[str], labels: Sequence[LabelSet] | None = None) -> torch.Tensor:
        """Embed B texts; (B, P).

        :param labels: B label sets, whose graphs are fused with the texts; None for texts alone.
        :raises DataError: if labels are given to an encoder without graphs.
        """

    @property
    def module(self) -> nn.Module:
        """The module that holds all of its parameters."""


@dataclass(frozen=True, slots=True)
class UltrasoundEncoder:
    """An Ultrasound-CLIP model with its processor, in evaluation mode.

    :ivar name: folder of the model.
    :ivar features: of its frozen text tower, which are looked up; None to compute them.
    """

    model: UltrasoundClipModel
    processor: UltrasoundClipProcessor
    name: str = "model"
    features: TextFeatures | None = None

    @classmethod
    def load(cls, folder: str | Path) -> UltrasoundEncoder:
        """Load the model that `save_pretrained` wrote to a folder.

        :raises DataError: if there is no model, or its configuration has other tasks than its processor.
        """
        processor = UltrasoundClipProcessor.from_pretrained(folder)
        model = UltrasoundClipModel.from_pretrained(folder)
        model.train(False)
        found = cls(model, processor, str(folder))
        with Loading(f"{folder}: its model and its processor do not fit", "save the model again"):
            found._try()
        return found

    def _try(self) -> None:
        """Embed an image, and a text of the maximum length with all tokens and labels."""
        vocabulary, processor = self.processor.vocabulary, self.processor
        if (tasks := self.model.config.tasks) and tuple(tasks) != vocabulary.keys:
            got = f"{', '.join(tasks)}, but those of its processor {', '.join(vocabulary.keys)}"
            raise DataError(f"{self.name}: the tasks of the model are {got}; save the model again")
        if self.vocabulary is not None and self.model.config.node_types != processor.space.types.tolist():
            got = f"{len(self.model.config.node_types)} nodes in graphs, its processor {len(processor.space)}"
            raise DataError(f"{self.name}: the model has {got}; save both with the same graph_places")
        everything = LabelSet(tuple(tuple(range(len(dimension))) for dimension in vocabulary.dimensions))
        size = (processor.image.width, processor.image.height)
        tokens = processor.tokenizer.get_vocab()
        last = max(tokens, key=lambda token: tokens[token])
        with torch.no_grad():
            self.embed_images(processor.image(Image.new("RGB", size)).unsqueeze(0))
            for text in (f"{last} " * processor.max_length, last):
                self.embed_texts([text], [everything] if self.vocabulary is not None else None)
        width = getattr(self.model.config.text_config, "vocab_size", None)
        if width is not None and tokens[last] >= width:
            raise DataError(f"{self.name}: the tokenizer has {tokens[last] + 1:,} tokens, the text tower {width:,}")

    @property
    def kind(self) -> str:
        """`ultrasound-clip`."""
        return str(self.model.config.model_type)

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The vocabulary of its processor; None if the model has no graph encoder."""
        return self.processor.vocabulary if self.model.config.has_graph else None

    @property
    def trained(self) -> Vocabulary:
        """The vocabulary of its processor."""
        return self.processor.vocabulary

    @property
    def device(self) -> torch.device:
        """The device of the model."""
        return self.model.device

    @property
    def image(self) -> ImageTransform:
        """The preprocessing of its processor."""
        return self.processor.image

    @property
    def logit_scale(self) -> float:
        """The scale of the model."""
        return self.model.logit_scale.clamp(max=self.model.config.logit_scale_max).exp().item()

    def embed_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed images (B, 3, H, W), or features (B, width) of its image tower; (B, P) rows of length 1."""
        return self.model.get_image_features(**image_inputs(pixels.to(self.device, self.model.dtype)))

    def embed_texts(self, texts: Sequence[str], labels: Sequence[LabelSet] | None = None) -> torch.Tensor:
        """Embed B texts; (B, P) rows of length 1.

        :raises DataError: if labels are given, but the model has no graph encoder.
        """
        if self.features is None:
            inputs = self.processor(text=texts, graphs=labels)
        else:
            graphs = {} if labels is None else self.processor.graphs(labels)
            inputs = {"text_features": self.features(texts), **graphs}
        return self.model.get_text_features(**{name: part.to(self.device) for name, part in inputs.items()})

    @property
    def module(self) -> nn.Module:
        """The model."""
        return self.model
