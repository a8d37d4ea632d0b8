"""Gather the rows of all processes into one batch, with gradients that flow back to the process of each row."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import distributed


class _Gather(torch.autograd.Function):
    """All-gather of rows; its gradient is the sum of the gradients of all processes for the rows of this one."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor) -> torch.Tensor:
        ctx.size = len(rows)
        return _all_gather(rows)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        total = gradients[0].contiguous()
        distributed.all_reduce(total)
        start = distributed.get_rank() * ctx.size
        return total[start : start + ctx.size]


def gather(rows: torch.Tensor) -> torch.Tensor:
    """Return the rows of all processes, in the order of their ranks; `rows` itself with a single process.

    Every process then computes the same loss of the joint batch. Its gradient reaches each row once for every process,
    and distributed training divides by their number, so that the result is the gradient of one process on the joint
    batch.

    :param rows: (B, …), B the same in all processes.
    :returns: (processes · B, …).
    """
    if not (distributed.is_available() and distributed.is_initialized()) or distributed.get_world_size() == 1:
        return rows
    if rows.requires_grad:
        joint: torch.Tensor = cast(Any, _Gather).apply(rows)
        return joint
    return _all_gather(rows)


def _all_gather(rows: torch.Tensor) -> torch.Tensor:
    parts = [torch.empty_like(rows) for _ in range(distributed.get_world_size())]
    distributed.all_gather(parts, rows.contiguous())
    return torch.cat(parts)
