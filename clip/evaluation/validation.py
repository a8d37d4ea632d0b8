"""The metrics of evaluations during training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from udt.bundle.reader import Bundle
from udt.clip.data.features import FrozenFeatures
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure, recall_name
from udt.clip.evaluation.shard import WHOLE, Shard
from udt.clip.model.config import GraphSource
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError

_FEWEST_LABELS = 2


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
    shard: Shard = WHOLE,
) -> dict[str, float]:
    """Compute the main metrics of a model during training; see `udt.clip.evaluation.measure.Measures.headline`.

    Texts are embedded with their graphs if the model has a graph encoder. The model is evaluated in evaluation mode and
    without gradients; its mode is restored afterwards.

    :param graph: source of the graphs of captions.
    :param rows: of the bundle; those without image or caption are left out.
    :param frozen: cached features of its frozen towers.
    :param shard: the samples that this process embeds; the metrics are of those of all processes.
    :raises DataError: as `udt.clip.evaluation.measure.measure`.
    """
    frozen = frozen or FrozenFeatures()
    options = EvaluationOptions(
        graph, batch_size=batch_size, workers=workers, image_root=image_root, features=frozen.images,
        shard=shard,
    )  # fmt: skip
    training = model.training
    model.train(False)
    try:
        return measure(UltrasoundEncoder(model, processor, features=frozen.texts), bundle, rows, options).headline()
    finally:
        model.train(training)


def check_metric(bundle: Bundle, rows: ArrayLike, name: str) -> None:
    """Check that a metric can choose the best model on some rows of a bundle.

    :raises DataError: if it is a mean over tasks, but the rows have fewer than two labels of each task.
    """
    ids = (bundle.labels(key) for key in bundle.vocabulary.keys)
    counts = [len({label for row in np.asarray(rows).tolist() for label in found[row].tolist()}) for found in ids]
    if name.startswith("mean_") and max(counts) < _FEWEST_LABELS:
        raise DataError(
            f"{bundle.path}: evaluation.metric is '{name}', a mean over the tasks of which the validation split has "
            "two labels or more, but there is none; choose another split, or a metric of retrieval, e.g. "
            f"{recall_name('caption', 'image_to_text', 10)}"
        )
