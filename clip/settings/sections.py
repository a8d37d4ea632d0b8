"""The sections of the settings of a training, one dataclass each.

The type of a field gives the allowed values; see `udt.core.parsing`.
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
    """The model; fields that are not explained here are those of `udt.clip.model.config.UltrasoundClipConfig`.

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
        """Return the arguments of the model's configuration other than its towers."""
        others = ("image", "text", "max_length", "graph")
        return {name: value for name, value in asdict(self).items() if name not in others and value is not None}


@dataclass(frozen=True, slots=True)
class DataSettings:
    """The training data.

    :ivar bundle: folder of a bundle.
    :ivar train: name of its split for training.
    :ivar image_root: folder that relative paths of images start from; by default the current one.
    :ivar workers: processes that read images; 0 for the training process itself.
    :ivar max_broken_share: share of the images that may be unreadable.
    :ivar augment: whether images are changed at random, as `[augmentation]` sets.
    :ivar prompt_share: share of the samples whose caption is replaced, at random in each epoch, by the prompts of some
        of its labels. A text tower with fresh weights learns the prompts no other way.
    :ivar prompt_labels: number of labels in such a text at most.
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
    """The objective; see `udt.clip.loss.objective.Objective`.

    :ivar terms: weights of further loss terms by name, see `udt.clip.loss.terms`.
    :ivar missing: how a dimension counts in which one of two samples has no label; see `udt.similarity.prior`.
    :ivar similarity: file of label similarities to use instead of those of the bundle.
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
    """The optimisation: AdamW with warm-up and cosine decay.

    :ivar batch_size: samples that are contrasted in a step, over all processes together.
    :ivar accumulation: batches whose gradients make one step. The negatives of a sample stay those of its own batch.
    :ivar epochs: passes over the data, unless `max_steps` is above 0.
    :ivar lr: highest learning rate.
    :ivar tower_lr: highest learning rate of the two towers, if it differs.
    :ivar weight_decay: weight decay of matrices; biases, norms and scales have none.
    :ivar warmup: share of the steps in which the learning rate rises.
    :ivar clip_norm: norm to which gradients are clipped; 0 for none.
    :ivar precision: `bf16` uses autocast to bfloat16; weights stay in float32.
    :ivar gradient_checkpointing: whether activations are recomputed instead of kept.
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
    """Evaluation during training.

    :ivar split: split to evaluate on; empty for none.
    :ivar every_steps: steps between evaluations; 0 for one after each epoch.
    :ivar metric: metric that chooses the best model; higher is better.
    """

    split: str
    every_steps: _CountOrZero
    metric: Metric
    batch_size: _Count


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Output folder, seed and logging of a run.

    :ivar out: folder of the run.
    :ivar save_every_steps: steps between checkpoints; 0 for one after each epoch. The last `keep` stay.
    :ivar log_every_steps: steps that a line of `metrics.jsonl` averages.
    :ivar tensorboard: whether TensorBoard's files are written too.
    :ivar device: `auto` for a GPU if there is one.
    """

    out: str
    seed: Annotated[int, Range(0, 2**32 - 1)]
    save_every_steps: _CountOrZero
    keep: _Count
    log_every_steps: _Count
    tensorboard: bool
    device: Literal["auto", "cpu", "cuda"]


def is_folder(source: str) -> bool:
    """Return whether the source of a tower is a folder, and not a name on the hub, which has at most one slash."""
    return source.startswith(("/", ".", "~")) or source.count("/") > 1 or (source != "" and Path(source).is_dir())
