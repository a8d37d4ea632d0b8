"""Fixtures shared with the tests of the modules behind the commands."""

from tests.graphkit.conftest import report  # noqa: F401
from tests.io.conftest import run, written  # noqa: F401
from tests.query.conftest import extension  # noqa: F401
from tests.similarity.conftest import by_taxonomy  # noqa: F401
from tests.taxonomy.conftest import small_core, turtle  # noqa: F401
