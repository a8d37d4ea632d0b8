"""Parameter groups of the optimizer: learning rate and weight decay of each."""

from __future__ import annotations

from typing import Any

from torch import nn

_TOWERS = ("image_tower.", "text_tower.")


def parameter_groups(
    model: nn.Module, lr: float, tower_lr: float | None = None, weight_decay: float = 0.0
) -> list[dict[str, Any]]:
    """Group the trainable parameters: towers and the rest, each split into matrices and others.

    Only matrices have weight decay. Biases, norms and scales, which have fewer than two axes, have none.

    :param lr: learning rate.
    :param tower_lr: learning rate of the towers; `lr` if it is None.
    :param weight_decay: of matrices.
    :returns: groups for an optimizer of torch.
    """
    groups: dict[tuple[bool, bool], dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            tower, matrix = name.startswith(_TOWERS), parameter.ndim >= 2
            rate = tower_lr if tower and tower_lr is not None else lr
            start = {"params": [], "lr": rate, "weight_decay": weight_decay if matrix else 0.0}
            groups.setdefault((tower, matrix), start)["params"].append(parameter)
    return [groups[key] for key in sorted(groups)]
