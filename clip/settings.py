"""The settings of a training: from TOML, checked as a whole before anything is loaded.

What a file does not say is as in the preset that it extends, which is `paper` where it names none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from udt.clip.augment import Augmentation
from udt.clip.config import Backend, Pooling
from udt.clip.schema import Given, Range, read, shown, unknown
from udt.clip.toml import to_toml
from udt.errors import DataError
from udt.similarity.prior import Missing

Tower = str | Mapping[str, Any]
Metric = Literal[
    "accuracy", "macro_recall",
    "image_to_text_recall_at_1", "image_to_text_recall_at_5",
    "image_to_text_recall_at_10", "image_to_text_recall_at_50",
    "text_to_image_recall_at_1", "text_to_image_recall_at_5",
    "text_to_image_recall_at_10", "text_to_image_recall_at_50",
]  # fmt: skip

_BASE = "paper"
_EXTENDS = "extends"

# Where things lie, and how they are kept and shown.
_WITHOUT_EFFECT = {
    "run.out", "run.keep", "run.tensorboard", "run.device", "data.workers", "data.image_root", "data.bundle",
    "data.max_broken_share", "evaluation.batch_size",
}  # fmt: skip

_Count = Annotated[int, Range(1)]
_CountOrZero = Annotated[int, Range(0)]
_Share = Annotated[float, Range(0, 1)]
_Part = Annotated[float, Range(0, below=1)]
_Positive = Annotated[float, Range(above=0)]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What is trained; see `udt.clip.config.UltrasoundClipConfig` for what is not explained here.

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
    """What is minimised; see `udt.clip.objective.Objective`.

    :ivar missing: what a dimension counts that one of two samples has no label in; see `udt.similarity.prior`.
    :ivar similarity: label similarities that stand in for those of the bundle.
    """

    semantic_weight: Annotated[float, Range(0)]
    mse_share: _Share
    temperature: _Positive
    soft_label_share: _Share
    duplicates: bool
    missing: Missing
    similarity: str | None


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


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Everything that a training is told."""

    model: ModelSettings
    data: DataSettings
    augmentation: Augmentation
    objective: ObjectiveSettings
    optimization: OptimizationSettings
    evaluation: EvaluationSettings
    run: RunSettings

    @classmethod
    def load(
        cls,
        config: str | Path | None = None,
        *,
        preset: str | None = None,
        changes: Iterable[str] = (),
        check: bool = True,
    ) -> TrainSettings:
        """Settings of a file or a preset, with changes.

        :param config: TOML file.
        :param preset: name of a preset, in place of a file.
        :param changes: `section.key=value`, the value as in TOML; what is no TOML is a text.
        :param check: whether to look at what the settings say, too; not only at their form.
        :raises DataError: with everything that is wrong.
        """
        layers = [*_file_layers(Path(config))] if config is not None else []
        layers += _preset_layers(preset or _BASE) if config is None else []
        return cls.of([*layers, *map(_change, changes)], check=check)

    @classmethod
    def of(cls, layers: Sequence[tuple[str, Mapping[str, Any]]], *, check: bool = True) -> TrainSettings:
        """Settings of tables of tables, each with the name of its source; later ones win, key by key.

        :raises DataError: with everything that is wrong.
        """
        faults: list[str] = []
        kinds = get_type_hints(cls)
        tables = _merged(layers, kinds, faults)
        parts: dict[str, Any] = {name: read(kind, name, tables[name], faults) for name, kind in kinds.items()}
        if check:
            from udt.clip.settings_check import faults_of

            faults += faults_of(parts)
        if faults:
            count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
            raise DataError(f"the settings have {count}:\n" + "\n".join(f"  - {fault}" for fault in faults))
        return cls(**parts)

    def resolved(self) -> TrainSettings:
        """The same with absolute paths, which mean the same in any folder."""
        towers: dict[str, Any] = {half: _absolute_tower(getattr(self.model, half)) for half in ("image", "text")}
        return replace(
            self,
            model=replace(self.model, **towers),
            data=replace(self.data, bundle=_absolute(self.data.bundle), image_root=_absolute(self.data.image_root)),
            objective=replace(self.objective, similarity=_absolute(self.objective.similarity)),
            run=replace(self.run, out=_absolute(self.run.out)),
        )

    def differences(self, other: TrainSettings) -> list[str]:
        """`section.key` of every setting that differs, but for those that change nothing in the result."""
        own, theirs = (asdict(settings) for settings in (self, other))
        pairs = [(section, key) for section, table in own.items() for key in table]
        differing = [f"{section}.{key}" for section, key in pairs if own[section][key] != theirs[section][key]]
        return [path for path in differing if path not in _WITHOUT_EFFECT]

    def to_toml(self) -> str:
        """All settings as TOML, from which `load` makes equal ones."""
        return to_toml({"run": {}, **asdict(self)})


def is_folder(source: str) -> bool:
    """Whether the source of a tower is a folder rather than a name on the hub, which has at most one slash."""
    return source.startswith(("/", ".", "~")) or source.count("/") > 1 or (source != "" and Path(source).is_dir())


def _absolute(path: Any) -> Any:
    return str(Path(path).expanduser().resolve()) if path else path


def _absolute_tower(tower: Tower) -> Tower:
    return _absolute(tower) if isinstance(tower, str) and is_folder(tower) else tower


def presets() -> tuple[str, ...]:
    """Names of the presets."""
    names = (path.name for path in _presets().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def preset_changes(name: str) -> dict[str, Any]:
    """What the preset itself says, without what it extends: a layer for `TrainSettings.of`.

    :raises DataError: where there is no such preset.
    """
    if name not in presets():
        raise DataError(f"there is no preset '{name}'; allowed: {', '.join(presets())}, or the path of a TOML file")
    own = tomllib.loads((_presets() / f"{name}.toml").read_text("utf-8"))
    own.pop(_EXTENDS, None)
    return own


def _presets() -> Any:
    return files("udt.clip") / "presets"


def _preset_layers(name: str) -> list[tuple[str, Mapping[str, Any]]]:
    own = preset_changes(name)
    base = tomllib.loads((_presets() / f"{name}.toml").read_text("utf-8")).get(_EXTENDS)
    return [*(_preset_layers(base) if base is not None else []), (f"preset {name}", own)]


def _file_layers(path: Path, seen: tuple[Path, ...] = ()) -> list[tuple[str, Mapping[str, Any]]]:
    """The file after what it extends: a preset, or another file, whose path is relative to this one's folder."""
    if path.resolve() in seen:
        raise DataError(f"{path}: extends itself; leave out '{_EXTENDS}' in one of the files")
    own = _parsed(path)
    base = own.pop(_EXTENDS, _BASE)
    if not isinstance(base, str):
        raise DataError(f"{path}: {_EXTENDS} is {shown(base)}; give the name of a preset or the path of a file")
    if base.endswith(".toml"):
        return [*_file_layers(path.parent / base, (*seen, path.resolve())), (str(path), own)]
    return [*_preset_layers(base), (str(path), own)]


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        hint = f"give a TOML file, or a preset: --preset {'|'.join(presets())}"
        raise DataError(f"{path}: no such file; {hint}") from None
    except ValueError as error:
        raise DataError(f"{path}: is not TOML: {error}") from error


def _change(text: str) -> tuple[str, Mapping[str, Any]]:
    path, equals, value = text.partition("=")
    section, dot, key = path.strip().partition(".")
    if not (equals and dot and key):
        raise DataError(f"--set {text}: is not 'section.key=value', e.g. optimization.lr=1e-4")
    try:
        plain = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        plain = value.strip()
    return f"--set {text}", {section: {key: plain}}


def _merged(
    layers: Sequence[tuple[str, Mapping[str, Any]]], sections: Mapping[str, object], faults: list[str]
) -> dict[str, dict[str, Given]]:
    """Section to key to the last value; tables within a section, such as towers, are replaced as a whole."""
    found: dict[str, dict[str, Given]] = {name: {} for name in sections}
    for source, layer in layers:
        for name, table in layer.items():
            if name not in sections:
                faults.append(unknown(name, name, sections, source))
            elif not isinstance(table, Mapping):
                faults.append(f"{name} is {shown(table)} ({source}); it has to be a section: [{name}]")
            else:
                found[name] |= {key: Given(value, source) for key, value in table.items()}
    return found
