"""Fixtures of all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from udt.core.vocabulary import Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

# Tests run side by side; threads of torch in each would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The time of an example depends on the load of the machine, not on the code under test.
settings.register_profile("udt", deadline=None)
settings.load_profile("udt")


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The built-in taxonomy."""
    return Taxonomy.load()


@pytest.fixture(scope="session")
def vocabulary(taxonomy: Taxonomy) -> Vocabulary:
    """The labels of the built-in taxonomy."""
    return taxonomy.vocabulary
