"""Digests of weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch

from udt.core.hashing import pieces_sha256


def weights_sha256(state: Mapping[str, torch.Tensor]) -> str:
    """Return the SHA-256 of weights and buffers with their names, shapes and types."""

    def pieces() -> Iterator[bytes]:
        for name, tensor in sorted(state.items()):
            yield f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode()
            yield tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes()

    return pieces_sha256(pieces())
