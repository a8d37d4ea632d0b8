"""Fixtures shared with the tests of training."""

from tests.clip.training.conftest import bundle, bundle_folder, one_thread, processor  # noqa: F401
