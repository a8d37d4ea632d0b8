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
    from udt.clip.transfer.dataset import TransferChoices, read_transfer_set
    from udt.clip.transfer.layout import load_layout
    from udt.clip.transfer.transfer import TransferOptions, evaluate_transfer

__all__ = [
    "EvaluationOptions",
    "ImageTransform",
    "Objective",
    "TrainSettings",
    "TransferChoices",
    "TransferOptions",
    "UltrasoundClipConfig",
    "UltrasoundClipModel",
    "UltrasoundClipProcessor",
    "draw_phantom",
    "evaluate_model",
    "evaluate_transfer",
    "load_encoder",
    "load_layout",
    "phantom_caption",
    "read_transfer_set",
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
        "TransferChoices": "udt.clip.transfer.dataset",
        "TransferOptions": "udt.clip.transfer.transfer",
        "UltrasoundClipConfig": "udt.clip.model.config",
        "UltrasoundClipModel": "udt.clip.model.dual_encoder",
        "UltrasoundClipProcessor": "udt.clip.model.processor",
        "draw_phantom": "udt.clip.phantom.drawing",
        "evaluate_model": "udt.clip.evaluation.evaluation",
        "evaluate_transfer": "udt.clip.transfer.transfer",
        "load_encoder": "udt.clip.evaluation.load",
        "load_layout": "udt.clip.transfer.layout",
        "phantom_caption": "udt.clip.phantom.captions",
        "read_transfer_set": "udt.clip.transfer.dataset",
        "sample_phantom_labels": "udt.clip.phantom.sampling",
        "train": "udt.clip.training.training",
        "train_tokenizer": "udt.clip.model.tokenizer",
    },
)

prepare_on_first_use()
