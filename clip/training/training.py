"""Training from settings to a run folder.

A run may be stopped at any time, by Ctrl-C, SIGTERM or SIGKILL. Resumed from its last checkpoint it ends with the same
weights as an uninterrupted run: order of samples, augmentation and dropout depend on the seed and the step alone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainingArguments, set_seed

from udt.bundle.reader import Bundle
from udt.clip.data.dataset import BundleDataset
from udt.clip.data.features import FrozenFeatures
from udt.clip.data.graphs import check_graphs
from udt.clip.data.negatives import HardNegatives
from udt.clip.data.rows import Rows, UsableRows
from udt.clip.evaluation.validation import check_metric
from udt.clip.loss.batch_loss import BatchLoss
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.settings.checks import processes
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.model_factory import build, rebuild
from udt.clip.training.report import write_report
from udt.clip.training.run_folder import BEST, LAST, Run
from udt.clip.training.signals import Stop
from udt.clip.training.trainer import ContrastiveTrainer, TrainingProgress, Watch
from udt.core.errors import DataError
from udt.similarity.matrices import SimilaritySet
from udt.similarity.prior import PriorTables

__all__ = ["Trained", "TrainingProgress", "Watch", "train"]

logger = logging.getLogger(__name__)

# Seconds that the other processes wait for the first, which computes the features of frozen towers alone.
_DDP_TIMEOUT = 4 * 3600


@dataclass(frozen=True, slots=True)
class Trained:
    """The result of a training.

    :ivar run: the run folder, with `best/` and `last/`.
    :ivar step: number of finished steps, of `steps`; fewer if it was stopped.
    :ivar best: metrics and step of the best model; None without evaluation.
    """

    run: Path
    step: int
    steps: int
    best: Mapping[str, Any] | None

    @property
    def finished(self) -> bool:
        """Whether all steps are finished."""
        return self.step >= self.steps


def train(
    settings: TrainSettings, *, resume: bool = False, overwrite: bool = False, watch: Watch | None = None
) -> Trained:
    """Train a model with the given settings, and write it to their run folder.

    :param resume: continue from the last checkpoint of the run in that folder.
    :param overwrite: delete an existing run in that folder.
    :param watch: called after every step and every line of metrics, in the first process.
    :raises DataError: if the folder is not free, the bundle, a tower or a loss term cannot be loaded, a split is too
        small, too many images are broken, or the loss is not finite.
    :raises udt.core.errors.UnknownConceptError: if the bundle lacks one of the tasks.
    """
    # The threads of tokenizers do not survive the fork of the workers, and it would warn of that.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    settings = settings.resolved()
    run = _run(settings, resume=resume, overwrite=overwrite)
    bundle = Bundle.open(settings.data.bundle)
    if resume:
        run.check_bundle(bundle)
    check_graphs(bundle, settings.model.graph)
    bundle = bundle.select(bundle.vocabulary.chosen(settings.data.tasks))
    start = run.checkpoint() if resume else None
    with Stop() as stop:
        trainer = _trainer(settings, run, bundle, start, stop, watch)
        if trainer.is_world_process_zero():
            _begin(trainer, start, resume=resume, overwrite=overwrite)
        return _run_trainer(trainer, start)


def _run(settings: TrainSettings, *, resume: bool, overwrite: bool) -> Run:
    """Return the folder, after checking that it can be resumed or created; nothing is changed yet."""
    path = Path(settings.run.out)
    if not resume:
        # The other processes may get here after the first has created the folder.
        if _is_first():
            Run.check_free(path, overwrite=overwrite)
        return Run(path)
    run = Run.open(path)
    if differing := settings.differences(run.settings(check=False)):
        raise DataError(
            f"{path}: was started with other settings: {', '.join(differing)}; resume it without giving settings, or "
            "start a new run in another folder"
        )
    return run


def _is_first() -> bool:
    return int(os.environ.get("RANK", "0")) == 0


def _begin(trainer: ContrastiveTrainer, start: Path | None, *, resume: bool, overwrite: bool) -> None:
    """Create the folder, or delete its files after the checkpoint."""
    if resume:
        trainer.run.drop_after(_step_of(start))
    else:
        Run.create(trainer.settings, overwrite=overwrite)
    trainer.run.write_environment(trainer.bundle, trainer.args.device, trainer.args.world_size)


def _trainer(
    settings: TrainSettings, run: Run, bundle: Bundle, start: Path | None, stop: Stop, watch: Watch | None
) -> ContrastiveTrainer:
    rows = _rows(bundle, settings.data.train)
    held_out = _rows(bundle, settings.evaluation.split) if settings.evaluation.split else None
    if held_out is not None:
        check_metric(bundle, held_out, settings.evaluation.metric)
    arguments = _arguments(settings, len(rows))
    task = batch_loss(settings, bundle, arguments.device)
    set_seed(settings.run.seed)
    model, processor = _model_and_processor(settings, bundle, rows, start)
    if settings.optimization.gradient_checkpointing:
        _recompute_activations(model)
    root, seed = settings.data.image_root, settings.run.seed
    augmentation = settings.augmentation if settings.data.augment else None
    frozen = _frozen_features(settings, model, processor, bundle, arguments)
    options: dict[str, Any] = {"image_root": root, "features": frozen.images}
    training = BundleDataset(bundle, rows, processor.image, augmentation=augmentation, seed=seed, **options)
    validation = None if held_out is None else BundleDataset(bundle, held_out, processor.image, **options)
    trainer = ContrastiveTrainer(
        model, processor, bundle, task, settings, arguments,
        training=training, validation=validation, frozen=frozen, run=run, stop=stop, watch=watch,
        negatives=hard_negatives(settings, bundle),
    )  # fmt: skip
    if settings.run.tensorboard and trainer.is_world_process_zero():
        trainer.add_callback(_tensorboard(run.path))
    # Weights have to be the same in all processes, dropout has not.
    torch.manual_seed(settings.run.seed + arguments.process_index)
    return trainer


def _run_trainer(trainer: ContrastiveTrainer, start: Path | None) -> Trained:
    """Train, and write the report even if the training fails."""
    run = trainer.run
    try:
        trainer.train(resume_from_checkpoint=None if start is None else str(start))
    except DataError:
        # The error of a worker contains its traceback; that of the dataset is worded for users.
        trainer.check_data()
        raise
    finally:
        if trainer.is_world_process_zero():
            write_report(run)
    state = trainer.state
    if trainer.is_world_process_zero():
        run.save(LAST, trainer.result(), trainer.processor, _last_measured(run))
    return Trained(run.path, state.global_step, state.max_steps, run.measured(BEST))


def _last_measured(run: Run) -> dict[str, Any]:
    """Merge the last line of metrics of each kind."""
    found: dict[str, Any] = {}
    for line in run.metrics():
        found |= {name: value for name, value in line.items() if name != "kind"}
    return found


def _step_of(checkpoint: Path | None) -> int:
    return 0 if checkpoint is None else int(checkpoint.name.rpartition("-")[2])


def _rows(bundle: Bundle, split: str) -> Rows:
    """Return the rows of a split that have image and caption, and log how many are left out."""
    usable = UsableRows.of(bundle, bundle.split(split))
    if _is_first() and (usable.without_image or usable.without_caption):
        logger.warning(
            "%s: of the split '%s', %d samples without image and %d without caption are left out",
            bundle.path, split, usable.without_image, usable.without_caption,
        )  # fmt: skip
    if not len(usable.rows):
        raise DataError(f"{bundle.path}: the split '{split}' has no sample with image and caption; choose another")
    return usable.rows


def _model_and_processor(
    settings: TrainSettings, bundle: Bundle, rows: Rows, start: Path | None
) -> tuple[UltrasoundClipModel, UltrasoundClipProcessor]:
    """Build a new model, or load that of a checkpoint with its tokenizer."""
    if start is not None:
        return rebuild(settings.model, start)
    return build(settings.model, bundle.vocabulary, (caption or "" for caption in bundle.captions(rows)))


def _frozen_features(
    settings: TrainSettings,
    model: UltrasoundClipModel,
    processor: UltrasoundClipProcessor,
    bundle: Bundle,
    arguments: TrainingArguments,
) -> FrozenFeatures:
    """Load the features of the frozen towers; the first process computes those that are not cached, and others wait."""
    with arguments.main_process_first(local=False):
        return FrozenFeatures.of(
            model,
            processor,
            bundle,
            image_root=settings.data.image_root,
            batch_size=settings.evaluation.batch_size,
            workers=settings.data.workers,
            device=arguments.device,
        )


def _recompute_activations(model: UltrasoundClipModel) -> None:
    # transformers renamed this within version 5; newer versions warn of the old name, older ones have no other.
    renamed = getattr(model, "activation_checkpointing_enable", None)
    (renamed or model.gradient_checkpointing_enable)({"use_reentrant": False})


def batch_loss(settings: TrainSettings, bundle: Bundle, device: torch.device) -> BatchLoss:
    """Build the objective of the settings with the prior of a bundle, on a device.

    :raises DataError: if a loss term, a weight or the file of similarities is not allowed.
    """
    chosen = settings.objective
    objective = chosen.objective()
    if not objective.needs_prior:
        return BatchLoss(objective)
    tables = PriorTables.torch(_similarity(settings, bundle), device, weights=chosen.task_weights)
    return BatchLoss(objective, tables, chosen.missing, chosen.match_prior)


def _similarity(settings: TrainSettings, bundle: Bundle) -> SimilaritySet:
    """Return the label similarities of the settings, or those of the bundle."""
    path = settings.objective.similarity
    return (SimilaritySet.load(Path(path)) if path else bundle.similarity()).restricted(bundle.vocabulary)


def hard_negatives(settings: TrainSettings, bundle: Bundle) -> HardNegatives | None:
    """Return the hard negatives of the settings; None for none.

    :raises DataError: if the file of similarities cannot be read, or has other labels.
    """
    chosen = settings.objective
    if not chosen.hard_negatives:
        return None
    similarity = _similarity(settings, bundle)
    return HardNegatives(bundle.vocabulary, similarity, chosen.hard_negatives, chosen.hard_negative_kinds)


def _arguments(settings: TrainSettings, samples: int) -> TrainingArguments:
    """Convert the settings to the arguments of `transformers`.

    :param samples: number of usable samples of the training split.
    :raises DataError: if there are fewer samples than a batch has.
    """
    chosen, run = settings.optimization, settings.run
    batches = samples // chosen.batch_size
    if not batches:
        raise DataError(
            f"the split '{settings.data.train}' has {samples} samples that can be used, fewer than one batch of "
            f"{chosen.batch_size}; give a smaller optimization.batch_size"
        )
    epoch = -(-batches // chosen.accumulation)
    on_cpu = run.device == "cpu" or not torch.cuda.is_available()
    # With features of both towers nothing is read, and the features of texts are remembered in a process.
    workers = 0 if settings.model.freeze == "both" else settings.data.workers
    return TrainingArguments(
        output_dir=run.out,
        per_device_train_batch_size=chosen.batch_size // processes(),
        gradient_accumulation_steps=chosen.accumulation,
        num_train_epochs=chosen.epochs,
        max_steps=chosen.max_steps or -1,
        learning_rate=chosen.lr,
        lr_scheduler_type="cosine",
        warmup_steps=_warmup_steps(chosen.warmup, chosen.max_steps or epoch * chosen.epochs),
        max_grad_norm=chosen.clip_norm,
        bf16=chosen.precision == "bf16",
        torch_compile=chosen.compile,
        use_cpu=on_cpu,
        ddp_backend="gloo" if on_cpu and processes() > 1 else None,
        ddp_find_unused_parameters=False,
        ddp_timeout=_DDP_TIMEOUT,
        seed=run.seed,
        data_seed=run.seed,
        dataloader_drop_last=True,
        dataloader_num_workers=workers,
        dataloader_pin_memory=not on_cpu,
        remove_unused_columns=False,
        eval_strategy="steps" if settings.evaluation.split else "no",
        eval_steps=settings.evaluation.every_steps or epoch,
        save_strategy="steps",
        save_steps=run.save_every_steps or epoch,
        save_total_limit=run.keep,
        logging_steps=run.log_every_steps,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to=[],
    )  # fmt: skip


def _warmup_steps(share: float, steps: int) -> int:
    """Round a share of the steps to a whole number; `transformers` takes a number below 1 as a share itself."""
    return round(share * steps)


def _tensorboard(folder: Path) -> TrainerCallback:
    from transformers.integrations.integration_utils import TensorBoardCallback

    found = TensorBoardCallback()
    found.logging_dir = str(folder / "tensorboard")
    return found
