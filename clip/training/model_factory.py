"""Building a model and its processor from settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from transformers import PretrainedConfig, PreTrainedTokenizerBase

from udt.clip.model.config import UltrasoundClipConfig, tower_config
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.loading import Loading
from udt.clip.model.lora import LoraOptions, add_lora
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.model.tokenizer import load_tokenizer, train_tokenizer
from udt.clip.model.towers import half_config, tower_transform
from udt.clip.settings.sections import ModelSettings
from udt.clip.training.checkpoint import check_frozen, is_whole
from udt.core.vocabulary import Vocabulary


def build(
    settings: ModelSettings, vocabulary: Vocabulary, captions: Iterable[str]
) -> tuple[UltrasoundClipModel, UltrasoundClipProcessor]:
    """Build a model on the towers of the settings, and the processor of these towers.

    New weights are drawn from torch's global generator. Frozen towers are excluded from training.

    :param vocabulary: labels of the tasks that the model is trained on; they become nodes of graphs.
    :param captions: to train a tokenizer on, if the text tower is a configuration.
    :raises DataError: if a tower cannot be loaded, or a graph is wanted but none of the labels becomes a node.
    """
    with Loading("the settings of the model cannot be used", "correct [model]"):
        image = settings.image if isinstance(settings.image, str) else tower_config(settings.image)
        tokenizer, text = _text_tower(settings.text, captions)
        graph = vocabulary if settings.graph != "none" else None
        model = UltrasoundClipModel.from_towers(image, text, graph, tasks=vocabulary.keys, **settings.config())
        _adapt(model, settings)
        transform = tower_transform(image if isinstance(image, str) else None, model.config.vision_config)
    places = settings.graph_places
    return model, UltrasoundClipProcessor(transform, tokenizer, vocabulary, settings.max_length, graph_places=places)


def rebuild(settings: ModelSettings, checkpoint: Path) -> tuple[UltrasoundClipModel, UltrasoundClipProcessor]:
    """Build the model of a checkpoint, and load its processor.

    Frozen weights that the checkpoint leaves out are those of the towers of the settings; weights that training changes
    are loaded with the rest of the checkpoint, by the trainer.

    :raises DataError: if a tower cannot be loaded, or has other weights than in that run.
    """
    if is_whole(checkpoint):
        model = UltrasoundClipModel.from_pretrained(checkpoint)
        _adapt(model, settings)
    else:
        sources = {half: getattr(settings, half) for half in (*settings.frozen(), *settings.adapted())}
        with Loading(f"{checkpoint}: its model cannot be built", "correct [model]"):
            model = UltrasoundClipModel(UltrasoundClipConfig.from_pretrained(checkpoint))
            model.load_towers(sources)
            _adapt(model, settings)
        check_frozen(checkpoint, model, sources)
    return model, UltrasoundClipProcessor.from_pretrained(checkpoint)


def _adapt(model: UltrasoundClipModel, settings: ModelSettings) -> None:
    """Exclude towers from training, and add the low-rank updates of others."""
    model.freeze(settings.frozen())
    options = LoraOptions(settings.lora_rank, settings.lora_alpha, settings.lora_dropout, settings.lora_targets)
    if adapted := settings.adapted():
        add_lora([model.tower(half) for half in adapted], options)


def _text_tower(
    tower: str | Mapping[str, Any], captions: Iterable[str]
) -> tuple[PreTrainedTokenizerBase, str | PretrainedConfig]:
    """Return the tokenizer, and the tower: its name, or its configuration with the size of the vocabulary."""
    if isinstance(tower, str):
        half_config(tower, "text")  # names a tower that does not exist, before its tokenizer is missed
        return load_tokenizer(tower), tower
    tokenizer = train_tokenizer(captions, tower_config(tower).vocab_size)
    own = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    return tokenizer, tower_config({**tower, **own})
