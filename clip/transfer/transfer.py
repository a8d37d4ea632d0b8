"""Transfer of an encoder to a data set, in one of four modes, beside simple classifiers on the same images.

    zero-shot     the class whose prompts are closest
    linear-probe  logistic regression on frozen features of images (`udt.clip.transfer.linear_probe`)
    few-shot      the same, fitted to 1, 2, 4 … images for each class
    fine-tune     the image tower trained with a linear head (`udt.clip.transfer.fine_tuning`)

The classifiers beside it: `majority`, always the most frequent class of the training part; `pixels` and `probe`, linear
probes on grey pixels and on the features of a frozen pretrained tower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from udt.clip.evaluation.bootstrap import REPLICATES, Resamples
from udt.clip.evaluation.embed import ProgressReporter, no_progress
from udt.clip.evaluation.encoder import DualEncoder, UltrasoundEncoder
from udt.clip.evaluation.features import PROBE_TOWER, grey_pixels, tower_features
from udt.clip.evaluation.references import MAJORITY, PIXELS, PROBE
from udt.clip.model.images import ImageTransform
from udt.clip.transfer.dataset import TransferImages, TransferSet
from udt.clip.transfer.encoder import FeatureKind, ImageBackbone, image_backbone, image_tower_name, is_untrained_pair
from udt.clip.transfer.fine_tuning import FineTuning, fine_tune
from udt.clip.transfer.linear_probe import LinearProbe
from udt.clip.transfer.partition import Partition, SplitPlan
from udt.clip.transfer.scoring import SeedMean, confusion_counts, seed_means
from udt.clip.transfer.shots import SHOTS, VALIDATED, draw_shots, most_shots
from udt.clip.transfer.zero_shot import PromptGraph, class_embeddings, prompt_graph, zero_shot_scores
from udt.core.errors import DataError

Mode = Literal["zero-shot", "linear-probe", "few-shot", "fine-tune"]

MODEL = "model"

_SEEDS: Mapping[Mode, int] = {"zero-shot": 5, "linear-probe": 5, "few-shot": 5, "fine-tune": 3}

Scores = NDArray[np.float64]
FeatureMemory = dict[tuple[str, tuple[str, ...]], NDArray[np.float32]]
"""Features (N, D) of the images of a data set, by their description and the names of the images."""

Method = Callable[[Partition, int], tuple[Scores, Mapping[str, Any]]]
"""Fits to the parts for training and validation, with a seed; returns (T, C) scores of the test part, and settings."""


@dataclass(frozen=True, slots=True)
class TransferOptions:
    """Options of a transfer.

    :ivar split: `own`, or an official split of the layout; empty for that which the layout takes by default.
    :ivar fold: the fold to test; empty for all folds, one after the other.
    :ivar seeds: number of seeds; None for 5, and 3 in the mode `fine-tune`.
    :ivar seed: the first of them, and that of the test part and of the bootstrap.
    :ivar features: that the linear probe sees, see `udt.clip.transfer.encoder.image_backbone`.
    :ivar graph: source of the graphs of prompts, for a model with graphs: the labels that they name, or none.
    :ivar shots: images for each class; None for those of 1, 2, 4, 8 and 16 that the training part has.
    :ivar references: whether the classifiers beside the model are made.
    :ivar probe: the tower of the reference `probe`, see `udt.clip.evaluation.features.tower_features`; None for none.
    :ivar workers: processes that read images; 0 for this process.
    :ivar replicates: number of bootstrap resamples.
    """

    split: str = ""
    fold: str = ""
    seeds: int | None = None
    seed: int = 0
    features: FeatureKind | None = None
    graph: PromptGraph = "text"
    shots: tuple[int, ...] | None = None
    references: bool = True
    probe: str | None = None
    fine_tuning: FineTuning = field(default_factory=FineTuning)
    batch_size: int = 64
    workers: int = 0
    replicates: int = REPLICATES


@dataclass(frozen=True, slots=True, eq=False)
class TransferEntry:
    """The results of one classifier.

    :ivar name: `model`, `majority`, `pixels` or `probe`.
    :ivar detail: a description for readers.
    :ivar shots: images for each class that it was fitted to; 0 for zero-shot, None for all of the training part.
    :ivar seeds: the seeds; one if the classifier does not depend on it.
    :ivar fits: for each seed, the settings that were chosen in each round.
    :ivar measures: by name, see `udt.clip.transfer.scoring`.
    :ivar confusion: (C, C) images of each class (rows) with each prediction, averaged over seeds.
    """

    name: str
    detail: str
    shots: int | None
    seeds: tuple[int, ...]
    fits: tuple[tuple[Mapping[str, Any], ...], ...]
    measures: Mapping[str, SeedMean]
    confusion: Scores


@dataclass(frozen=True, slots=True, eq=False)
class TransferResult:
    """The results of a transfer.

    :ivar graph: source of the graphs of prompts.
    :ivar entries: the model first, then the classifiers beside it.
    :ivar notes: sentences for readers.
    :ivar warnings: sentences on what makes the scores doubtful.
    """

    model: str
    kind: str
    graph: PromptGraph
    mode: Mode
    data: TransferSet
    plan: SplitPlan
    options: TransferOptions
    resamples: Resamples
    entries: tuple[TransferEntry, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def own(self) -> tuple[TransferEntry, ...]:
        """The entries of the model: several in the mode `few-shot`."""
        return tuple(one for one in self.entries if one.name == MODEL)


def evaluate_transfer(
    encoder: DualEncoder,
    data: TransferSet,
    mode: Mode,
    options: TransferOptions | None = None,
    progress: ProgressReporter = no_progress,
    memory: FeatureMemory | None = None,
) -> TransferResult:
    """Fit classifiers on an encoder to a data set, and measure them on the test part.

    :param memory: holds the features of images for further transfers of the same encoder.
    :raises DataError: if there is no such split or tower, a class has too few images, or the encoder is broken.
    """
    memory = {} if memory is None else memory
    return _Transfer(encoder, data, mode, options or TransferOptions(), progress, memory).run()


class _Transfer:
    """A transfer; features of images are computed once, when they are needed."""

    def __init__(
        self,
        encoder: DualEncoder,
        data: TransferSet,
        mode: Mode,
        options: TransferOptions,
        progress: ProgressReporter,
        memory: FeatureMemory,
    ) -> None:
        self.encoder, self.data, self.mode, self.options = encoder, data, mode, options
        self.progress, self.memory = progress, memory
        self.plan = SplitPlan.of(data, options.split, options.fold, options.seed)
        self.seeds = tuple(range(options.seed, options.seed + (options.seeds or _SEEDS[mode])))
        groups = data.groups[self.plan.tested]
        self.resamples = Resamples([str(group) for group in groups.tolist()], options.replicates, options.seed)
        self.notes: list[str] = []

    def run(self) -> TransferResult:
        entries = (*self._model_entries(), *self._references())
        return TransferResult(
            self.encoder.name,
            self.encoder.kind,
            prompt_graph(self.encoder, self.options.graph),
            self.mode,
            self.data,
            self.plan,
            self.options,
            self.resamples,
            entries,
            tuple(self.notes),
            tuple(self._warnings()),
        )

    def _model_entries(self) -> Iterator[TransferEntry]:
        if self.mode in ("zero-shot", "few-shot"):
            yield self._zero_shot()
        if self.mode == "linear-probe":
            yield self._probe_entry(MODEL, self.backbone.detail, self.features)
        elif self.mode == "few-shot":
            yield from self._few_shot(MODEL, self.backbone.detail, self.features)
        elif self.mode == "fine-tune":
            yield self._entry(MODEL, "the image tower, trained with a linear head", self._fine_tuned)

    def _references(self) -> Iterator[TransferEntry]:
        if not self.options.references:
            return
        yield self._entry(MAJORITY, "the most frequent class of the training part", self._majority, seeds=1)
        probe = self.options.probe
        sources = {PIXELS: grey_pixels()}
        if probe is None:
            self.notes.append(f"the probe is left out: give a pretrained tower, e.g. {PROBE_TOWER}")
        elif probe == image_tower_name(self.encoder.name) and self.mode != "fine-tune":
            self.notes.append(f"the probe is left out: {probe} is the image tower of the model, and is not trained")
        else:
            sources[PROBE] = tower_features(probe, self.encoder.device)
        for name, source in sources.items():
            rows = self._mapped(source.detail, source.call, source.image)
            if self.mode == "few-shot":
                yield from self._few_shot(name, source.detail, rows)
            else:
                yield self._probe_entry(name, source.detail, rows)

    @cached_property
    def backbone(self) -> ImageBackbone:
        """The image half of the encoder."""
        return image_backbone(self.encoder, self.options.features)

    @cached_property
    def features(self) -> NDArray[np.float32]:
        """Features of all images, (N, D)."""
        return self._mapped(self.backbone.detail, self.backbone.call, self.backbone.image)

    @cached_property
    def shots(self) -> tuple[int, ...]:
        """The images for each class: those that were asked for, or those of the default that there are."""
        name, most = min(
            (most_shots(self.data, one.train) for seed in self.seeds for one in self.plan.partitions(seed)),
            key=lambda found: found[1],
        )
        if self.options.shots is not None:
            return self.options.shots
        found = tuple(count for count in SHOTS if count <= most)
        if found != SHOTS:
            left = ", ".join(str(count) for count in SHOTS if count > most)
            self.notes.append(
                f"{left} images for each class are left out: the class '{name}' has {most} for training that are of "
                "different cases and no near-duplicates"
            )
        return found

    def _zero_shot(self) -> TransferEntry:
        classes = class_embeddings(self.encoder, self.data, self.options.graph)
        scores = zero_shot_scores(self._embeddings(), classes, self.encoder.logit_scale)
        count = len(self.data.layout.prompts)
        detail = f"zero-shot, {count} prompt{'s' if count > 1 else ''} for each class"
        return self._entry(MODEL, detail, lambda part, seed: (scores[part.test], {}), shots=0, seeds=1)

    @torch.no_grad()
    def _embeddings(self) -> NDArray[np.float32]:
        """Embed all images, (N, P): of a model of our own from the features of its tower, which a probe needs too."""
        backbone = image_backbone(self.encoder)
        rows = self._mapped(backbone.detail, backbone.call, backbone.image)
        if isinstance(self.encoder, UltrasoundEncoder):
            rows = self.encoder.embed_images(torch.from_numpy(rows)).float().cpu().numpy()
        return rows

    def _probe_entry(self, name: str, detail: str, features: NDArray[np.float32]) -> TransferEntry:
        fixed = not self.plan.draws_validation
        if fixed and name == MODEL:
            self.notes.append("the split fixes training and validation, on which a linear probe depends alone: one fit")
        method = partial(self._probed, features=features)
        return self._entry(name, f"linear probe on {detail}", method, seeds=1 if fixed else None)

    def _few_shot(self, name: str, detail: str, features: NDArray[np.float32]) -> Iterator[TransferEntry]:
        for shots in self.shots:
            method = partial(self._probed, features=features, shots=shots)
            yield self._entry(name, f"linear probe on {detail}", method, shots=shots)

    def _probed(
        self, partition: Partition, seed: int, features: NDArray[np.float32], shots: int | None = None
    ) -> tuple[Scores, Mapping[str, Any]]:
        train, valid = partition.train, partition.valid
        if shots is not None:
            train = draw_shots(self.data, train, shots, seed)
            most = most_shots(self.data, valid)[1]
            valid = draw_shots(self.data, valid, min(shots, VALIDATED, most), seed)
        probe = LinearProbe.fit(features, self.data.labels, train, valid)
        return probe(features[partition.test]), {"penalty": probe.penalty, "path": list(probe.losses)}

    def _fine_tuned(self, partition: Partition, seed: int) -> tuple[Scores, Mapping[str, Any]]:
        settings = self.options.fine_tuning
        found = fine_tune(self.backbone, self.data, partition, settings, seed, self.options.workers)
        return found.scores, {"epoch": found.best_epoch, "path": list(found.losses)}

    def _majority(self, partition: Partition, seed: int) -> tuple[Scores, Mapping[str, Any]]:
        counts = np.array(self.data.counts(partition.train), dtype=np.float64)
        return np.tile(np.log(counts / counts.sum()), (len(partition.test), 1)), {}

    def _entry(
        self, name: str, detail: str, method: Method, shots: int | None = None, seeds: int | None = None
    ) -> TransferEntry:
        """Fit and measure a classifier.

        :param seeds: number of seeds, if it is not that of the transfer.
        """
        scores, fits = [], []
        used = self.seeds[:seeds]
        for seed in self.progress(used, f"seeds of {name}" if shots is None else f"seeds of {name}, {shots} shots"):
            rounds = [method(partition, seed) for partition in self.plan.partitions(seed)]
            scores.append(np.concatenate([found for found, _ in rounds]))
            fits.append(tuple(settings for _, settings in rounds))
        truth = self.data.labels[self.plan.tested]
        measures = seed_means(scores, truth, self.resamples)
        return TransferEntry(name, detail, shots, used, tuple(fits), measures, confusion_counts(scores, truth))

    @torch.no_grad()
    def _mapped(
        self, detail: str, call: Callable[[torch.Tensor], torch.Tensor], image: ImageTransform
    ) -> NDArray[np.float32]:
        """Call a function with all images, a batch at a time; (N, D).

        :param detail: the description of the function, by which the result is remembered.
        :raises DataError: if a value is not finite.
        """
        if (known := self.memory.get((detail, self.data.names))) is not None:
            return known
        images = TransferImages(self.data, np.arange(len(self.data)), image)
        loader = DataLoader(images, self.options.batch_size, num_workers=self.options.workers)
        found = torch.cat([call(pixels).float().cpu() for pixels in self.progress(loader, "batches of images")])
        if not torch.isfinite(found).all():
            raise DataError("the features of images are not finite: the encoder is broken; train it again, or in fp32")
        rows: NDArray[np.float32] = found.numpy()
        self.memory[detail, self.data.names] = rows
        return rows

    def _warnings(self) -> Iterator[str]:
        groups, images = self.plan.crossing()
        if groups:
            yield (
                f"the official split '{self.plan.name}' divides {groups:,} groups of near-duplicates or of a case: "
                f"{images:,} of {len(self.plan.tested):,} test images have one for training or validation; --split own "
                "keeps them together"
            )
        if is_untrained_pair(self.encoder.name) and self.mode in ("zero-shot", "few-shot"):
            yield "the projections of a pair of towers are not trained, so that zero-shot is chance"
