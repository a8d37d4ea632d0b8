"""Patterns of labels."""

from __future__ import annotations

import pytest

from udt.core.errors import TaxonomyError
from udt.taxonomy.model.patterns import expand


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        pytest.param("Zyste", ["Zyste"], id="no group"),
        pytest.param("Zyste{|n}", ["Zyste", "Zysten"], id="one of two"),
        pytest.param("{no|sin} [clara] x", ["no clara x", "no x", "sin clara x", "sin x"], id="two groups"),
        pytest.param("[尚]清", ["尚清", "清"], id="one or nothing"),
        pytest.param("a  [b] c", ["a b c", "a c"], id="blanks"),
        pytest.param("[a]", ["a", ""], id="nothing at all"),
    ],
)
def test_expand(pattern: str, texts: list[str]) -> None:
    assert list(expand(pattern)) == texts


@pytest.mark.parametrize("pattern", ["{a|[b]}", "a}", "[a", "{a]"])
def test_brackets_have_partners(pattern: str) -> None:
    with pytest.raises(TaxonomyError, match="bracket that is nested or has no partner"):
        list(expand(pattern))


def test_too_many_forms() -> None:
    with pytest.raises(TaxonomyError, match="10,000 forms"):
        list(expand("{a|b|c|d|e|f|g|h|i|j}" * 4))
