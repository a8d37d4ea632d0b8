"""Similarity of the embeddings of the labels by a sentence encoder. Needs torch and transformers; downloads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.core.torchvision_import import prepare_torchvision
from udt.core.vocabulary import DimensionLabels, Vocabulary
from udt.similarity.matrices import Matrix, SimilarityProvenance, SimilaritySet
from udt.similarity.methods.registry import MethodOption, OptionKind, SimilarityMethod
from udt.taxonomy.model.taxonomy import Taxonomy

Words = Literal["label", "prompt"]


def text_similarity(vocabulary: Vocabulary, encoder: str, words: Words = "label") -> SimilaritySet:
    """Compute `max(0, cos)` of the embeddings of all label pairs; a negative cosine counts as no similarity.

    :param encoder: name of an encoder in the local cache, or its folder.
    :param words: embed the label (`label`) or its zero-shot prompt (`prompt`), which has more context, but much of it
        the same for every label.
    :raises DataError: if torch or transformers is not installed, the encoder is not found, or `words` is neither.
    """
    if words not in get_args(Words):
        raise DataError(f"words='{words}'; allowed: {', '.join(get_args(Words))}")
    texts = [text for d in vocabulary.dimensions for text in _texts(d, words)]
    rows = dict(zip(texts, embed(texts, encoder), strict=True))
    matrices = {d.key: _cosine(np.stack([rows[t] for t in _texts(d, words)])) for d in vocabulary.dimensions}
    parameters = {"encoder": encoder, "words": words, "pooling": "mean", "range": "max(0, cos)"}
    provenance = SimilarityProvenance.of("text", parameters, vocabulary, ("torch", "transformers"))
    return SimilaritySet.of(vocabulary, matrices, provenance)


def embed(texts: Sequence[str], encoder: str) -> NDArray[np.float64]:
    """Return the embeddings, shape (texts, width): means of the last hidden states over the tokens, of unit length.

    :raises DataError: as `text_similarity`.
    """
    prepare_torchvision()
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        hint = "pip install 'udt-toolkit[train]'"
        raise DataError(f"a sentence encoder needs {error.name}, which is not installed: {hint}") from error
    try:
        with _no_progress():
            tokenizer = AutoTokenizer.from_pretrained(encoder, local_files_only=True, trust_remote_code=False)
            # Pickled weights could run code.
            model = AutoModel.from_pretrained(
                encoder, local_files_only=True, trust_remote_code=False, use_safetensors=True
            ).eval()
    except (OSError, ValueError) as error:
        hint = "give the folder of one, or fetch it first: hf download NAME"
        raise DataError(f"'{encoder}' is no encoder that this machine has; {hint}") from error
    tokens = tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        states = model(**tokens).last_hidden_state
    mask = tokens["attention_mask"].unsqueeze(-1)
    means = ((states * mask).sum(1) / mask.sum(1)).double().numpy()
    rows: NDArray[np.float64] = means / np.linalg.norm(means, axis=1, keepdims=True)
    return rows


@contextmanager
def _no_progress() -> Iterator[None]:
    """Disable the progress bar that transformers would draw for a load of a second, terminal or not."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _texts(dimension: DimensionLabels, words: Words) -> tuple[str, ...]:
    return dimension.labels if words == "label" else dimension.prompts


def _cosine(rows: NDArray[np.float64]) -> Matrix:
    cosine = rows @ rows.T
    matrix = ((cosine + cosine.T) / 2).clip(0, 1).astype(np.float32)
    np.fill_diagonal(matrix, 1)
    return matrix


def _build(taxonomy: Taxonomy, given: Mapping[str, Any]) -> SimilaritySet:
    return text_similarity(taxonomy.vocabulary, given["encoder"], given.get("words", "label"))


METHOD = SimilarityMethod(
    summary="the cosine of the labels' embeddings",
    build=_build,
    options=(
        MethodOption("encoder", OptionKind.TEXT, "a sentence encoder that this machine has.", metavar="NAME|FOLDER"),
        MethodOption("words", OptionKind.CHOICE, "the text to encode.  [default: label]", choices=get_args(Words)),
    ),
    requires=(("encoder",),),
)
