from __future__ import annotations

import pytest

from udt import Normalizer

from .reading import Read


@pytest.fixture(scope="session")
def normalizer() -> Normalizer:
    """Return the normaliser of the built-in ontology, one for all tests of this folder."""
    return Normalizer()


@pytest.fixture(scope="session")
def read(normalizer: Normalizer) -> Read:
    """Return the function that normalises one text."""
    return normalizer.normalize
