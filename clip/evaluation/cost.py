"""The cost of an encoder: parameters, operations, and throughput on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from udt.clip.evaluation.encoder import DualEncoder
from udt.core.labels import LabelSet


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters, operations and throughput.

    An operation is a multiplication or an addition in a matrix product or a convolution.

    :ivar parameters: of each part; parts that share parameters both count them.
    :ivar parameters_in_all: each counted once.
    :ivar operations: for one image, one text, and one text with its graph for an encoder with graphs.
    :ivar throughput: images, texts, and texts with graphs a second, including tokenisation, but not reading of files.
    :ivar batch_size: of the measurement of the throughput.
    :ivar device: of the measurement of the throughput.
    """

    parameters: Mapping[str, int]
    parameters_in_all: int
    operations: Mapping[str, int]
    throughput: Mapping[str, float]
    batch_size: int
    device: str


def cost(
    encoder: DualEncoder,
    pixels: torch.Tensor,
    texts: Sequence[str],
    labels: Sequence[LabelSet] | None = None,
    *,
    seconds: float = 1.0,
) -> Cost:
    """Measure an encoder.

    :param pixels: (B, 3, H, W), a batch of images.
    :param texts: B texts.
    :param labels: B label sets of the texts, for an encoder with graphs.
    :param seconds: minimum duration of the measurement of each throughput.
    """
    calls: dict[str, Callable[[int], object]] = {
        "images": lambda count: encoder.embed_images(pixels[:count]),
        "texts": lambda count: encoder.embed_texts(texts[:count]),
    }
    if labels is not None:
        calls["texts with graph"] = lambda count: encoder.embed_texts(texts[:count], labels[:count])
    return Cost(
        parameters=parameters(encoder.module),
        parameters_in_all=_count(encoder.module.parameters()),
        operations={name: operations(call) for name, call in calls.items()},
        throughput={name: throughput(call, len(texts), encoder.device, seconds) for name, call in calls.items()},
        batch_size=len(texts),
        device=str(encoder.device),
    )


def parameters(module: nn.Module) -> dict[str, int]:
    """Count the parameters of each child, and as `other` those of the module itself; parts without any are left out."""
    counts = {name: _count(child.parameters()) for name, child in module.named_children()}
    counts["other"] = _count(module.parameters(recurse=False))
    return {name: count for name, count in counts.items() if count}


def _count(found: Iterable[nn.Parameter]) -> int:
    return sum(parameter.numel() for parameter in found)


@torch.inference_mode()
def operations(call: Callable[[int], object]) -> int:
    """Count the operations of a call with one input."""
    # Fused attention is not counted on every device; computed as matrix products, it is.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        call(1)
    return int(counter.get_total_flops())


@torch.inference_mode()
def throughput(call: Callable[[int], object], count: int, device: torch.device, seconds: float) -> float:
    """Measure the inputs a second of calls with `count` inputs each, after a warm-up call."""
    call(count)
    _synchronize(device)
    started, calls = perf_counter(), 0
    while calls == 0 or perf_counter() - started < seconds:
        call(count)
        calls += 1
        _synchronize(device)
    return calls * count / (perf_counter() - started)


def _synchronize(device: torch.device) -> None:
    """Wait until the device has finished its work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
