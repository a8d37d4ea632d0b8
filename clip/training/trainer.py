"""The training loop of `transformers` with the objective, the metrics and the run folder of this package."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from torch import nn
from torch.utils.data import DataLoader, Sampler
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from udt.bundle.reader import Bundle
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import BundleDataset
from udt.clip.data.features import FrozenFeatures
from udt.clip.data.negatives import HardNegatives
from udt.clip.data.prompts import PromptMix
from udt.clip.data.sampling import CaseSampler
from udt.clip.data.share import Share
from udt.clip.data.stream import ShardStream, StreamLoader
from udt.clip.loss.batch_loss import BatchLoss
from udt.clip.loss.objective import Losses
from udt.clip.model.dual_encoder import UltrasoundClipModel, UltrasoundClipOutput
from udt.clip.model.loading import Loading
from udt.clip.model.lora import has_lora, merged
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.average import WeightAverage
from udt.clip.training.checkpoint import frozen_digests, is_whole, load_trained, save_trained
from udt.clip.training.grad_cache import cached_gradients, chunks
from udt.clip.training.meter import Meter
from udt.clip.training.optimizer import parameter_groups
from udt.clip.training.prior_check import PriorCheck
from udt.clip.training.run_folder import BEST, OLDER, Run
from udt.clip.training.signals import Stop
from udt.core.errors import DataError

_STOP_CHECK_STEPS = 10


class TrainingProgress(NamedTuple):
    """The progress of a training.

    :ivar step: number of finished steps, of `steps`.
    :ivar measured: the line of metrics, if one was just written; otherwise empty.
    :ivar terms: names of the loss terms, which are keys of `measured`.
    """

    step: int
    steps: int
    measured: Mapping[str, Any]
    terms: tuple[str, ...] = ()


Watch = Callable[[TrainingProgress], None]


class ContrastiveTrainer(Trainer):
    """Trains a model on a bundle.

    :param task: the objective.
    :param training: the training split; its images are streamed if the bundle has shards and they are not frozen.
    :param validation: the split to evaluate on; None for no evaluation.
    :param frozen: cached features of its frozen towers.
    :param run: folder that the first process writes to.
    :param stop: requests to stop.
    :param watch: called after every step and every line of metrics, in the first process.
    :param negatives: draws hard negative texts; None for none.
    """

    def __init__(
        self,
        model: UltrasoundClipModel,
        processor: UltrasoundClipProcessor,
        bundle: Bundle,
        task: BatchLoss,
        settings: TrainSettings,
        arguments: TrainingArguments,
        *,
        training: BundleDataset,
        validation: BundleDataset | None,
        frozen: FrozenFeatures,
        run: Run,
        stop: Stop,
        watch: Watch | None = None,
        negatives: HardNegatives | None = None,
    ) -> None:
        self.network = model
        self.processor = processor
        self.bundle = bundle
        self.training = training
        self.validation = validation
        self.frozen = frozen
        self.task = task
        self.settings = settings
        self.run = run
        self.watch = watch
        self.stream = _stream(training, bundle, settings, arguments)
        self.meter = Meter()
        self.prior_check = PriorCheck()
        super().__init__(
            model=model,
            args=arguments,
            data_collator=Collator(
                processor,
                bundle,
                graph=settings.model.graph,
                mix=PromptMix(settings.data.prompt_share, settings.data.prompt_labels),
                seed=settings.run.seed,
                negatives=negatives,
                features=frozen.texts,
            ),
            train_dataset=training,
            eval_dataset=validation,
            processing_class=cast(Any, processor),  # only its save_pretrained is called
            callbacks=[_StepCallback(self, stop)],
        )
        self.remove_callback(PrinterCallback)
        decay = settings.optimization.ema
        self.average = WeightAverage(model, decay) if decay else None
        self._frozen_digests = frozen_digests(model)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return the batches of the training split, from a stream if there is one."""
        if self.stream is None:
            return super().get_train_dataloader()
        # The stream is that of this process already, so that accelerate must not divide it again.
        workers, pin_memory = self.args.dataloader_num_workers, self.args.dataloader_pin_memory
        return StreamLoader(self.stream, self.data_collator, workers, pin_memory=pin_memory)

    def check_data(self) -> None:
        """Check what was read so far.

        :raises DataError: if too many images could not be read, or a shard could not.
        """
        self.training.check_broken(self.settings.data.max_broken_share)
        if self.stream is not None:
            self.stream.check_damaged()

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int] | None:
        if self.settings.data.sampler == "random":
            found: Sampler[int] | None = super()._get_train_sampler(train_dataset)
            return found
        cases = self.bundle.column("case_id").take(self.training.rows).to_pylist()
        return CaseSampler(cases, self.settings.optimization.batch_size, self.settings.run.seed)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Compute the total loss of a batch; the loss terms go into the next line of metrics."""
        loss = self._loss(inputs)
        output = model(**inputs)
        losses = loss(output)
        self._count(losses, output)
        return (losses.total, output) if return_outputs else losses.total

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        """Add the gradients of a batch, whose samples are embedded in chunks with `optimization.chunk_size`."""
        size, samples = self.settings.optimization.chunk_size, len(inputs["groups"])
        if not 0 < size < samples:
            found: torch.Tensor = super().training_step(model, inputs, num_items_in_batch)
            return found
        model.train()
        inputs = self._prepare_inputs(inputs)
        loss, batches = self._loss(inputs), self.current_gradient_accumulation_steps
        losses, output = cached_gradients(
            model,
            chunks(inputs, samples, size),
            loss,
            backward=lambda part: self.accelerator.backward(part / batches),
            unsynchronised=partial(self.accelerator.no_sync, model),
        )
        self._count(losses, output)
        return losses.total / batches

    def _loss(self, inputs: dict[str, Any]) -> Callable[[UltrasoundClipOutput], Losses]:
        """Return the losses of a batch as a function of the output of the model; take its part out of the inputs."""
        names = ("labels", "groups", "prompt_labels", "has_negative")
        own = {name: inputs.pop(name) for name in names if name in inputs}
        return lambda output: self.task(output, **own)

    def _count(self, losses: Losses, output: UltrasoundClipOutput) -> None:
        """Add a batch to the next line of metrics, and to the check of the prior."""
        if not self.task.objective.negatives_only:
            self.prior_check.add(losses.statistics)
        samples = len(cast(torch.Tensor, output.image_embeds)) * self.args.world_size
        self.meter.add(samples, losses, output.logit_scale)

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        """Create AdamW over the groups of `parameter_groups`."""
        if self.optimizer is None:
            chosen = self.settings.optimization
            groups = parameter_groups(model or self.network, chosen.lr, chosen.tower_lr, chosen.weight_decay)
            self.optimizer = torch.optim.AdamW(groups, fused=self.args.device.type == "cuda")
        return self.optimizer

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Evaluate on the validation split, each process on its share, and save the model if it is the best so far.

        The state of the random generators is restored, so that an evaluation does not change the training.
        """
        measured: dict[str, float] = {}
        if self.validation is not None:
            devices = [self.args.device] if self.args.device.type == "cuda" else []
            with torch.random.fork_rng(devices):
                model = self.result()
                measured = self._measured(model, self.validation)
            if self.is_world_process_zero():
                self._record({"kind": "valid", **self._position(), **measured})
                self._keep_best(model, measured)
        named = {f"eval_{name}": value for name, value in measured.items()}
        if named:
            self.log(dict(named))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, named)
        self.meter.restart()
        return named

    def result(self) -> UltrasoundClipModel:
        """Return the model that is evaluated and saved: with averaged weights and merged updates, if there are some."""
        network = self.network
        if self.average is not None:
            network = deepcopy(network)
            self.average.put(network)
        return merged(network) if has_lora(network.image_tower) or has_lora(network.text_tower) else network

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add loss terms, logit scale and throughput to the log line, and write it to the run folder.

        :raises DataError: if the loss is not finite.
        """
        if "loss" in logs:
            if not math.isfinite(logs["loss"]):
                raise DataError(
                    f"the loss is {logs['loss']} at step {self.state.global_step}; start again with a lower "
                    'optimization.lr, a longer optimization.warmup, or optimization.precision = "fp32"'
                )
            logs |= self.meter.read()
            if self.is_world_process_zero():
                self._record({"kind": "train", **self._position(), **logs})
        super().log(logs, start_time)

    # The files of a checkpoint are read in these three methods, with `weights_only`.
    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        with Loading(f"{resume_from_checkpoint}: its weights cannot be loaded", OLDER):
            folder = Path(resume_from_checkpoint)
            if is_whole(folder):
                super()._load_from_checkpoint(resume_from_checkpoint, model)
            else:
                load_trained(folder, self.network)
            if self.average is not None:
                self.average.load(folder)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        folder = Path(output_dir or str(self.args.output_dir))
        super()._save(str(folder), {} if self._frozen_digests else state_dict)
        if not self.args.should_save:
            return
        if self._frozen_digests:
            save_trained(folder, self.network, self._frozen_digests)
        if self.average is not None:
            self.average.save(folder)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        with Loading(f"{checkpoint}: the state of its optimizer cannot be loaded", OLDER):
            super()._load_optimizer_and_scheduler(checkpoint)
            if checkpoint is not None:
                self._check_optimizer()

    def _check_optimizer(self) -> None:
        """Check that the state of each parameter has its shape.

        :raises ValueError: otherwise.
        """
        for parameter, state in cast(Any, self.optimizer).state.items():
            for name, value in state.items():
                if name != "step" and value.shape != parameter.shape:
                    raise ValueError(f"'{name}' has the shape {tuple(value.shape)} instead of {tuple(parameter.shape)}")

    def _load_rng_state(self, checkpoint: str | None) -> None:
        with Loading(f"{checkpoint}: the state of its random generators cannot be loaded", OLDER):
            super()._load_rng_state(checkpoint)

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Return 0: the estimate of the library is one for language models."""
        return 0

    def _position(self) -> dict[str, Any]:
        return {"step": self.state.global_step, "epoch": round(self.state.epoch or 0.0, 4)}

    def _record(self, line: Mapping[str, Any]) -> None:
        self.run.log(line)
        if self.watch is not None:
            terms = tuple(self.task.objective.weights)
            self.watch(TrainingProgress(self.state.global_step, self.state.max_steps, line, terms))

    def _measured(self, model: UltrasoundClipModel, dataset: BundleDataset) -> dict[str, float]:
        from udt.clip.evaluation.validation import validation_metrics

        chosen = self.settings
        return validation_metrics(
            model,
            self.processor,
            self.bundle,
            dataset.rows,
            graph=chosen.model.graph,
            batch_size=chosen.evaluation.batch_size,
            workers=chosen.data.workers,
            image_root=dataset.image_root,
            frozen=self.frozen,
            share=Share(self.args.process_index, self.args.world_size),
        )

    def _keep_best(self, model: UltrasoundClipModel, measured: Mapping[str, float]) -> None:
        name = self.settings.evaluation.metric
        before = self.run.measured(BEST)
        if before is None or measured[name] > before[name]:
            self.run.save(BEST, model, self.processor, {**self._position(), **measured})


def _stream(
    training: BundleDataset, bundle: Bundle, settings: TrainSettings, arguments: TrainingArguments
) -> ShardStream | None:
    """Return the stream of the images of a bundle of shards; None for other images, and for features of them."""
    shards = [shard for shard in bundle.shards if shard.split == settings.data.train]
    if not shards or training.features is not None:
        return None
    return ShardStream(
        training,
        shards,
        batch_size=arguments.train_batch_size,
        buffer=settings.data.shuffle_buffer,
        seed=settings.run.seed,
        share=Share(arguments.process_index, arguments.world_size),
    )


class _StepCallback(TrainerCallback):
    """Measures time, sets the epoch, checks images, and stops between the steps."""

    def __init__(self, trainer: ContrastiveTrainer, stop: Stop) -> None:
        self.trainer = trainer
        self.stop = stop

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.trainer.meter.restart()

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        epoch = int(state.epoch or 0)
        self.trainer.training.set_epoch(epoch)
        # The epoch does not reach the sampler below the wrapper in which several processes skip batches on resuming.
        others["train_dataloader"].set_epoch(epoch)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        trainer = self.trainer
        trainer.meter.step()
        if trainer.average is not None:
            trainer.average.update(trainer.network)
        trainer.prior_check.step(state.global_step, trainer.settings.optimization.batch_size)
        trainer.check_data()
        # Asking the other processes waits for their GPUs, so they are not asked at every step.
        due = args.world_size == 1 or state.global_step % _STOP_CHECK_STEPS == 0
        if due and self.stop.requested_anywhere(args.device):
            control.should_training_stop = control.should_save = True
        # A checkpoint ends a line of metrics, so that a resumed run writes the same lines.
        control.should_log = control.should_log or control.should_save or state.global_step >= state.max_steps
        if trainer.watch is not None and state.is_world_process_zero:
            trainer.watch(TrainingProgress(state.global_step, state.max_steps, {}))

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.trainer.meter.restart()
