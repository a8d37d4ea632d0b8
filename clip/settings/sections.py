"""The sections of the training settings, a dataclass each.

The type of a field gives the allowed values; see `udt.core.parsing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from udt.clip.loss.objective import Objective
from udt.clip.model.config import Backend, Pooling
from udt.core.parsing import Range
from udt.similarity.prior import Missing

Tower = str | Mapping[str, Any]
Metric = Literal[
    "mean_accuracy", "mean_macro_recall",
    "caption_image_to_text_recall_at_1", "caption_image_to_text_recall_at_5",
    "caption_image_to_text_recall_at_10", "caption_image_to_text_recall_at_50",
    "caption_text_to_image_recall_at_1", "caption_text_to_image_recall_at_5",
    "caption_text_to_image_recall_at_10", "caption_text_to_image_recall_at_50",
    "partner_image_to_text_recall_at_1", "partner_image_to_text_recall_at_5",
    "partner_image_to_text_recall_at_10", "partner_image_to_text_recall_at_50",
    "partner_text_to_image_recall_at_1", "partner_text_to_image_recall_at_5",
    "partner_text_to_image_recall_at_10", "partner_text_to_image_recall_at_50",
    "case_image_to_text_recall_at_1", "case_image_to_text_recall_at_5",
    "case_image_to_text_recall_at_10", "case_image_to_text_recall_at_50",
    "case_text_to_image_recall_at_1", "case_text_to_image_recall_at_5",
    "case_text_to_image_recall_at_10", "case_text_to_image_recall_at_50",
]  # fmt: skip
"""Metrics of an evaluation; see `udt.clip.evaluation.measure.Measures.headline`."""

_Count = Annotated[int, Range(1)]
_CountOrZero = Annotated[int, Range(0)]
_Share = Annotated[float, Range(0, 1)]
_Part = Annotated[float, Range(0, below=1)]
_Positive = Annotated[float, Range(above=0)]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The model; for the other fields see `udt.clip.model.config.UltrasoundClipConfig`.

    :ivar image: the image tower: name on the hub or folder of a pretrained one; or a table, the configuration, with
        `model_type`, of one with newly initialised weights.
    :ivar text: the text tower, likewise; with newly initialised weights a tokenizer is trained on the captions.
    :ivar max_length: maximum number of tokens of a caption.
    :ivar graph: whether texts are fused with the graph of their labels.
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
        """Return the arguments of the model's configuration beside its towers."""
        others = ("image", "text", "max_length", "graph")
        return {name: value for name, value in asdict(self).items() if name not in others and value is not None}


@dataclass(frozen=True, slots=True)
class DataSettings:
    """The training data.

    :ivar bundle: folder of a bundle.
    :ivar tasks: its dimensions that the model is trained and validated on: `all`, the name of a profile such as
        `paper`, the nine of the publication, or a list of keys and profiles.
    :ivar train: name of its split for training.
    :ivar image_root: folder that relative paths of images start from and must stay in; by default the current one.
    :ivar workers: processes that read images; 0 for the training process itself.
    :ivar max_broken_share: share of the images that may be unreadable.
    :ivar augment: whether images are augmented, with the ranges of `[augmentation]`.
    :ivar prompt_share: share of the samples whose caption is replaced, drawn anew in each epoch, by the prompts of some
        of its labels. A newly initialised text tower learns the prompts no other way.
    :ivar prompt_labels: maximum number of labels in such a text.
    """

    bundle: str
    tasks: str | list[str]
    train: str
    image_root: str | None
    workers: _CountOrZero
    max_broken_share: _Share
    augment: bool
    prompt_share: _Share
    prompt_labels: _Count


@dataclass(frozen=True, slots=True)
class ObjectiveSettings:
    """The objective; for the other fields see `udt.clip.loss.objective.Objective`.

    :ivar terms: name to weight of further loss terms.
    :ivar missing: treatment of a dimension in which one of two samples has no label; see `udt.similarity.prior`.
    :ivar similarity: file of label similarities that replace those of the bundle.
    """

    semantic_weight: Annotated[float, Range(0)]
    mse_share: _Share
    temperature: _Positive
    soft_label_share: _Share
    duplicates: bool
    terms: Mapping[str, float]
    missing: Missing
    similarity: str | None

    def objective(self) -> Objective:
        """Return the objective.

        :raises DataError: if a further term, or its weight, is not allowed.
        """
        return Objective(
            self.semantic_weight, self.mse_share, self.temperature, self.soft_label_share, self.duplicates, self.terms
        )


@dataclass(frozen=True, slots=True)
class OptimizationSettings:
    """The optimiser: AdamW with warm-up and cosine decay.

    :ivar batch_size: samples of a batch, over all processes together.
    :ivar accumulation: batches whose gradients are accumulated in a step. Negatives are those of the batch alone.
    :ivar epochs: passes over the data, unless `max_steps` is above 0.
    :ivar max_steps: number of steps; 0 for that of `epochs`.
    :ivar lr: highest learning rate.
    :ivar tower_lr: highest learning rate of the two towers; `lr` if it is None.
    :ivar weight_decay: of matrices; biases, norms and scales have none.
    :ivar warmup: share of the steps in which the learning rate rises.
    :ivar clip_norm: maximum norm of the gradient; 0 for no clipping.
    :ivar precision: `bf16` for mixed precision with bfloat16; weights are float32.
    :ivar gradient_checkpointing: whether activations are recomputed instead of stored.
    :ivar compile: whether the model is compiled with `torch.compile`.
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
    :ivar metric: metric by which the best model is chosen; higher is better. `mean_accuracy` and `mean_macro_recall`
        are means over the tasks of which the split has two labels or more.
    :ivar batch_size: of images and texts.
    """

    split: str
    every_steps: _CountOrZero
    metric: Metric
    batch_size: _Count


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The run: its folder, seed, checkpoints, logging and device.

    :ivar out: folder of the run.
    :ivar seed: of weights, order, augmentation, prompts and dropout.
    :ivar save_every_steps: steps between checkpoints; 0 for one after each epoch.
    :ivar keep: number of checkpoints that are kept, the newest ones.
    :ivar log_every_steps: steps that a line of `metrics.jsonl` averages over.
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
    """Return whether the source of a tower is a folder rather than a name on the hub, which has at most one slash."""
    return source.startswith(("/", ".", "~")) or source.count("/") > 1 or (source != "" and Path(source).is_dir())
