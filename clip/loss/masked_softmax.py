"""Softmax over a part of each row."""

from __future__ import annotations

import torch
from torch.nn import functional


def masked_log_softmax(scores: torch.Tensor, known: torch.Tensor | None) -> torch.Tensor:
    """Compute the log-softmax over the last axis.

    :param known: bool, of the shape of `scores`; entries that are False get the probability 0 and a logarithm that is
        large, but finite. None for all.
    """
    if known is not None:
        scores = scores.masked_fill(~known, torch.finfo(scores.dtype).min / 2)
    return functional.log_softmax(scores, dim=-1)
