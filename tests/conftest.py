"""Fixtures of all tests."""

from __future__ import annotations

import os

import pytest

from udt.core.vocabulary import Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

# Tests run side by side; threads of torch in each would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The built-in taxonomy."""
    return Taxonomy.load()


@pytest.fixture(scope="session")
def vocabulary(taxonomy: Taxonomy) -> Vocabulary:
    """The labels of the built-in taxonomy."""
    return taxonomy.vocabulary
