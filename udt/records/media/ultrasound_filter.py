"""The filter of media that are not ultrasound: by the statements of DICOM, else by a classifier of pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any, NamedTuple

from PIL import Image

from udt.core.errors import DataError
from udt.core.texts import abridged
from udt.core.toml_files import read_toml
from udt.records.database.curation_models import MediaState
from udt.records.media.features import picture_features
from udt.records.media.opened import DicomKind

_HERE = files("udt.records.media")


class FilterDecision(NamedTuple):
    """The decision about one media file.

    :ivar score: of the classifier, from 0 to 1; None if the file itself states its modality.
    :ivar reason: None if it is taken.
    """

    state: MediaState
    score: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PictureClassifier:
    """A logistic regression on the features of a picture.

    :ivar terms: name of a feature to its mean, its scale and its weight.
    :ivar taken: least score of a picture that is taken.
    :ivar left_out: score below which a picture is left out; those between are doubtful.
    """

    terms: Mapping[str, tuple[float, float, float]]
    intercept: float
    clipped: float
    taken: float
    left_out: float

    @classmethod
    @cache
    def load(cls) -> PictureClassifier:
        """Return the classifier of this package."""
        return cls.of(json.loads((_HERE / "ultrasound_filter.json").read_text("utf-8")))

    @classmethod
    def of(cls, weights: Mapping[str, Any]) -> PictureClassifier:
        """Return the classifier with the weights of a file as `benchmarks/ultrasound_filter.py` writes it."""
        terms = {name: (one["mean"], one["scale"], one["weight"]) for name, one in weights["features"].items()}
        return cls(terms, weights["intercept"], weights["clipped"], weights["taken"], weights["left_out"])

    def score(self, image: Image.Image) -> float:
        """Return the probability that a picture is ultrasound, among the pictures of the training."""
        found, total = picture_features(image), self.intercept
        for name, (mean, scale, weight) in self.terms.items():
            total += weight * min(self.clipped, max(-self.clipped, (found[name] - mean) / scale))
        return 1 / (1 + math.exp(-total))

    def state(self, score: float) -> MediaState:
        """Return the state of a picture with this score."""
        if score >= self.taken:
            return MediaState.TAKEN
        return MediaState.DOUBTFUL if score >= self.left_out else MediaState.LEFT_OUT


@dataclass(frozen=True, slots=True)
class StatedKinds:
    """Modalities and SOP classes of DICOM that decide.

    :ivar modalities: values of Modality that are ultrasound.
    :ivar sop_classes: SOP classes that are ultrasound.
    :ivar captures: SOP classes of captured screens, which may show anything.
    :ivar open_modalities: values of Modality that decide nothing.
    """

    modalities: frozenset[str]
    sop_classes: frozenset[str]
    captures: frozenset[str]
    open_modalities: frozenset[str]

    @classmethod
    @cache
    def load(cls) -> StatedKinds:
        """Return the lists of this package."""
        lists = read_toml(_HERE / "dicom_kinds.toml")
        names = ("modalities", "sop_classes", "captures", "open_modalities")
        return cls(*(frozenset(lists[name]) for name in names))

    def is_ultrasound(self, stated: DicomKind) -> bool | None:
        """Return whether a DICOM file states that it is ultrasound; None if it does not decide."""
        if stated.sop_class in self.captures:
            return None
        if stated.modality in self.modalities or stated.sop_class in self.sop_classes:
            return True
        return None if stated.modality in self.open_modalities else False


def stated_decision(stated: DicomKind | None) -> FilterDecision | None:
    """Return the decision by the statements of a DICOM file; None if its pictures have to decide."""
    ultrasound = None if stated is None else StatedKinds.load().is_ultrasound(stated)
    if stated is None or ultrasound is None:
        return None
    if ultrasound:
        return FilterDecision(MediaState.TAKEN, None, None)
    return FilterDecision(MediaState.LEFT_OUT, None, f"not ultrasound (modality {abridged(stated.modality)})")


def picture_decision(pictures: Sequence[Image.Image]) -> FilterDecision:
    """Decide about a media file by the median score of some of its pictures.

    :raises DataError: if there is none, or SciPy is not installed.
    """
    if not pictures:
        raise DataError("there is no picture to decide by; give a file with a frame")
    classifier = PictureClassifier.load()
    score = median(classifier.score(picture) for picture in pictures)
    state = classifier.state(score)
    reasons = {
        MediaState.DOUBTFUL: "doubtful whether it is ultrasound",
        MediaState.LEFT_OUT: "not ultrasound (picture)",
    }
    return FilterDecision(state, round(score, 4), reasons.get(state))
