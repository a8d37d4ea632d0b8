"""The vocabulary, and label sets by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

Named = Callable[..., LabelSet]


@pytest.fixture(scope="session")
def named(vocabulary: Vocabulary) -> Named:
    """Make a label set from one or several label names a dimension."""

    def make(**labels: str | tuple[str, ...]) -> LabelSet:
        return LabelSet.of({k: (v,) if isinstance(v, str) else v for k, v in labels.items()}, vocabulary)

    return make
