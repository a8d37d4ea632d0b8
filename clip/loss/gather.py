"""Gather the rows of all processes into one batch, with gradients that flow back to the process of each row.

This is `--gather-with-grad` of open_clip (Ilharco et al. 2021).
"""

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
        start = process_index() * ctx.size
        return total[start : start + ctx.size]


def gather(rows: torch.Tensor) -> torch.Tensor:
    """Return the rows of all processes, in the order of their ranks; `rows` itself with a single process.

    The gradient of a row is the sum of those of the losses of all processes, and distributed training divides it by
    their number. So it is that of the mean of these losses, as if one process had computed it.

    :param rows: (N, …), N the same in all processes.
    :returns: (processes · N, …).
    """
    if processes() == 1:
        return rows
    if rows.requires_grad:
        joint: torch.Tensor = cast(Any, _Gather).apply(rows)
        return joint
    return _all_gather(rows)


def mean_over_processes(values: torch.Tensor) -> torch.Tensor:
    """Return the mean of a tensor over all processes, without gradient; `values` itself with a single process."""
    if processes() == 1:
        return values
    total = values.detach().clone().float()
    distributed.all_reduce(total)
    return total / processes()


def processes() -> int:
    """Return the number of processes that train together now."""
    return distributed.get_world_size() if _connected() else 1


def process_index() -> int:
    """Return the rank of this process, from 0."""
    return distributed.get_rank() if _connected() else 0


def _connected() -> bool:
    return distributed.is_available() and distributed.is_initialized()


def _all_gather(rows: torch.Tensor) -> torch.Tensor:
    parts = [torch.empty_like(rows) for _ in range(processes())]
    distributed.all_gather(parts, rows.contiguous())
    return torch.cat(parts)
