"""Two processes, each with its part of the loss, against one on the joint batch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import pytest
import torch
from torch import distributed, nn

from udt.clip.loss.batch_loss import BatchLoss
from udt.clip.loss.gather import gather, mean_over_processes
from udt.clip.loss.objective import Losses, Objective
from udt.clip.loss.pairs import Side
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.clip.settings.preset import preset_layers, presets
from udt.clip.training.process_group import leave_process_group
from udt.similarity.prior import Missing, PriorTables

PROCESSES, ROWS, NEGATIVES = 2, 3, 2


class Case(NamedTuple):
    """An objective, and what the batch has beside images, texts and labels."""

    objective: Objective
    missing: Missing = "mask"
    match_prior: bool = True
    negatives: bool = False
    prompts: bool = True
    lengths: bool = False


def of_preset(name: str) -> Case:
    """Return the objective of a preset; `reference` has the lengths of texts too."""
    merged: dict[str, Any] = {}
    for _, layer in preset_layers(name):
        merged |= layer.get("objective", {})
    objective = Objective(**{part.name: merged[part.name] for part in fields(Objective)})
    return Case(objective, merged["missing"], merged["match_prior"], lengths=name == "reference")


def cases() -> Mapping[str, Case]:
    soft = Objective(semantic_weight=0, soft_label_share=0.4)
    alone = Objective(semantic_weight=0, contrastive_weight=0, terms={"sigmoid": 1})
    ranked = Objective(contrastive_weight=0, semantic_weight=1, mse_share=0.5, negatives_only=True)
    everything = Objective(soft_label_share=0.4, negatives_only=True, terms={"sigmoid": 0.1})
    return {
        **{f"preset {name}": of_preset(name) for name in presets()},
        "soft labels": Case(soft),
        "soft labels, all known": Case(soft, missing="zero"),
        "one text of each image": Case(Objective(duplicates=False), match_prior=False),
        "semantic, negatives alone": Case(ranked),
        "semantic, rows": Case(Objective(contrastive_weight=0, semantic_weight=1, semantic_directions="rows")),
        "sigmoid": Case(alone),
        "sigmoid, soft, hard negatives": Case(Objective(terms={"sigmoid": 1}, soft_label_share=1.0), negatives=True),
        "hard negatives with lengths": Case(Objective(semantic_weight=0), negatives=True, lengths=True),
        "everything": Case(everything, negatives=True, lengths=True),
    }


def batch() -> dict[str, torch.Tensor]:
    make = torch.Generator().manual_seed(0)
    size = PROCESSES * ROWS
    labels = torch.rand(size, 5, generator=make) < 0.5
    prompt_labels = torch.zeros_like(labels)
    prompt_labels[4] = labels[4]
    prompt_labels[2, int(labels[2].int().argmax())] = True
    return {
        "images": torch.randn(size, 6, generator=make),
        "texts": torch.randn(size, 4, generator=make),
        "labels": labels,
        "groups": torch.tensor([0, 1, 2, 0, 3, 4]),
        "prompt_labels": prompt_labels,
        "negatives": torch.randn(size, NEGATIVES, 4, generator=make),
        "has_negative": torch.rand(size, NEGATIVES, generator=make) < 0.7,
    }


class Encoder(nn.Module):
    """Two linear towers, a scale and, if a term needs it, a bias."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.image, self.text = nn.Linear(6, 5), nn.Linear(4, 5)
        self.scale = nn.Parameter(torch.tensor(10.0))
        self.bias = nn.Parameter(torch.tensor(-2.0)) if case.objective.needs_bias else None
        self.lengths = case.lengths
        self.scale.requires_grad_(bool(case.objective.contrastive_weight) or case.objective.needs_bias)

    def forward(self, images: torch.Tensor, texts: torch.Tensor) -> UltrasoundClipOutput:
        image, text = self.image(images), self.text(texts)
        lengths = text.norm(dim=-1) if self.lengths else None
        embeds = nn.functional.normalize(image), nn.functional.normalize(text)
        return UltrasoundClipOutput(*embeds, self.scale, logit_bias=self.bias, text_lengths=lengths)


def tables() -> PriorTables[torch.Tensor]:
    """Tables of two dimensions, with two and three labels."""
    block = torch.eye(5)
    block[0, 1] = block[1, 0] = block[2, 3] = block[3, 2] = 0.5
    membership = torch.tensor([[1.0, 0]] * 2 + [[0, 1.0]] * 3)
    return PriorTables(block, membership, torch.ones(2), (2, 3))


def losses(encoder: nn.Module, part: Mapping[str, torch.Tensor], case: Case) -> Losses:
    texts, present = part["texts"], None
    if case.negatives:
        texts, present = torch.cat([texts, *part["negatives"].unbind(1)]), part["has_negative"]
    prompts = part["prompt_labels"] if case.prompts else torch.zeros_like(part["prompt_labels"])
    task = BatchLoss(case.objective, tables(), case.missing, case.match_prior)
    return task(encoder(part["images"], texts), part["labels"], part["groups"], prompts, present)


def values(found: Losses) -> dict[str, torch.Tensor]:
    return {"total": found.total.detach(), **found.terms, **found.statistics}


def work(rank: int, folder: str) -> None:
    """Run one of the processes, and write the means of all losses and the gradients of all parameters."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=PROCESSES)
    part = {key: rows[rank * ROWS : (rank + 1) * ROWS] for key, rows in batch().items()}
    saved = {}
    for name, case in cases().items():
        encoder = nn.parallel.DistributedDataParallel(Encoder(case))
        found = losses(encoder, part, case)
        found.total.backward()
        means = {key: mean_over_processes(value.detach()) for key, value in values(found).items()}
        saved[name] = means, {key: p.grad for key, p in encoder.module.named_parameters()}
        del encoder, found
    torch.save(saved, f"{folder}/{rank}.pt")
    leave_process_group()


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The results of each process."""
    folder = tmp_path_factory.mktemp("processes")
    running = [subprocess.Popen([sys.executable, __file__, str(rank), str(folder)]) for rank in range(PROCESSES)]
    assert [process.wait() for process in running] == [0] * PROCESSES
    return [torch.load(folder / f"{rank}.pt") for rank in range(PROCESSES)]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(cases()))
def test_the_parts_of_two_processes_are_the_joint_loss(computed: list[dict[str, Any]], name: str) -> None:
    """The means of all terms and statistics, and the gradients of all parameters."""
    case = cases()[name]
    encoder = Encoder(case)
    expected = losses(encoder, batch(), case)
    expected.total.backward()
    for means, grads in (one[name] for one in computed):
        assert means.keys() == values(expected).keys()
        for key, value in values(expected).items():
            torch.testing.assert_close(means[key], value.detach().float(), msg=key)
        for key, parameter in encoder.named_parameters():
            torch.testing.assert_close(grads[key], parameter.grad, msg=key)


def test_one_process_needs_no_gathering() -> None:
    rows = torch.ones(2, 3, requires_grad=True)
    assert gather(rows) is rows and mean_over_processes(rows) is rows


def test_own_candidates_begin_at_the_first() -> None:
    positives = Side(torch.zeros(2, 5), first=2).positives(duplicates=True)
    assert positives.nonzero().tolist() == [[0, 2], [1, 3]]


if __name__ == "__main__":
    work(int(sys.argv[1]), sys.argv[2])
