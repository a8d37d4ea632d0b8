"""Fixtures shared with the tests of evaluation."""

from tests.clip.evaluation.conftest import bundle_folder, encoder, model_folder, one_thread, processor  # noqa: F401
