"""Preprocessing of images, texts and labels into the inputs of the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch
from PIL import Image
from transformers import PreTrainedTokenizerBase

from udt.clip.model.images import ImageTransform
from udt.clip.model.loading import Loading
from udt.clip.model.tokenizer import load_tokenizer
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.graphkit.convert.dense import collate
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph

if TYPE_CHECKING:
    from udt.normalize.captions import CaptionReader
    from udt.normalize.normalizer import Normalizer

VOCABULARY, SETTINGS = "taxonomy.json", "processor_config.json"

Graphs = Sequence[LabelSet | SampleGraph] | Literal["normalize"]


class UltrasoundClipProcessor:
    """Converts images, texts and labels to the inputs of the model.

    :ivar image: transform from an image to pixels.
    :ivar tokenizer: of the text tower.
    :ivar vocabulary: the labels of the tasks that the model is trained on; they become nodes of graphs.
    :ivar max_length: maximum number of tokens of a text, at most that of the tokenizer; longer texts are truncated.
    :ivar normalizer: reads the labels that texts name; None for that of the built-in taxonomy.
    :ivar space: the nodes of the vocabulary; with those of places, if `graph_places` is set as for the model.
    """

    def __init__(
        self,
        image: ImageTransform,
        tokenizer: PreTrainedTokenizerBase,
        vocabulary: Vocabulary,
        max_length: int = 128,
        *,
        graph_places: bool = False,
        normalizer: Normalizer | None = None,
    ) -> None:
        self.image = image
        self.tokenizer = tokenizer
        self.vocabulary = vocabulary
        self.max_length = min(max_length, tokenizer.model_max_length)
        self.normalizer = normalizer
        self.space = NodeSpace(vocabulary, graph_places)

    def __call__(
        self,
        images: Sequence[Image.Image] | None = None,
        text: Sequence[str] | None = None,
        graphs: Graphs | None = None,
    ) -> dict[str, torch.Tensor]:
        """Return the arguments of the model's `forward`, as tensors on the CPU.

        :param images: B images, of any size and mode.
        :param text: B texts.
        :param graphs: B label sets or graphs; or `normalize`, for those of the labels that the texts name, as
            the source `text` makes them in training.
        :raises DataError: if nothing is given, the numbers differ, or a label is extracted that the vocabulary lacks.
        """
        if graphs == "normalize":
            graphs = self.read(_given(text))
        _check_counts(images=images, text=text, graphs=graphs)
        found: dict[str, torch.Tensor] = {}
        if images is not None:
            found["pixel_values"] = torch.stack([self.image(image) for image in images])
        if text is not None:
            found |= self.tokens(text)
        if graphs is not None:
            found |= self.graphs(graphs)
        return found

    def tokens(self, text: Sequence[str]) -> dict[str, torch.Tensor]:
        """Tokenize texts: `input_ids` and `attention_mask`, (B, tokens), and `token_type_ids` if the tower has them."""
        options = {"padding": True, "truncation": True, "max_length": self.max_length, "return_tensors": "pt"}
        return dict(self.tokenizer(list(text), **options))

    def graphs(self, graphs: Sequence[LabelSet | SampleGraph]) -> dict[str, torch.Tensor]:
        """Convert graphs to `diagnosis_ids` (B, N1) and `attribute_ids` (B, N2): ids of nodes, -1 for padding."""
        made = [g if isinstance(g, SampleGraph) else SampleGraph.of(g, self.space) for g in graphs]
        return collate(made, self.space).typed()

    def read(self, text: Sequence[str]) -> list[LabelSet]:
        """Read the labels that each text names with the normaliser (needs more dependencies than training does).

        Labels of dimensions that the vocabulary does not have are left out.

        :raises DataError: if the taxonomy of the normaliser lacks a dimension of the vocabulary.
        :raises udt.core.errors.UnknownConceptError: if it has other labels than the vocabulary.
        """
        return [self._captions.read(one) for one in text]

    @cached_property
    def _captions(self) -> CaptionReader:
        from udt.normalize.captions import CaptionReader

        return CaptionReader(self.vocabulary, self.normalizer)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the files that `from_pretrained` reads."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        self.image.save(path)
        self.tokenizer.save_pretrained(path)
        (path / VOCABULARY).write_text(
            json.dumps(self.vocabulary.to_json(), ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
        settings = {"max_length": self.max_length, "graph_places": self.space.places}
        (path / SETTINGS).write_text(json.dumps(settings) + "\n", "utf-8")

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> UltrasoundClipProcessor:
        """Load the processor from the folder of a model.

        :raises DataError: if a file is missing or damaged.
        """
        path = Path(folder)
        with Loading(f"{path}: holds no processor of Ultrasound-CLIP", "give the folder of a model"):
            vocabulary = Vocabulary.from_json(json.loads((path / VOCABULARY).read_text("utf-8")))
            settings = json.loads((path / SETTINGS).read_text("utf-8"))
            max_length, places = int(settings["max_length"]), bool(settings.get("graph_places", False))
            image, tokenizer = ImageTransform.load(path), load_tokenizer(str(path))
            return cls(image, tokenizer, vocabulary, max_length, graph_places=places)


def _given(text: Sequence[str] | None) -> Sequence[str]:
    if text is None:
        raise DataError("graphs are to be read from texts, but there are none; give text, or label sets as graphs")
    return text


def _check_counts(**parts: Sequence[object] | None) -> None:
    counts = {name: len(part) for name, part in parts.items() if part is not None}
    if not counts:
        raise DataError("there is nothing to process; give images, text or graphs")
    if len({count for name, count in counts.items() if name != "images"}) > 1:
        got = ", ".join(f"{count} {name}" for name, count in counts.items())
        raise DataError(f"each text has one graph, but there are {got}")
