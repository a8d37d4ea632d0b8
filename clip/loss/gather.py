"""Join the batches of all processes, with gradients that flow back to the process of each row."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import distributed


class _Gather(torch.autograd.Function):
    """All-gather; in the backward pass each process gets the sum of all gradients of its rows."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor) -> torch.Tensor:
        ctx.size = len(rows)
        return _gathered(rows)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        total = gradients[0].contiguous()
        distributed.all_reduce(total)
        start = distributed.get_rank() * ctx.size
        return total[start : start + ctx.size]


def gather(rows: torch.Tensor) -> torch.Tensor:
    """Return the rows of all processes in the order of their ranks; `rows` itself if there is one process.

    Every process then computes the same loss of the joint batch. Its gradient reaches each process's rows as often as
    there are processes, and distributed training divides by that number: the result is the gradient of one process on
    the joint batch.

    :param rows: (B, …), B the same in all processes.
    :returns: (processes · B, …).
    """
    if not (distributed.is_available() and distributed.is_initialized()) or distributed.get_world_size() == 1:
        return rows
    if rows.requires_grad:
        joint: torch.Tensor = cast(Any, _Gather).apply(rows)
        return joint
    return _gathered(rows)


def _gathered(rows: torch.Tensor) -> torch.Tensor:
    parts = [torch.empty_like(rows) for _ in range(distributed.get_world_size())]
    distributed.all_gather(parts, rows.contiguous())
    return torch.cat(parts)
