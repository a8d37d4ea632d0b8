"""The metrics of evaluations during training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from udt.bundle.reader import Bundle
from udt.clip.data.features import FrozenFeatures
from udt.clip.data.rows import label_matrix
from udt.clip.evaluation.classification import is_degenerate
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure, recall_name
from udt.clip.model.config import GraphSource
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError


def validation_metrics(
    model: UltrasoundClipModel,
    processor: UltrasoundClipProcessor,
    bundle: Bundle,
    rows: Sequence[int] | NDArray[np.int64],
    *,
    graph: GraphSource = "text",
    batch_size: int = 64,
    workers: int = 0,
    image_root: Path | None = None,
    frozen: FrozenFeatures | None = None,
) -> dict[str, float]:
    """Compute the main metrics of a model during training; see `udt.clip.evaluation.measure.Measures.headline`.

    Texts are embedded with their graphs if the model has a graph encoder. The model is evaluated in evaluation mode and
    without gradients; its mode is restored afterwards.

    :param graph: source of the graphs of captions.
    :param rows: of the bundle; those without image or caption are left out.
    :param frozen: cached features of its frozen towers.
    :raises DataError: as `udt.clip.evaluation.measure.measure`.
    """
    frozen = frozen or FrozenFeatures()
    options = EvaluationOptions(
        graph, batch_size=batch_size, workers=workers, image_root=image_root, features=frozen.images
    )
    training = model.training
    model.train(False)
    try:
        return measure(UltrasoundEncoder(model, processor, features=frozen.texts), bundle, rows, options).headline()
    finally:
        model.train(training)


def check_metric(bundle: Bundle, rows: ArrayLike, name: str) -> None:
    """Check that a metric can choose the best model on some rows of a bundle.

    :raises DataError: if it is a mean over tasks, but in each task one label is right for all rows.
    """
    if not name.startswith("mean_"):
        return
    ends = np.cumsum([len(dimension) for dimension in bundle.vocabulary.dimensions])
    truths = np.split(label_matrix(bundle)[np.asarray(rows)], ends[:-1], axis=1)
    if all(map(is_degenerate, truths)):
        raise DataError(
            f"{bundle.path}: evaluation.metric is '{name}', a mean over the tasks of which no label is right for the "
            "whole validation split, but there is none; choose another split, or a metric of retrieval, e.g. "
            f"{recall_name('caption', 'image_to_text', 10)}"
        )
