"""The dual encoder: model, objective, training, evaluation and phantoms; a bundle is all that it reads.

The names below are the public API; each is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udt.core.lazy import lazy_exports
from udt.core.torchvision_import import prepare_on_first_use

if TYPE_CHECKING:
    from udt.clip.evaluation.evaluation import evaluate_model
    from udt.clip.evaluation.load import load_encoder
    from udt.clip.evaluation.measure import EvaluationOptions
    from udt.clip.loss.objective import Objective
    from udt.clip.model.config import UltrasoundClipConfig
    from udt.clip.model.dual_encoder import UltrasoundClipModel
    from udt.clip.model.images import ImageTransform
    from udt.clip.model.processor import UltrasoundClipProcessor
    from udt.clip.model.tokenizer import train_tokenizer
    from udt.clip.phantom.captions import phantom_caption
    from udt.clip.phantom.drawing import draw_phantom
    from udt.clip.phantom.sampling import sample_phantom_labels
    from udt.clip.settings.settings import TrainSettings
    from udt.clip.training.training import train

__all__ = [
    "EvaluationOptions",
    "ImageTransform",
    "Objective",
    "TrainSettings",
    "UltrasoundClipConfig",
    "UltrasoundClipModel",
    "UltrasoundClipProcessor",
    "draw_phantom",
    "evaluate_model",
    "load_encoder",
    "phantom_caption",
    "sample_phantom_labels",
    "train",
    "train_tokenizer",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "EvaluationOptions": "udt.clip.evaluation.measure",
        "ImageTransform": "udt.clip.model.images",
        "Objective": "udt.clip.loss.objective",
        "TrainSettings": "udt.clip.settings.settings",
        "UltrasoundClipConfig": "udt.clip.model.config",
        "UltrasoundClipModel": "udt.clip.model.dual_encoder",
        "UltrasoundClipProcessor": "udt.clip.model.processor",
        "draw_phantom": "udt.clip.phantom.drawing",
        "evaluate_model": "udt.clip.evaluation.evaluation",
        "load_encoder": "udt.clip.evaluation.load",
        "phantom_caption": "udt.clip.phantom.captions",
        "sample_phantom_labels": "udt.clip.phantom.sampling",
        "train": "udt.clip.training.training",
        "train_tokenizer": "udt.clip.model.tokenizer",
    },
)

prepare_on_first_use()
