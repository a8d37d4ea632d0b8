"""The properties of reports hold for hostile and mutated texts."""

from __future__ import annotations

import pytest

from tests.attacks.texts import check_text, fuzzed_texts
from udt.normalize.normalizer import Normalizer


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer()


@pytest.mark.parametrize(("count", "seed"), [(2_000, 1), pytest.param(30_000, 2, marks=pytest.mark.slow)])
def test_hostile_texts(normalizer: Normalizer, count: int, seed: int) -> None:
    length = 0
    for number, text in enumerate(fuzzed_texts(count, seed)):
        check_text(normalizer, text, again=number % 20 == 0)
        length += len(text)
    assert 40 <= length / count <= 100


def test_texts_are_the_same_for_the_same_seed() -> None:
    assert list(fuzzed_texts(600, 3)) == list(fuzzed_texts(600, 3)) != list(fuzzed_texts(600, 4))
    assert max(map(len, fuzzed_texts(5_000, 5))) <= 20_000
