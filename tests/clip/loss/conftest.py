"""Fixtures shared with the tests of training."""

from tests.clip.training.conftest import bundle, bundle_folder, loss_package, one_thread, processor  # noqa: F401
