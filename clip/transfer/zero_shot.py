"""Zero-shot classification: each class is the mean of the embeddings of its prompts."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from udt.clip.evaluation.embed import embed_texts
from udt.clip.evaluation.encoder import DualEncoder, UltrasoundEncoder
from udt.clip.transfer.dataset import TransferSet
from udt.core.errors import DataError
from udt.core.labels import LabelSet

PromptGraph = Literal["text", "none"]


def prompt_graph(encoder: DualEncoder, chosen: PromptGraph) -> PromptGraph:
    """Return the source of the graphs of prompts: that which was chosen, and `none` for an encoder without graphs."""
    return chosen if encoder.vocabulary is not None else "none"


def class_embeddings(encoder: DualEncoder, data: TransferSet, graph: PromptGraph = "text") -> torch.Tensor:
    """Embed the prompts of each class, and average them over the templates; (C, P) rows of length 1.

    :param graph: `text` for the graphs of the labels that a prompt names, as the normaliser reads them.
    :raises DataError: if an embedding is not finite.
    """
    texts = [data.texts(number) for number in range(len(data.classes))]
    flat = [text for own in texts for text in own]
    rows = embed_texts(encoder, flat, _labels(encoder, flat, prompt_graph(encoder, graph)))
    means = rows.reshape(len(texts), -1, rows.shape[1]).mean(dim=1)
    return torch.nn.functional.normalize(means, dim=-1)


def _labels(encoder: DualEncoder, texts: list[str], graph: PromptGraph) -> list[LabelSet] | None:
    if graph == "none":
        return None
    if not isinstance(encoder, UltrasoundEncoder):
        raise DataError(f"{encoder.name}: graphs of prompts are read by the processor of a model; take --graph none")
    return encoder.processor.read(texts)


def zero_shot_scores(embeddings: NDArray[np.float32], classes: torch.Tensor, scale: float) -> NDArray[np.float64]:
    """Return the logarithm of the probability of each class, (N, C): the softmax over the scaled cosines.

    :param embeddings: (N, P) of images, of any length.
    :param classes: (C, P) rows of length 1.
    :param scale: factor of the cosines.
    """
    rows = torch.nn.functional.normalize(torch.from_numpy(embeddings), dim=-1)
    found: NDArray[np.float64] = torch.log_softmax(scale * rows.double() @ classes.double().T, dim=1).numpy()
    return found
