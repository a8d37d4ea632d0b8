"""Fixtures shared with the tests of the corpus."""

from tests.corpus.conftest import connection, db  # noqa: F401
