"""The training loop and the folder of a run."""

from udt.clip.torchvision_import import prepare_torchvision

prepare_torchvision()
