"""Retrieval against loops over groups in float64, and the chance line against blind encoders."""

from __future__ import annotations

from itertools import permutations
from statistics import median

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.clip.evaluation.bootstrap import Resamples
from udt.clip.evaluation.resampled import MEANS
from udt.clip.evaluation.retrieval import (
    CUTOFFS,
    DEFINITIONS,
    LISTED,
    WAYS,
    Definition,
    Ranks,
    Retrieval,
    each,
    retrieve,
    weighted_median,
)
from udt.core.errors import DataError

# Whole numbers: their products are exact whatever the order, so that ties are ties.
row = st.lists(st.integers(-2, 2), min_size=3, max_size=3)


def _keys(definition: Definition, captions: list[str], cases: list[int]) -> list[object]:
    by_definition: dict[Definition, list[object]] = {
        "caption": list(captions), "partner": list(range(len(captions))), "case": list(cases)
    }  # fmt: skip
    return by_definition[definition]


def _slow(queries: list[list[int]], candidates: list[list[int]], keys: list[object]) -> tuple[dict[int, float], float]:
    """R@k and the median of expected ranks: a loop over groups, queries and all orders of what is tied."""
    recalls: dict[int, list[float]] = {k: [] for k in CUTOFFS}
    ranks = []
    for own in sorted(set(keys), key=str):
        hits: dict[int, list[float]] = {k: [] for k in CUTOFFS}
        for query, key in zip(queries, keys, strict=True):
            if key != own:
                continue
            best: dict[object, float] = {}
            for candidate, other in zip(candidates, keys, strict=True):
                cosine = sum(np.float64(a) * np.float64(b) for a, b in zip(query, candidate, strict=True))
                best[other] = max(best.get(other, -np.inf), cosine)
            closer = sum(value > best[own] for value in best.values())
            tied = sum(value == best[own] for value in best.values())
            places = range(closer + 1, closer + tied + 1)
            ranks.append((sum(places) / tied, keys.count(own)))
            for k in CUTOFFS:
                hits[k].append(sum(place <= k for place in places) / tied)
        for k in CUTOFFS:
            recalls[k].append(sum(hits[k]) / len(hits[k]))
    # Each group counts the same: its ranks are repeated so often that all groups have as many.
    whole = int(np.lcm.reduce([size for _, size in ranks]))
    repeated = [rank for rank, size in ranks for _ in range(whole // size)]
    return {k: sum(parts) / len(parts) for k, parts in recalls.items()}, median(repeated)


@st.composite
def problem(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]], list[str], list[int]]:
    count = draw(st.integers(1, 10))
    images, texts = (draw(st.lists(row, min_size=count, max_size=count)) for _ in range(2))
    captions = draw(st.lists(st.sampled_from("abcd"), min_size=count, max_size=count))
    cases = draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))
    if draw(st.booleans()):  # as in an encoder of texts alone, equal captions have equal embeddings
        texts = [texts[captions.index(caption)] for caption in captions]
    return images, texts, captions, cases


@settings(max_examples=60, deadline=None)
@given(problem(), st.integers(1, 11))
def test_equals_loops(found: tuple[list[list[int]], list[list[int]], list[str], list[int]], block: int) -> None:
    images, texts, captions, cases = found
    tensors = [torch.tensor(part, dtype=torch.float32) for part in (images, texts)]
    result = retrieve(tensors[0], tensors[1], captions, cases, block)
    for definition in DEFINITIONS:
        keys = _keys(definition, captions, cases)
        for way, queries, candidates in (("image_to_text", images, texts), ("text_to_image", texts, images)):
            ranks = result.ranks[definition][way]  # type: ignore[index]
            recall, rank = _slow(queries, candidates, keys)
            assert ranks.recall == pytest.approx(recall)
            assert ranks.median_rank == pytest.approx(rank)
            assert ranks.candidates == len(set(keys))


def _embedded(count: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, 16, generator=generator), dim=1)


# 400 samples, 150 cases, and captions of which the first is a third of all.
RANDOM = np.random.default_rng(0)
CAPTIONS = [f"caption {n}" for n in RANDOM.choice(60, 400, p=[1 / 3, *[2 / 3 / 59] * 59])]
CASES = [f"case {n}" for n in RANDOM.integers(150, size=400)]


def _blind(seed: int) -> Retrieval:
    """Random embeddings: of each image, and of each distinct caption."""
    texts = _embedded(60, seed)[[int(caption.split()[1]) for caption in CAPTIONS]]
    return retrieve(_embedded(400, 1000 + seed), texts, CAPTIONS, CASES)


def test_a_blind_encoder_equals_the_chance_line_within_its_interval() -> None:
    resamples = Resamples(CASES, 300)
    misses = total = 0
    for seed in range(6):
        for _, _, ranks in each(_blind(seed)):
            for k in CUTOFFS:
                hits = ranks.weights * ranks.hits(k)
                interval = resamples.interval(resamples.ratios(hits, ranks.weights)[:, 0])
                misses += not interval.low - 1e-12 <= ranks.chance[k] <= interval.high + 1e-12
                total += 1
    # Queries of one seed share the candidates, so that more than 5% may miss.
    assert misses / total < 0.2


def test_blind_encoders_have_the_chance_line_on_average() -> None:
    found: dict[tuple[str, str, int], list[float]] = {}
    for seed in range(60):
        for name, way, ranks in each(_blind(seed)):
            for k in CUTOFFS:
                found.setdefault((name, way, k), []).append(ranks.recall[k] - ranks.chance[k])
    for values in found.values():
        error = np.std(values, ddof=1) / len(values) ** 0.5
        assert abs(np.mean(values)) <= 4 * error + 1e-12


@pytest.mark.parametrize("favoured", [False, True], ids=["constant", "frequent captions first"])
def test_an_encoder_that_ignores_the_query_has_exactly_the_chance_line(favoured: bool) -> None:
    images = torch.ones(400, 2) / 2**0.5
    texts = images.clone()
    if favoured:
        counts = torch.tensor([CAPTIONS.count(caption) for caption in CAPTIONS]) / 400
        texts = torch.stack([counts, (1 - counts**2).sqrt()], dim=1)
    result = retrieve(images, texts, CAPTIONS, CASES)
    for name in DEFINITIONS:
        ranks = result.ranks[name]["image_to_text"]
        assert ranks.recall == pytest.approx(ranks.chance)
    if not favoured:
        for _, _, ranks in each(result):
            assert ranks.recall == pytest.approx(ranks.chance)
            assert ranks.median_rank == (ranks.candidates + 1) / 2


def test_chance_is_the_mean_over_all_orders() -> None:
    groups = np.array([0, 1, 1, 2, 3, 3, 3])
    for k in (1, 2, 3):
        shares = [np.mean([own in order[:k] for own in range(4)]) for order in permutations(range(4))]
        assert np.mean(shares) == pytest.approx(k / 4)
    ranks = Ranks(groups, np.zeros(7, dtype=np.int64), np.full(7, 4))
    assert ranks.chance == ranks.recall == pytest.approx({1: 1 / 4, 5: 1, 10: 1, 50: 1})


def test_equal_captions_do_not_fill_the_list() -> None:
    """A good encoder that confuses each caption with the next two has a higher recall at 5 than at 1."""
    captions = [n // 10 for n in range(200)]
    centres = _embedded(20, 3)
    images = centres[captions]
    confused = torch.roll(centres, 1, 0) * 1.01 + torch.roll(centres, 2, 0) * 1.005 + centres
    texts = torch.nn.functional.normalize(confused, dim=1)[captions]
    ranks = retrieve(images, texts, captions, range(200)).ranks["caption"]["image_to_text"]
    assert ranks.candidates == 20 and ranks.recall[1] < ranks.recall[5] <= ranks.recall[10] <= ranks.recall[50]
    # The same ranking with every sample as a candidate: the first ten are copies of one caption.
    order = (images @ texts.T).argsort(dim=1, descending=True, stable=True)
    flattered = [
        np.mean([captions[q] in [captions[c] for c in order[q, :k].tolist()] for q in range(200)]) for k in (1, 5, 10)
    ]
    assert flattered[0] == flattered[1] == flattered[2]


def test_identical_embeddings_are_found_first() -> None:
    rows = torch.eye(60)
    result = retrieve(rows, rows, range(60), range(60))
    for _, _, ranks in each(result):
        assert set(ranks.recall.values()) == {1.0} and ranks.median_rank == 1
    for way in WAYS:
        assert result.closest[way].shape == (60, LISTED) and (result.closest[way][:, 0] == np.arange(60)).all()


def test_what_counts_as_found() -> None:
    images, texts = torch.eye(3), torch.eye(3)[[1, 0, 2]]
    apart = retrieve(images, texts, "abc", "xyz")
    assert all(ranks.recall[1] == pytest.approx(1 / 3) for _, _, ranks in each(apart))
    same_caption = retrieve(images, texts, "aac", "xyz").ranks
    assert same_caption["caption"]["image_to_text"].recall[1] == 1
    assert same_caption["partner"]["image_to_text"].recall[1] == pytest.approx(1 / 3)
    assert retrieve(images, texts, "abc", "xxz").ranks["case"]["text_to_image"].recall[1] == 1


def test_weighted_median() -> None:
    assert weighted_median(np.array([3.0, 1, 2]), np.ones(3)) == 2
    assert weighted_median(np.array([4.0, 1, 2, 3]), np.ones(4)) == 2.5
    assert weighted_median(np.array([9.0, 1, 2]), np.array([0.6, 0.2, 0.2])) == 9
    assert weighted_median(np.array([9.0, 1, 2]), np.array([0.5, 0.25, 0.25])) == 5.5


def test_names_of_means_and_recalls_differ() -> None:
    assert not {name.split("_")[0] for name in MEANS.values()} & set(DEFINITIONS)


@pytest.mark.parametrize("counts", [(2, 3, 2, 2), (2, 2, 3, 2), (2, 2, 2, 1), (0, 0, 0, 0)])
def test_wrong_numbers_are_refused(counts: tuple[int, int, int, int]) -> None:
    images, texts, captions, cases = counts
    words = f"got {images} images, {texts} texts, {captions} captions and {cases} cases"
    with pytest.raises(DataError, match=words):
        retrieve(torch.ones(images, 2), torch.ones(texts, 2), range(captions), range(cases))
