"""Checks of settings beyond their types: paths, towers, loss terms, contradictions, the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import CONFIG_MAPPING, PretrainedConfig

from udt.bundle.reader import MANIFEST, TAXONOMY, read_manifest, read_vocabulary
from udt.clip.model.config import UltrasoundClipConfig, tower_config
from udt.clip.model.loading import Loading
from udt.clip.model.lora import lora_fault
from udt.clip.model.tower_registry import TOWERS, is_named, named_tower
from udt.clip.settings.sections import (
    DataSettings,
    ModelSettings,
    ObjectiveSettings,
    OptimizationSettings,
    RunSettings,
    Tower,
    exists,
    is_folder,
)
from udt.core.errors import DataError, UnknownConceptError
from udt.core.parsing import shown, unknown
from udt.similarity.prior import weight_fault


def faults_of(sections: Mapping[str, Any]) -> list[str]:
    """Return a message for each fault.

    :param sections: name to settings; None for a section that could not be parsed.
    """
    found: list[str] = []
    for part in sections.values():
        if isinstance(part, ModelSettings):
            found += _model(part)
        elif isinstance(part, DataSettings):
            found += _data(part)
        elif isinstance(part, ObjectiveSettings):
            found += _objective(part)
        elif isinstance(part, OptimizationSettings):
            found += _optimization(part)
        elif isinstance(part, RunSettings):
            found += _run(part)
    return found + list(_contradictions(sections))


def processes() -> int:
    """Return the number of processes that train together, as `torchrun` and `accelerate launch` set it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def _model(settings: ModelSettings) -> Iterator[str]:
    yield from _tower("model.image", settings.image)
    yield from _tower("model.text", settings.text)
    try:
        UltrasoundClipConfig({"model_type": "vit"}, {"model_type": "bert"}, **settings.config())
    except DataError as error:
        yield from (f"model: {line.removeprefix('  - ')}" for line in str(error).splitlines()[1:])
    for half in settings.frozen():
        if not isinstance(getattr(settings, half), str):
            yield (
                f'model.freeze is "{settings.freeze}", but model.{half} has new weights, which would never be trained; '
                f"give the name of a pretrained tower, e.g. {', '.join(TOWERS.names())}"
            )
    yield from _adapted(settings)
    places = None if isinstance(settings.text, str) else settings.text.get("max_position_embeddings")
    if isinstance(places, int) and places < settings.max_length:
        yield f"model.max_length is {settings.max_length}, but model.text has max_position_embeddings = {places}"
    if settings.graph_backend == "dgl" and find_spec("dgl") is None:
        hint = "pip install 'udt-toolkit[dgl]', or take 'dense', which gives the same"
        yield f'model.graph_backend is "dgl", which is not installed; {hint}'


def _adapted(settings: ModelSettings) -> Iterator[str]:
    """Yield a message for each fault of low-rank updates and of patch dropout."""
    for half in settings.adapted():
        if half in settings.frozen():
            yield (
                f'model.lora is "{settings.lora}", but model.freeze is "{settings.freeze}", which excludes the {half} '
                "tower from training; leave it out of one of them"
            )
        if not isinstance(getattr(settings, half), str):
            yield (
                f'model.lora is "{settings.lora}", but model.{half} has new weights, which LoRA would not train; '
                f"give the name of a pretrained tower, e.g. {', '.join(TOWERS.names())}"
            )
    if settings.adapted() and (fault := lora_fault()):
        yield f'model.lora is "{settings.lora}", which {fault}'
    if not all(isinstance(name, str) for name in settings.lora_targets):
        yield f"model.lora_targets is {shown(settings.lora_targets)}; it has to be a list of texts"
    if settings.patch_dropout and "image" in settings.frozen():
        yield (
            f'model.patch_dropout is {settings.patch_dropout:g}, but with model.freeze = "{settings.freeze}" each '
            "image is encoded once, with all patches; set it to 0, or train the image tower: model.freeze = "
            f'"{_without_image(settings)}"'
        )


def _tower(path: str, tower: Tower) -> Iterator[str]:
    if isinstance(tower, str) and is_named(tower):
        try:
            named_tower(tower, path.removeprefix("model."))
        except DataError as error:
            yield f"{path}: {error}"
        return
    if isinstance(tower, str):
        if is_folder(tower):
            yield from _missing(path, tower)
        elif not tower:
            yield f"{path} is empty; give the name or folder of a pretrained tower, or a table with a model_type"
        return
    kind = tower.get("model_type")
    if not isinstance(kind, str) or kind not in CONFIG_MAPPING:
        yield f'{path}.model_type is {shown(kind)}; allowed: the model types of transformers, e.g. "vit" or "bert"'
        return
    plain: PretrainedConfig = CONFIG_MAPPING[kind]()
    names = {**plain.to_dict(), "model_type": kind, "image_size": None}
    yield from (unknown(f"{path}.{key}", key, names, f"a '{kind}'") for key in tower if key not in names)
    try:
        with Loading(path, f"give what a '{kind}' of transformers takes"):
            tower_config(tower)
    except DataError as error:
        yield str(error)


def _data(settings: DataSettings) -> Iterator[str]:
    if not settings.bundle:
        yield "data.bundle is not given; give the folder of a bundle: --data BUNDLE"
    else:
        yield from _missing("data.bundle", settings.bundle)
        yield from _tasks(settings)
    if settings.image_root is not None:
        yield from _missing("data.image_root", settings.image_root)


def _tasks(settings: DataSettings) -> Iterator[str]:
    """Yield a message if the bundle lacks a task; what else is wrong with the bundle is found when it is opened."""
    if not all(isinstance(name, str) for name in settings.tasks):
        yield f"data.tasks is {shown(settings.tasks)}; it has to be a text or a list of texts"
        return
    folder = Path(settings.bundle).expanduser()
    if exists(folder / TAXONOMY):
        try:
            read_vocabulary(folder).chosen(settings.tasks)
        except UnknownConceptError as error:
            yield f"data.tasks is {shown(settings.tasks)}: {error}"
        except DataError:
            return


def _objective(settings: ObjectiveSettings) -> Iterator[str]:
    if settings.similarity is not None:
        yield from _missing("objective.similarity", settings.similarity)
    try:
        settings.objective()
    except DataError as error:
        yield f"objective{'.terms' if settings.terms else ''}: {error}"


def _optimization(settings: OptimizationSettings) -> Iterator[str]:
    if settings.batch_size % processes():
        yield (
            f"optimization.batch_size is {settings.batch_size}, which {processes()} processes cannot share equally; "
            f"give a multiple of {processes()}"
        )
    if settings.chunk_size and settings.compile:
        yield (
            f"optimization.chunk_size is {settings.chunk_size}, which embeds each sample twice with the same dropout, "
            "but a compiled model may not repeat it; set optimization.compile = false, or optimization.chunk_size = 0"
        )


def _run(settings: RunSettings) -> Iterator[str]:
    if not settings.out:
        yield "run.out is not given; give a folder for the run: --out FOLDER"
    if settings.device == "cuda" and not torch.cuda.is_available():
        yield 'run.device is "cuda", but torch sees no GPU; take "cpu" or "auto", or install torch for this GPU'
    if settings.tensorboard and find_spec("tensorboard") is None:
        yield "run.tensorboard is true, but it is not installed: pip install 'udt-toolkit[tensorboard]'"


def _contradictions(sections: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each contradiction between sections."""
    names = ("model", "data", "objective", "optimization", "run")
    model, data, objective, optimization, run = (sections.get(name) for name in names)
    if model is not None and objective is not None:
        yield from _bias(model, objective)
    if data is not None and objective is not None and data.bundle:
        yield from _task_weights(data, objective)
    if model is not None and data is not None and "image" not in model.frozen():
        yield from _streaming(data)
    if model is not None and data is not None and "image" in model.frozen() and data.augment:
        yield (
            f'data.augment is true, but with model.freeze = "{model.freeze}" each image is encoded once; set '
            f'data.augment = false, or train the image tower: model.freeze = "{_without_image(model)}"'
        )
    gpu = run is not None and run.device != "cpu" and torch.cuda.is_available()
    if optimization is not None and optimization.precision == "bf16" and gpu and not torch.cuda.is_bf16_supported():
        yield f'optimization.precision is "bf16", which {torch.cuda.get_device_name()} does not support; take "fp32"'
    if model is not None and model.graph != "none" and model.graph_backend == "dgl" and gpu:
        yield 'model.graph_backend is "dgl", which runs on the CPU alone; take "dense", or run.device = "cpu"'


def _bias(model: ModelSettings, objective: ObjectiveSettings) -> Iterator[str]:
    """Yield a message if a loss term lacks the bias of the model, or none uses it: it would have no gradient."""
    try:
        needed = objective.objective().needs_bias
    except DataError:
        return
    if needed and model.logit_bias is None:
        yield "model.logit_bias is not given, but a loss term needs it; start from -10: model.logit_bias = -10"
    if not needed and model.logit_bias is not None:
        hint = "leave it out, or add one, e.g. objective.terms = { sigmoid = 1 }"
        yield f"model.logit_bias is {model.logit_bias:g}, but no loss term uses it; {hint}"


def _task_weights(data: DataSettings, objective: ObjectiveSettings) -> Iterator[str]:
    """Yield a message for each weight that is not allowed, or not of one of the tasks of the training."""
    folder = Path(data.bundle).expanduser()
    if not objective.task_weights or not exists(folder / TAXONOMY):
        return
    try:
        keys = read_vocabulary(folder).chosen(data.tasks)
    except (DataError, UnknownConceptError, TypeError):  # these faults are those of data.bundle and data.tasks
        return
    faults = (weight_fault(key, weight, keys) for key, weight in objective.task_weights.items())
    yield from (f"objective.task_weights: {fault}" for fault in faults if fault)


def _streaming(data: DataSettings) -> Iterator[str]:
    """Yield a message for each setting that does not agree with the shards of the bundle, if it has shards."""
    folder = Path(data.bundle).expanduser()
    if not data.bundle or not exists(folder / MANIFEST):
        return
    try:
        images = read_manifest(folder)["images"]
    except DataError:  # found when the bundle is opened
        return
    if images.get("as") != "shards":
        return
    if find_spec("webdataset") is None:
        yield (
            f"data.bundle is {shown(data.bundle)}, whose shards are streamed with webdataset, which is not "
            "installed: pip install 'udt-toolkit[streaming]'"
        )
    if data.sampler != "random":
        yield (
            f"data.sampler is '{data.sampler}', but the shards of {shown(data.bundle)} are read in an order of their "
            'own; set data.sampler = "random", or train on a bundle without shards'
        )


def _without_image(settings: ModelSettings) -> str:
    return "text" if settings.freeze == "both" else "none"


def _missing(name: str, path: str) -> Iterator[str]:
    if not exists(Path(path).expanduser()):
        yield f"{name} is {shown(path)}, which does not exist; relative paths start from {Path.cwd()}"
