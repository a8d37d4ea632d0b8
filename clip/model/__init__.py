"""The dual encoder: towers, graph transformer, fusion and processor."""

from udt.clip.torchvision_import import prepare_torchvision

prepare_torchvision()
