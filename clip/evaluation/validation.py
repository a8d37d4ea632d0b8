"""The metrics of evaluations during training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from udt.bundle.reader import Bundle
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure
from udt.clip.model.config import GraphSource
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor


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
) -> dict[str, float]:
    """Compute the main metrics of a model during training; see `udt.clip.evaluation.measure.Measures.headline`.

    Texts are embedded with their graphs if the model has a graph encoder. The model is evaluated in evaluation mode and
    without gradients; its mode is restored afterwards.

    :param graph: source of the graphs of captions.
    :param rows: of the bundle; those without image or caption are left out.
    :raises DataError: as `udt.clip.evaluation.measure.measure`.
    """
    options = EvaluationOptions(graph, batch_size=batch_size, workers=workers, image_root=image_root)
    training = model.training
    model.train(False)
    try:
        return measure(UltrasoundEncoder(model, processor), bundle, rows, options).headline()
    finally:
        model.train(training)
