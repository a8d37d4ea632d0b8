"""Charts of pages are not painted, as in the tests of evaluation."""

from tests.clip.conftest import unpainted  # noqa: F401
