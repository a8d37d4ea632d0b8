"""Hard negative texts: exactly one attribute differs, and the label that takes its place is the nearest one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from udt.bundle.reader import Bundle
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import LoadedSample
from udt.clip.data.negatives import HardNegatives, NegativeKinds, TextNegative
from udt.clip.data.prompts import prompts
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.normalize.normalizer import Normalizer
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.similarity.multi_hot import multi_hot
from udt.taxonomy.model.taxonomy import Taxonomy

CAPTION = "Thyroid gland: a well-defined, oval hypoechoic nodule with septations."
LABELS = {
    "body_system": ["Head and Neck"],
    "organ": ["Thyroid gland"],
    "diagnosis": ["nodule"],
    "shape": ["oval"],
    "margins": ["well-defined"],
    "echogenicity": ["hypoechoic"],
    "internal_characteristics": ["septations"],
}


@pytest.fixture(scope="module")
def similarity(taxonomy: Taxonomy) -> SimilaritySet:
    return taxonomy_similarity(taxonomy)


def hot(labels: Mapping[str, list[str]], vocabulary: Vocabulary) -> np.ndarray:
    sizes = [len(dimension) for dimension in vocabulary.dimensions]
    return multi_hot([LabelSet.of(labels, vocabulary)], sizes)[0].astype(bool)


def names(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Return the dimension and the label of each column."""
    return [(dimension.key, label) for dimension in vocabulary.dimensions for label in dimension.labels]


def draw_all(
    vocabulary: Vocabulary,
    similarity: SimilaritySet,
    text: str,
    labels: Mapping[str, list[str]],
    prompt_labels: Mapping[str, list[str]] | None = None,
    kinds: NegativeKinds = "both",
    seed: int = 0,
) -> tuple[TextNegative, ...]:
    rows = hot(labels, vocabulary), hot(prompt_labels or {}, vocabulary)
    return HardNegatives(vocabulary, similarity, 50, kinds).draw(text, *rows, np.random.default_rng(seed))


def test_a_changed_caption_differs_in_exactly_one_attribute(vocabulary: Vocabulary, similarity: SimilaritySet) -> None:
    """Read by the normaliser, the other dimensions are as before; the body system follows the organ."""
    normalizer = Normalizer()

    def read(text: str) -> dict[str, set[str]]:
        return {key: set(found) for key, found in normalizer.normalize(text).labels.items() if found}

    before, columns = read(CAPTION), names(vocabulary)
    for key in ("organ", "diagnosis", "shape", "margins", "echogenicity", "internal_characteristics"):
        assert before[key] == set(LABELS[key])
    found = draw_all(vocabulary, similarity, CAPTION, LABELS, kinds="near")
    assert {columns[one.removed][0] for one in found} == set(LABELS) - {"body_system"}
    for one in found:
        assert one.added is not None
        (key, old), (other_key, new) = columns[one.removed], columns[one.added]
        assert key == other_key and new not in LABELS[key] and old in LABELS[key]
        after = read(one.text)
        differing = {name for name in {**before, **after} if before.get(name) != after.get(name)}
        assert differing == {key} and after[key] == {new}


def test_a_denied_caption_lacks_exactly_one_attribute(vocabulary: Vocabulary, similarity: SimilaritySet) -> None:
    found = {one.removed: one.text for one in draw_all(vocabulary, similarity, CAPTION, LABELS, kinds="denied")}
    texts = {names(vocabulary)[column]: text for column, text in found.items()}
    assert texts == {
        ("margins", "well-defined"): "Thyroid gland: no well-defined, oval hypoechoic nodule with septations.",
        ("shape", "oval"): "Thyroid gland: a well-defined, no oval hypoechoic nodule with septations.",
        ("internal_characteristics", "septations"): (
            "Thyroid gland: a well-defined, oval hypoechoic nodule with no septations."
        ),
    }
    assert all(one.added is None for one in draw_all(vocabulary, similarity, CAPTION, LABELS, kinds="denied"))


@pytest.mark.parametrize("seed", range(4))
def test_the_new_label_is_the_nearest_one_that_the_sample_lacks(
    vocabulary: Vocabulary, similarity: SimilaritySet, seed: int
) -> None:
    labels = {"organ": ["Liver"], "echogenicity": ["anechoic"], "shape": ["round", "oval"]}
    text = "Liver with an anechoic, round and oval lesion."
    columns = names(vocabulary)
    found = draw_all(vocabulary, similarity, text, labels, kinds="near", seed=seed)
    assert len(found) == 4
    for one in found:
        assert one.added is not None
        (key, old), (_, new) = columns[one.removed], columns[one.added]
        dimension, matrix = vocabulary[key], similarity[key]
        allowed = [label for label in dimension.labels if label not in labels[key]]
        if key == "organ":
            system = dimension.parents[dimension.id("Liver")]
            allowed = [label for label in allowed if dimension.parents[dimension.id(label)] == system]
        nearest = max(matrix[dimension.id(old), dimension.id(label)] for label in allowed)
        assert new in allowed and matrix[dimension.id(old), dimension.id(new)] == pytest.approx(nearest)
        if key == "echogenicity":
            assert new == "hypoechoic" and one.text == "Liver with a hypoechoic, round and oval lesion."


def test_prompts_are_exchanged_as_a_whole(vocabulary: Vocabulary, similarity: SimilaritySet) -> None:
    labels = {"echogenicity": ["anechoic"], "posterior_acoustics": ["enhancement"], "organ": ["Liver"]}
    chosen = {key: labels[key] for key in ("echogenicity", "posterior_acoustics")}
    own = [prompts(vocabulary)[column] for column in np.flatnonzero(hot(chosen, vocabulary))]
    found = draw_all(vocabulary, similarity, ", ".join(own), labels, chosen)
    assert sorted(one.text for one in found) == sorted(
        [
            f"a hypoechoic lesion in an ultrasound image, {own[1]}",
            f"no anechoic lesion in an ultrasound image, {own[1]}",
            f"{own[0]}, a lesion with posterior acoustic shadowing in an ultrasound image",
            f"{own[0]}, no lesion with posterior acoustic enhancement in an ultrasound image",
        ]
    )


def test_graphs_follow_the_text(vocabulary: Vocabulary, similarity: SimilaritySet) -> None:
    labels, columns = hot(LABELS, vocabulary), names(vocabulary)
    for one in draw_all(vocabulary, similarity, CAPTION, LABELS):
        changed = one.labels(labels)
        differing = {columns[column] for column in np.flatnonzero(changed != labels)}
        assert differing == {columns[column] for column in (one.removed, one.added) if column is not None}
        without = labels.copy()
        without[one.removed] = False
        assert (one.labels(without) == without).all()


@pytest.mark.parametrize(
    ("text", "labels", "denied"),
    [
        ("Cyst of the liver.", {"diagnosis": ["cyst"]}, "No cyst of the liver."),
        ("A cyst of the liver.", {"diagnosis": ["cyst"]}, "No cyst of the liver."),
        ("Liver (mass).", {"diagnosis": ["mass"]}, "Liver (no mass)."),
        ("Posterior acoustic shadowing.", {"posterior_acoustics": ["shadowing"]}, None),
        ("A cyst beside a cyst.", {"diagnosis": ["cyst"]}, None),
        ("With no vascularity.", {"vascularity": ["no vascularity"]}, None),
        ("With ill-defined margins.", {"margins": ["ill-defined/indistinct"]}, "With no ill-defined margins."),
    ],
)
def test_denials(
    text: str, labels: Mapping[str, list[str]], denied: str | None, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    found = draw_all(vocabulary, similarity, text, labels, kinds="denied")
    assert [one.text for one in found] == ([] if denied is None else [denied])


def test_a_caption_without_the_words_of_its_labels_has_no_negatives(
    vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    assert draw_all(vocabulary, similarity, "Echo-poor lump.", LABELS) == ()
    assert draw_all(vocabulary, similarity, "Non-hypoechoic.", {"echogenicity": ["hypoechoic"]}) == ()


def test_the_draw_follows_the_generator(vocabulary: Vocabulary, similarity: SimilaritySet) -> None:
    negatives = HardNegatives(vocabulary, similarity, 2)
    rows = hot(LABELS, vocabulary), hot({}, vocabulary)
    one, again, other = (negatives.draw(CAPTION, *rows, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert len(one) == 2 and one == again != other


def test_unknown_kinds_are_refused(vocabulary: Vocabulary, similarity: SimilaritySet) -> None:
    with pytest.raises(DataError, match="the kinds of hard negatives are 'far'; allowed: near, denied, both"):
        HardNegatives(vocabulary, similarity, 1, "far")  # type: ignore[arg-type]


def test_a_batch_has_the_negatives_after_its_texts(
    bundle: Bundle, processor: UltrasoundClipProcessor, vocabulary: Vocabulary, similarity: SimilaritySet
) -> None:
    """Block k holds the k-th negative of each sample with its graph, or its own text and graph if it has none."""
    rows = [0, 1, 2, 3, 5]
    samples = [LoadedSample(row, torch.zeros(3, 4, 4)) for row in rows]
    batch = Collator(processor, bundle, negatives=HardNegatives(vocabulary, similarity, 9))(samples)
    plain = Collator(processor, bundle)(samples)
    present = batch["has_negative"]
    assert present.shape == (5, 9) and 0 < present.sum() < 45
    words = [processor.tokenizer.decode(ids, skip_special_tokens=True) for ids in batch["input_ids"]]
    own = [processor.tokenizer.decode(ids, skip_special_tokens=True) for ids in plain["input_ids"]]
    graphs = [
        set(d.tolist()) | set(a.tolist()) for d, a in zip(batch["diagnosis_ids"], batch["attribute_ids"], strict=True)
    ]
    assert words[:5] == own and len(words) == len(graphs) == 50
    for place in range(9):
        for index in range(5):
            position = 5 * (1 + place) + index
            assert (words[position] != own[index]) == bool(present[index, place])
            assert len((graphs[position] ^ graphs[index]) - {-1}) <= 2
    for name in ("labels", "groups", "prompt_labels", "pixel_values"):
        assert torch.equal(batch[name], plain[name])
    again = Collator(processor, bundle, negatives=HardNegatives(vocabulary, similarity, 9))(samples)
    assert all(torch.equal(batch[name], again[name]) for name in batch)
