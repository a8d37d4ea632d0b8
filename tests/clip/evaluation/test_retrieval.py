"""Retrieval against sorted lists."""

from __future__ import annotations

from itertools import permutations
from statistics import median

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.clip.evaluation.retrieval import CUTOFFS, Pairing, random_recall, ranks, retrieve
from udt.core.errors import DataError

# Whole numbers: their products are exact whatever the order, so that ties are ties.
row = st.lists(st.integers(-2, 2), min_size=3, max_size=3)


def _slow_ranks(queries: list[list[int]], candidates: list[list[int]], keys: list[tuple[str, int]]) -> list[int]:
    found = []
    for query, (text, image) in zip(queries, keys, strict=True):
        listed = [
            (-sum(a * b for a, b in zip(query, candidate, strict=True)), other[0] == text or other[1] == image)
            for candidate, other in zip(candidates, keys, strict=True)
        ]
        listed.sort()  # of equally close ones, those that are not paired come first
        unpaired = 0
        for _, paired in listed:
            if paired:
                break
            unpaired += 1
        found.append(unpaired + 1)
    return found


@st.composite
def problem(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]], list[tuple[str, int]]]:
    count = draw(st.integers(1, 12))
    images, texts = (draw(st.lists(row, min_size=count, max_size=count)) for _ in range(2))
    keys = draw(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 8)), min_size=count, max_size=count))
    return images, texts, keys


@settings(max_examples=60, deadline=None)
@given(problem(), st.integers(1, 13))
def test_equals_sorted_lists(found: tuple[list[list[int]], list[list[int]], list[tuple[str, int]]], block: int) -> None:
    images, texts, keys = found
    pairing = Pairing.of([text for text, _ in keys], [image for _, image in keys])
    tensors = [torch.tensor(part, dtype=torch.float32) for part in (images, texts)]
    result = retrieve(tensors[0], tensors[1], pairing, block)
    for way, slow in (
        (result.image_to_text, _slow_ranks(images, texts, keys)),
        (result.text_to_image, _slow_ranks(texts, images, keys)),
    ):
        assert way.median_rank == median(slow)
        assert dict(way.recall) == {k: pytest.approx(sum(r <= k for r in slow) / len(slow)) for k in CUTOFFS}
    assert ranks(tensors[0], tensors[1], pairing, block).tolist() == _slow_ranks(images, texts, keys)
    shared = sum(sum(a == text or b == image for a, b in keys) > 1 for text, image in keys)
    assert (result.candidates, result.duplicates) == (len(keys), shared)


def test_identical_embeddings_are_found_first() -> None:
    rows = torch.eye(60)
    result = retrieve(rows, rows, Pairing.of(range(60), range(60)))
    assert set(result.image_to_text.recall.values()) == {1.0}
    assert (result.text_to_image.median_rank, result.duplicates) == (1, 0)


def test_constant_embeddings_find_nothing() -> None:
    rows = torch.ones(60, 4)
    result = retrieve(rows, rows, Pairing.of(range(60), range(60)))
    assert set(result.image_to_text.recall.values()) == {0.0}
    assert result.image_to_text.median_rank == 60


def test_an_equal_caption_is_a_hit() -> None:
    images, texts = torch.eye(3), torch.eye(3)[[1, 0, 2]]
    assert retrieve(images, texts, Pairing.of("abc", range(3))).image_to_text.recall[1] == pytest.approx(1 / 3)
    assert retrieve(images, texts, Pairing.of("aac", range(3))).image_to_text.recall[1] == 1
    assert retrieve(images, texts, Pairing.of("abc", [0, 0, 2])).text_to_image.recall[1] == 1


@pytest.mark.parametrize("k", [1, 2, 3, 4, 9])
def test_random_recall_by_all_permutations(k: int) -> None:
    counts = [1, 2, 2, 1]  # how many of four candidates are paired with each query
    tried = [any(place < count for place in order[:k]) for count in counts for order in permutations(range(4))]
    assert random_recall(np.array(counts), k) == pytest.approx(np.mean(tried))


@pytest.mark.parametrize("counts", [(2, 3, 2), (2, 2, 3), (0, 0, 0)])
def test_wrong_numbers_are_refused(counts: tuple[int, int, int]) -> None:
    images, texts, pairs = counts
    with pytest.raises(DataError, match=f"got {images} images, {texts} texts and {pairs} pairs"):
        retrieve(torch.ones(images, 2), torch.ones(texts, 2), Pairing.of(range(pairs), range(pairs)))
