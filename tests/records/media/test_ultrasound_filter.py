from __future__ import annotations

import json
from collections import Counter
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from tests.locations import BENCHMARKS
from tests.records.media.media_files import CAPTURE, US_CLIP, US_STILL, phantom
from udt.core.errors import DataError
from udt.records.database.curation_models import MediaState
from udt.records.media.features import picture_features
from udt.records.media.opened import DicomKind
from udt.records.media.ultrasound_filter import PictureClassifier, picture_decision, stated_decision

pytest.importorskip("scipy", reason="SciPy is in the extra [media]")

CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture
def not_ultrasound(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that draws pictures that are not ultrasound; with another seed than that of the training."""
    pytest.importorskip("matplotlib", reason="charts need the extra [plot]")
    monkeypatch.syspath_prepend(BENCHMARKS)
    import not_ultrasound

    return not_ultrasound


@pytest.mark.parametrize("kind", ["CT", "MR", "radiograph", "drawn photo", "chart", "diagram", "page", "microscopy"])
def test_what_is_drawn_is_not_taken(not_ultrasound: ModuleType, kind: str) -> None:
    rng = np.random.default_rng(77)
    states = Counter(picture_decision([not_ultrasound.KINDS[kind](rng)]).state for _ in range(12))
    assert states[MediaState.TAKEN] == 0
    assert states[MediaState.LEFT_OUT] >= 6


def test_sectors_of_phantoms_are_not_left_out() -> None:
    states = Counter(picture_decision([phantom(seed)]).state for seed in range(12))
    assert states[MediaState.LEFT_OUT] == 0
    assert states[MediaState.TAKEN] >= 4


def test_the_score_does_not_depend_on_the_size_of_the_picture() -> None:
    large = phantom(1).resize((960, 720), Image.Resampling.BICUBIC)
    classifier = PictureClassifier.load()
    assert classifier.score(large) == pytest.approx(classifier.score(phantom(1)), abs=0.25)


def test_a_clip_is_decided_by_the_median_of_its_pictures() -> None:
    classifier = PictureClassifier.load()
    pictures = [phantom(1), Image.new("RGB", (320, 240), "white"), phantom(4)]
    assert picture_decision(pictures).score == round(sorted(map(classifier.score, pictures))[1], 4)
    with pytest.raises(DataError, match="no picture"):
        picture_decision([])


def test_the_score_is_that_of_a_logistic_regression() -> None:
    """Computed again with NumPy from the file of the weights."""
    weights = json.loads((BENCHMARKS.parent / "udt/records/media/ultrasound_filter.json").read_text("utf-8"))
    found = picture_features(phantom(3))
    assert list(found) == list(weights["features"])
    mean, scale, weight = (
        np.array([one[key] for one in weights["features"].values()]) for key in ("mean", "scale", "weight")
    )
    standard = np.clip((np.array(list(found.values())) - mean) / scale, -weights["clipped"], weights["clipped"])
    expected = 1 / (1 + np.exp(-(standard @ weight + weights["intercept"])))
    assert PictureClassifier.load().score(phantom(3)) == pytest.approx(expected)


def test_scores_between_the_thresholds_are_doubtful() -> None:
    classifier = PictureClassifier.load()
    assert 0 < classifier.left_out < classifier.taken < 1
    states = [
        classifier.state(score) for score in (0, classifier.left_out, classifier.taken - 1e-6, classifier.taken, 1)
    ]
    left, doubtful, taken = MediaState.LEFT_OUT, MediaState.DOUBTFUL, MediaState.TAKEN
    assert states == [left, doubtful, doubtful, taken, taken]


def test_features_of_an_even_picture_are_numbers() -> None:
    for shade in (0, 128, 255):
        assert all(np.isfinite(value) for value in picture_features(Image.new("RGB", (40, 30), (shade,) * 3)).values())


@pytest.mark.parametrize(
    ("modality", "sop_class", "state"),
    [
        ("US", US_STILL, MediaState.TAKEN),
        ("IVUS", "", MediaState.TAKEN),
        ("", US_CLIP, MediaState.TAKEN),
        ("CT", CT, MediaState.LEFT_OUT),
        ("MR", "", MediaState.LEFT_OUT),
        ("US", CAPTURE, None),
        ("OT", CAPTURE, None),
        ("", "", None),
    ],
)
def test_statements_of_dicom(modality: str, sop_class: str, state: MediaState | None) -> None:
    found = stated_decision(DicomKind(modality, sop_class))
    assert (found and found.state) == state
    assert found is None or found.reason == (
        None if state is MediaState.TAKEN else f"not ultrasound (modality {modality})"
    )
