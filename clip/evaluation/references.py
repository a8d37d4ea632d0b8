"""Reference classifiers beside a model: majority, regressions on pixels, and on a frozen pretrained tower.

    majority  the most frequent labels of the evaluated samples, for every image; for retrieval, that is chance
    pixels    regressions on 32 × 32 grey pixels
    probe     regressions on the features of a frozen image tower

The regressions are fitted to the training split: a logistic one for each task, and for retrieval a ridge regression to
the caption embeddings of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from udt.clip.data.dataset import BundleDataset
from udt.clip.data.rows import UsableRows
from udt.clip.evaluation.classification import Classification, classify, majority_scores
from udt.clip.evaluation.embed import ProgressReporter, embed_texts, map_images, no_progress
from udt.clip.evaluation.encoder import DualEncoder
from udt.clip.evaluation.features import PROBE_TOWER, ImageFeatures, grey_pixels, tower_features
from udt.clip.evaluation.logistic import LogisticRegression, Standardisation
from udt.clip.evaluation.measure import EvaluationOptions, Measures, graph_labels
from udt.clip.evaluation.retrieval import Retrieval, retrieve
from udt.clip.evaluation.ridge import RidgeRegression
from udt.clip.evaluation.samples import Samples
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.multi_hot import multi_hot

MAJORITY, PIXELS, PROBE = "majority", "pixels", "probe"


@dataclass(frozen=True, slots=True)
class ReferenceOptions:
    """Options of the references.

    :ivar split: of the bundle, that the regressions are fitted to; None for no regressions.
    :ivar probe: image tower of the probe, see `udt.clip.evaluation.features.tower_features`; None for no probe.
    :ivar samples: maximum number of samples to fit to, drawn with `seed`.
    """

    split: str | None = "train"
    probe: str | None = None
    samples: int = 2000
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The results of one reference on the samples of a model.

    :ivar name: `majority`, `pixels` or `probe`.
    :ivar detail: what it is, for readers.
    :ivar retrieval: None for majority.
    """

    name: str
    detail: str
    classification: Classification
    retrieval: Retrieval | None = None

    @property
    def calibrated(self) -> bool:
        """Whether its confidences are probabilities; those of majority are frequencies."""
        return self.name != MAJORITY


@dataclass(frozen=True, slots=True)
class References:
    """All references of a model.

    :ivar left_out: a sentence for each reference that could not be made.
    """

    found: tuple[Reference, ...]
    left_out: tuple[str, ...] = ()


def references(
    encoder: DualEncoder,
    measures: Measures,
    options: EvaluationOptions,
    chosen: ReferenceOptions,
    progress: ProgressReporter = no_progress,
) -> References:
    """Make the references for the samples of a model.

    :raises DataError: if the tower of the probe cannot be loaded.
    """
    samples = measures.samples
    scores = majority_scores(samples.labels, samples.bundle.vocabulary)
    common = classify(scores, samples.labels, samples.bundle.vocabulary, present=options.present)
    majority = Reference(MAJORITY, "the most frequent labels of these samples", common)
    if chosen.split is None:
        return References((majority,))
    sources = {PIXELS: grey_pixels()}
    if chosen.probe is not None:
        sources[PROBE] = tower_features(chosen.probe, encoder.device)
    try:
        fit = _Fit.of(encoder, measures, options, chosen, chosen.split, progress)
    except DataError as error:
        return References((majority,), (f"the regressions are left out: {error}",))
    without = () if PROBE in sources else (f"the probe is left out: give a pretrained tower, e.g. {PROBE_TOWER}",)
    return References((majority, *(fit.reference(name, source) for name, source in sources.items())), without)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Fits regressions to training samples, and scores them on those of a model.

    :ivar texts: (training samples, P) embeddings of their captions.
    """

    measures: Measures
    options: EvaluationOptions
    training: Samples
    texts: torch.Tensor
    split: str
    progress: ProgressReporter

    @classmethod
    def of(
        cls,
        encoder: DualEncoder,
        measures: Measures,
        options: EvaluationOptions,
        chosen: ReferenceOptions,
        split: str,
        progress: ProgressReporter,
    ) -> _Fit:
        """Choose the training samples.

        :raises DataError: if there are none, they are evaluated too, or none has a label in a task that is scored.
        """
        bundle = measures.samples.bundle
        rows = UsableRows.of(bundle, bundle.split(split)).rows
        if np.isin(rows, measures.samples.rows).any():
            raise DataError(f"the split '{split}' is evaluated, and they cannot be fitted to it")
        drawn = np.random.default_rng(chosen.seed).permutation(len(rows))[: chosen.samples]
        training = Samples.of(bundle, rows[np.sort(drawn)])
        for task in measures.classification.tasks:
            if not _truth(training, bundle.vocabulary, task.key).any():
                raise DataError(f"no sample of the split '{split}' has a label of {task.key}")
        labels = graph_labels(encoder, training, measures.graph)
        texts = embed_texts(encoder, training.captions, labels, batch_size=options.batch_size, progress=progress)
        return cls(measures, options, training, texts, split, progress)

    def reference(self, name: str, source: ImageFeatures) -> Reference:
        """Fit regressions to the features of one source, and score them."""
        samples, training = self.measures.samples, self.training
        vocabulary = samples.bundle.vocabulary
        known, rows = self._features(source, training)
        fitted = training.readable(known, ())
        standardise = Standardisation.of(rows)
        inputs, own = standardise(rows), standardise(self._features(source, samples)[1])
        scores = {
            task.key: LogisticRegression.fit(inputs, _truth(fitted, vocabulary, task.key), fitted.cases)(own)
            for task in self.progress(self.measures.classification.tasks, f"tasks of {name}")
        }
        ridge = RidgeRegression.fit(inputs, self.texts[known], fitted.cases)
        retrieval = retrieve(ridge(own), ridge.centred(self.measures.texts), samples.captions, samples.cases)
        classification = classify(scores, samples.labels, vocabulary, present=self.options.present)
        detail = f"regressions on {source.detail}, fitted to {len(fitted):,} samples of the split '{self.split}'"
        return Reference(name, detail, classification, retrieval)

    def _features(self, source: ImageFeatures, samples: Samples) -> tuple[list[int], NDArray[Any]]:
        """Return the indices of the samples whose image can be read, and their features."""
        dataset = BundleDataset(samples.bundle, samples.rows, source.image, image_root=self.options.image_root)
        found = map_images(
            source.call,
            dataset,
            batch_size=self.options.batch_size,
            workers=self.options.workers,
            progress=self.progress,
        )
        return found.indices.tolist(), found.rows.float().numpy()


def _truth(samples: Samples, vocabulary: Vocabulary, key: str) -> NDArray[np.bool_]:
    """Return whether each sample has each label of a dimension, (N, C)."""
    position = vocabulary.keys.index(key)
    ids: Sequence[Any] = [replace(sample, ids=(sample.ids[position],)) for sample in samples.labels]
    return multi_hot(ids, [len(vocabulary[key])])
