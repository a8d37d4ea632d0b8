"""Evaluation of a dual encoder: zero-shot classification in all tasks and retrieval."""

from udt.clip.torchvision_import import prepare_torchvision

prepare_torchvision()
