"""The few numbers that a training is followed by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from udt.bundle.reader import Bundle
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor


def validation_metrics(
    model: UltrasoundClipModel,
    processor: UltrasoundClipProcessor,
    bundle: Bundle,
    rows: Sequence[int] | NDArray[np.int64],
    *,
    batch_size: int = 64,
    workers: int = 0,
    image_root: Path | None = None,
) -> dict[str, float]:
    """Return `accuracy`, `macro_recall` (means over the dimensions), `image_to_text_recall_at_1` …, each in [0, 1].

    Texts are embedded with their graphs if the model has a graph encoder. The model is in evaluation mode meanwhile,
    without gradients, and afterwards in its former mode.

    :param rows: rows of the bundle; those without image or caption are left out.
    :raises DataError: as `udt.clip.evaluation.measure.measure`.
    """
    options = EvaluationOptions(batch_size=batch_size, workers=workers, image_root=image_root)
    training = model.training
    model.train(False)
    try:
        return measure(UltrasoundEncoder(model, processor), bundle, rows, options).headline()
    finally:
        model.train(training)
