"""Gradients of a batch that is embedded in chunks, whose activations alone need memory (GradCache).

After Gao, Zhang, Han and Callan, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup"
(RepL4NLP 2021, arXiv 2101.06983), section 3:

1. Embed each chunk without gradient.
2. Compute the loss of the whole batch, and its gradient by the embeddings.
3. Embed each chunk again, now with gradient, and back-propagate the gradient of its embeddings.

The loss is that of the whole batch, with all of its negatives, and so are the gradients. Both passes have the same
dropout: the states of the random generators before each chunk are restored. A batch normalisation is over the chunk,
and its running statistics, like all buffers, are updated once for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import nn

from udt.clip.loss.objective import Losses
from udt.clip.model.dual_encoder import UltrasoundClipOutput

# Of an output: a row for each image or text, and scalars of the model.
_ROWS = ("image_embeds", "text_embeds", "text_lengths")
_SCALARS = ("logit_scale", "logit_bias")


class Chunk(NamedTuple):
    """The inputs of the model for some samples of a batch.

    :ivar samples: their number, n.
    :ivar inputs: tensors of n rows, or of (K + 1) · n: the texts of the samples, their first hard negatives, and so on.
    """

    samples: int
    inputs: Mapping[str, torch.Tensor]


def chunks(inputs: Mapping[str, torch.Tensor], samples: int, size: int) -> list[Chunk]:
    """Split the inputs of a model for N samples.

    :param inputs: tensors of N or (K + 1) · N rows, as those of a chunk.
    :param size: samples of a chunk; the last one may have fewer.
    """
    sizes = [min(size, samples - start) for start in range(0, samples, size)]
    return [Chunk(count, part) for count, part in zip(sizes, _split(inputs, sizes), strict=True)]


def cached_gradients(
    model: nn.Module,
    parts: Sequence[Chunk],
    loss: Callable[[UltrasoundClipOutput], Losses],
    backward: Callable[[torch.Tensor], None],
    unsynchronised: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> tuple[Losses, UltrasoundClipOutput]:
    """Add the gradients of the loss of a batch to those of the parameters of a model.

    :param model: called with the inputs of each chunk; one for distributed training synchronises gradients in the last.
    :param parts: of the batch, as `chunks` returns them.
    :param loss: computes the losses of the whole batch from its embeddings; what is random in it is not repeated.
    :param backward: back-propagates a scalar, e.g. `torch.Tensor.backward`.
    :param unsynchronised: a context in which gradients are not synchronised between processes.
    :returns: the losses of the whole batch, and the output of the model for it.
    """
    states, outputs = [], []
    with torch.no_grad(), _same_buffers(model):
        for part in parts:
            states.append(_RandomState(part))
            outputs.append(model(**part.inputs))
    sizes = [part.samples for part in parts]
    joint = _joined(outputs, sizes)
    leaves = {name: joint[name].requires_grad_() for name in (*_ROWS, *_SCALARS) if name in joint}
    losses = loss(joint)
    losses.total.backward()
    after = _RandomState(parts[0])
    gradients = _split({name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}, sizes)
    for index, (part, state, gradient) in enumerate(zip(parts, states, gradients, strict=True)):
        with unsynchronised() if index < len(parts) - 1 else nullcontext():
            state.restore()
            output = model(**part.inputs)
            backward(torch.stack([(output[name] * grad).sum() for name, grad in gradient.items()]).sum())
    after.restore()
    return _detached(losses), joint


class _RandomState:
    """The states of the random generators that a model draws from: that of the CPU, and that of its device."""

    def __init__(self, part: Chunk) -> None:
        device = next(iter(part.inputs.values())).device
        self.cpu = torch.get_rng_state()
        self.cuda = {device: torch.cuda.get_rng_state(device)} if device.type == "cuda" else {}

    def restore(self) -> None:
        """Set the generators to these states."""
        torch.set_rng_state(self.cpu)
        for device, state in self.cuda.items():
            torch.cuda.set_rng_state(state, device)


@contextmanager
def _same_buffers(model: nn.Module) -> Iterator[None]:
    """Restore the buffers of the model at the end."""
    before = [(buffer, buffer.clone()) for buffer in model.buffers()]
    yield
    for buffer, value in before:
        buffer.copy_(value)


def _joined(outputs: Sequence[UltrasoundClipOutput], sizes: Sequence[int]) -> UltrasoundClipOutput:
    """Return the output of the whole batch; its scalars are those of the first chunk."""
    first = outputs[0]
    found = {name: first[name].detach().clone() for name in _SCALARS if name in first}
    for name in (name for name in _ROWS if name in first):
        rows = [output[name].unflatten(0, (-1, size)) for output, size in zip(outputs, sizes, strict=True)]
        found[name] = torch.cat(rows, dim=1).flatten(0, 1)
    return UltrasoundClipOutput(**found)


def _split(tensors: Mapping[str, torch.Tensor], sizes: Sequence[int]) -> list[dict[str, torch.Tensor]]:
    """Return the rows of each chunk; equal parts of scalars, so that every chunk has gradients for all parameters."""
    found: list[dict[str, torch.Tensor]] = [{} for _ in sizes]
    for name, tensor in tensors.items():
        if not tensor.ndim:
            parts = [tensor / len(sizes)] * len(sizes)
        else:
            rows = tensor.unflatten(0, (-1, sum(sizes))).split(list(sizes), dim=1)
            parts = [part.flatten(0, 1) for part in rows]
        for own, part in zip(found, parts, strict=True):
            own[name] = part
    return found


def _detached(losses: Losses) -> Losses:
    terms = {name: value.detach() for name, value in losses.terms.items()}
    return Losses(losses.total.detach(), terms, losses.statistics)
