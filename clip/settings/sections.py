"""The sections of the settings of a training, one dataclass each.

What a field allows stands in its type; see `udt.core.parsing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from udt.clip.loss.objective import term_weights
from udt.clip.model.config import Backend, Pooling
from udt.core.parsing import Range
from udt.similarity.prior import Missing

Tower = str | Mapping[str, Any]
Metric = Literal[
    "accuracy", "macro_recall",
    "image_to_text_recall_at_1", "image_to_text_recall_at_5",
    "image_to_text_recall_at_10", "image_to_text_recall_at_50",
    "text_to_image_recall_at_1", "text_to_image_recall_at_5",
    "text_to_image_recall_at_10", "text_to_image_recall_at_50",
]  # fmt: skip

_Count = Annotated[int, Range(1)]
_CountOrZero = Annotated[int, Range(0)]
_Share = Annotated[float, Range(0, 1)]
_Part = Annotated[float, Range(0, below=1)]
_Positive = Annotated[float, Range(above=0)]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What is trained; see `udt.clip.model.config.UltrasoundClipConfig` for what is not explained here.

    :ivar image: the image tower: name on the hub or folder of a pretrained one; or a table, the configuration of one
        with fresh weights, with its `model_type`. `text` likewise; fresh weights learn a tokenizer from the captions.
    :ivar max_length: tokens of a caption at most.
    :ivar graph: whether texts are enriched with the graph of their labels.
    """

    image: Tower
    text: Tower
    image_pooling: Pooling | None
    text_pooling: Pooling | None
    max_length: _Count
    projection_dim: _Count
    graph: bool
    graph_dim: _Count
    graph_heads: _Count
    graph_layers: _Count
    graph_dropout: _Part
    graph_drop: _Part
    fusion_heads: _Count
    graph_backend: Backend

    def config(self) -> dict[str, Any]:
        """What the model's configuration is given beside its towers."""
        others = ("image", "text", "max_length", "graph")
        return {name: value for name, value in asdict(self).items() if name not in others and value is not None}


@dataclass(frozen=True, slots=True)
class DataSettings:
    """What it is trained on.

    :ivar bundle: folder of a bundle; `train` names its split for training.
    :ivar image_root: folder that relative paths of images start from; by default the current one.
    :ivar workers: processes that read images; 0 for the training process itself.
    :ivar max_broken_share: share of the images that may be unreadable.
    :ivar augment: whether images are changed a little, as `[augmentation]` says.
    :ivar prompt_share: share of the samples whose caption gives way, anew in each epoch, to the prompts of some of its
        labels, at most `prompt_labels` of them. A text tower with fresh weights learns the prompts no other way.
    """

    bundle: str
    train: str
    image_root: str | None
    workers: _CountOrZero
    max_broken_share: _Share
    augment: bool
    prompt_share: _Share
    prompt_labels: _Count


@dataclass(frozen=True, slots=True)
class ObjectiveSettings:
    """What is minimised; see `udt.clip.loss.objective.Objective`.

    :ivar terms: weights of further loss terms by name, see `udt.clip.loss.terms`.
    :ivar missing: what a dimension counts that one of two samples has no label in; see `udt.similarity.prior`.
    :ivar similarity: label similarities that stand in for those of the bundle.
    """

    semantic_weight: Annotated[float, Range(0)]
    mse_share: _Share
    temperature: _Positive
    soft_label_share: _Share
    duplicates: bool
    terms: Mapping[str, Any]
    missing: Missing
    similarity: str | None

    def weights(self) -> dict[str, float]:
        """Return the weight of each loss term by name."""
        return term_weights(self.semantic_weight, self.terms)


@dataclass(frozen=True, slots=True)
class OptimizationSettings:
    """How it is minimised: AdamW with warm-up and cosine decay.

    :ivar batch_size: samples that are told apart in a step, over all processes together.
    :ivar accumulation: batches whose gradients make one step. The negatives of a sample stay those of its own batch.
    :ivar epochs: passes over the data, unless `max_steps` is above 0.
    :ivar lr: highest learning rate; `tower_lr` that of the two towers, where it is another.
    :ivar weight_decay: of matrices; biases, norms and scales are left alone.
    :ivar warmup: share of the steps in which the learning rate rises.
    :ivar clip_norm: norm that gradients are cut to; 0 leaves them.
    :ivar precision: `bf16` computes in bfloat16 where that is safe; weights stay in float32.
    :ivar gradient_checkpointing: whether activations are computed again instead of kept.
    :ivar compile: whether the model goes through `torch.compile`.
    """

    batch_size: Annotated[int, Range(2)]
    accumulation: _Count
    epochs: _Count
    max_steps: _CountOrZero
    lr: _Positive
    tower_lr: _Positive | None
    weight_decay: Annotated[float, Range(0)]
    warmup: _Part
    clip_norm: Annotated[float, Range(0)]
    precision: Literal["fp32", "bf16"]
    gradient_checkpointing: bool
    compile: bool


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """What is measured on the way.

    :ivar split: split to evaluate on; empty for none.
    :ivar every_steps: steps between evaluations; 0 for one after each epoch.
    :ivar metric: what makes a model the best, higher being better.
    """

    split: str
    every_steps: _CountOrZero
    metric: Metric
    batch_size: _Count


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where it is written, and with which chance.

    :ivar out: folder of the run.
    :ivar save_every_steps: steps between checkpoints; 0 for one after each epoch. The last `keep` stay.
    :ivar log_every_steps: steps that a line of `metrics.jsonl` sums up.
    :ivar tensorboard: whether TensorBoard's files are written too.
    :ivar device: `auto` for a GPU where there is one.
    """

    out: str
    seed: Annotated[int, Range(0, 2**32 - 1)]
    save_every_steps: _CountOrZero
    keep: _Count
    log_every_steps: _Count
    tensorboard: bool
    device: Literal["auto", "cpu", "cuda"]


def is_folder(source: str) -> bool:
    """Whether the source of a tower is a folder rather than a name on the hub, which has at most one slash."""
    return source.startswith(("/", ".", "~")) or source.count("/") > 1 or (source != "" and Path(source).is_dir())
