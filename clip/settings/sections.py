"""The sections of the training settings, a dataclass each.

The type of a field gives the allowed values; see `udt.core.parsing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from udt.clip.data.negatives import NegativeKinds
from udt.clip.loss.objective import Directions, Objective
from udt.clip.model.config import Backend, Fusion, GraphKind, GraphSource, Pooling
from udt.clip.model.tower_registry import is_named
from udt.core.parsing import Range
from udt.similarity.prior import Missing

Tower = str | Mapping[str, Any]
Freeze = Literal["none", "image", "text", "both"]
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

    :ivar image: the image tower: name in `udt.clip.model.tower_registry.TOWERS`, name on the hub or folder of a
        pretrained one; or a table, the configuration, with `model_type`, of one with newly initialised weights.
    :ivar text: the text tower, likewise; with newly initialised weights a tokenizer is trained on the captions.
    :ivar freeze: towers that are not trained. Their features are computed once and cached; see
        `udt.clip.data.features`.
    :ivar lora: pretrained towers that are adapted by low-rank updates of their layers instead of all their weights; see
        `udt.clip.model.lora`, Hu et al. 2021.
    :ivar lora_rank: rank of the updates.
    :ivar lora_alpha: factor of the updates, which are divided by their rank.
    :ivar lora_dropout: dropout of the inputs of the updates.
    :ivar lora_targets: last parts of the names of the layers that are updated; empty for all linear ones.
    :ivar patch_dropout: share of the patches that an image tower drops in training, if it is a transformer; see
        `udt.clip.model.patch_dropout`, FLIP, Li et al. 2023.
    :ivar max_length: maximum number of tokens of a caption.
    :ivar logit_bias: initial bias of the logits for pairwise losses such as the term `sigmoid`; None for no bias.
    :ivar graph: source of the graph that a caption is fused with: `text` for the labels that the normaliser reads in
        it, as at inference; `labels` for those of its sample, which may go beyond the caption; `none` for a model
        without graph. A prompt has the graph of its label.
    :ivar graph_places: whether body system and organ are nodes of graphs.
    """

    image: Tower
    text: Tower
    freeze: Freeze
    lora: Freeze
    lora_rank: _Count
    lora_alpha: _Positive
    lora_dropout: _Part
    lora_targets: list[str]
    patch_dropout: _Part
    image_pooling: Pooling | None
    text_pooling: Pooling | None
    max_length: _Count
    projection_dim: _Count
    logit_bias: float | None
    graph: GraphSource
    graph_places: bool
    graph_kind: GraphKind
    fusion: Fusion
    graph_dim: _Count
    graph_heads: _Count
    graph_layers: _Count
    graph_dropout: _Part
    graph_drop: _Part
    fusion_heads: _Count
    graph_backend: Backend

    def config(self) -> dict[str, Any]:
        """Return the arguments of the model's configuration beside its towers."""
        others = ("image", "text", "freeze", "max_length", "graph", "logit_bias")
        own = {
            name: value
            for name, value in asdict(self).items()
            if name not in others and not name.startswith("lora") and value is not None
        }
        return {**own, "graph_source": self.graph, "logit_bias_init": self.logit_bias}

    def frozen(self) -> tuple[str, ...]:
        """Return the frozen halves, of `image` and `text`."""
        return tuple(half for half in ("image", "text") if self.freeze in (half, "both"))

    def adapted(self) -> tuple[str, ...]:
        """Return the halves with low-rank updates, of `image` and `text`."""
        return tuple(half for half in ("image", "text") if self.lora in (half, "both"))


@dataclass(frozen=True, slots=True)
class DataSettings:
    """The training data.

    :ivar bundle: folder of a bundle; the shards of one with shards are streamed, see `udt.clip.data.stream`.
    :ivar tasks: its dimensions that the model is trained and validated on: `all`, the name of a profile such as
        `paper`, the nine of the publication, or a list of keys and profiles.
    :ivar train: name of its split for training.
    :ivar image_root: folder that relative paths of images start from and must stay in; by default the current one.
    :ivar workers: processes that read images; 0 for the training process itself.
    :ivar shuffle_buffer: images of shards that each worker keeps in memory, encoded, to draw the next one from.
    :ivar max_broken_share: share of the images that may be unreadable.
    :ivar sampler: order of the samples of an epoch: `random`; or `case`, in which a batch has each case once at most,
        if possible; see `udt.clip.data.sampling`.
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
    shuffle_buffer: _Count
    max_broken_share: _Share
    sampler: Literal["random", "case"]
    augment: bool
    prompt_share: _Share
    prompt_labels: _Count


@dataclass(frozen=True, slots=True)
class ObjectiveSettings:
    """The objective; for the other fields see `udt.clip.loss.objective.Objective`.

    :ivar terms: name to weight of further loss terms.
    :ivar missing: treatment of a dimension in which one of two samples has no label; see `udt.similarity.prior`.
    :ivar match_prior: whether the prior of known matches, and of samples with the same labels, is 1.
    :ivar task_weights: key of a task to its weight in the prior, at least 0; 1 for tasks that are not given.
    :ivar hard_negatives: texts of each sample, its own with one attribute changed, that its image must not match; see
        `udt.clip.data.negatives`.
    :ivar hard_negative_kinds: `near` for attributes changed to a similar label, `denied` for denied ones, `both`.
    :ivar similarity: file of label similarities that replace those of the bundle.
    """

    contrastive_weight: Annotated[float, Range(0)]
    semantic_weight: Annotated[float, Range(0)]
    semantic_directions: Directions
    mse_share: _Share
    temperature: _Positive
    soft_label_share: _Share
    negatives_only: bool
    duplicates: bool
    terms: Mapping[str, float]
    missing: Missing
    match_prior: bool
    task_weights: Mapping[str, float]
    hard_negatives: _CountOrZero
    hard_negative_kinds: NegativeKinds
    similarity: str | None

    def objective(self) -> Objective:
        """Return the objective.

        :raises DataError: if a further term, or its weight, is not allowed, or all weights are 0.
        """
        return Objective(**{part.name: getattr(self, part.name) for part in fields(Objective)})


@dataclass(frozen=True, slots=True)
class OptimizationSettings:
    """The optimiser: AdamW with warm-up and cosine decay.

    :ivar batch_size: samples of a batch, over all processes together.
    :ivar accumulation: batches whose gradients are accumulated in a step. Negatives are those of the batch alone.
    :ivar chunk_size: samples that each process embeds at a time, 0 for its whole part of the batch. Negatives are those
        of the batch all the same; see `udt.clip.training.grad_cache`.
    :ivar epochs: passes over the data, unless `max_steps` is above 0.
    :ivar max_steps: number of steps; 0 for that of `epochs`.
    :ivar lr: highest learning rate.
    :ivar tower_lr: highest learning rate of the two towers; `lr` if it is None.
    :ivar weight_decay: of matrices; biases, norms and scales have none.
    :ivar warmup: share of the steps in which the learning rate rises.
    :ivar clip_norm: maximum norm of the gradient; 0 for no clipping.
    :ivar ema: highest decay of the exponential moving average of the weights, which is evaluated and saved; 0 for none.
        See `udt.clip.training.average`.
    :ivar precision: `bf16` for mixed precision with bfloat16; weights are float32.
    :ivar gradient_checkpointing: whether activations are recomputed instead of stored.
    :ivar compile: whether the model is compiled with `torch.compile`.
    """

    batch_size: Annotated[int, Range(2)]
    accumulation: _Count
    chunk_size: _CountOrZero
    epochs: _Count
    max_steps: _CountOrZero
    lr: _Positive
    tower_lr: _Positive | None
    weight_decay: Annotated[float, Range(0)]
    warmup: _Part
    clip_norm: Annotated[float, Range(0)]
    ema: _Part
    precision: Literal["fp32", "bf16"]
    gradient_checkpointing: bool
    compile: bool


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """Evaluation during training.

    :ivar split: split to evaluate on; empty for none.
    :ivar every_steps: steps between evaluations; 0 for one after each epoch.
    :ivar metric: metric by which the best model is chosen; higher is better. `mean_accuracy` and `mean_macro_recall`
        are means over the tasks of which no label is right for the whole split.
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
    """Return whether the source of a tower is a folder rather than a name, which has at most one slash."""
    if is_named(source):
        return False
    if source.startswith(("/", ".", "~")) or source.count("/") > 1:
        return True
    return source != "" and exists(source) and Path(source).is_dir()


def exists(path: str | Path) -> bool:
    """Return whether there is a file or folder of this name; False for a name that no file can have."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False
