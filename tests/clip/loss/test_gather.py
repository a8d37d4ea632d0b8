"""Two processes against one on the joint batch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import distributed, nn

from udt.clip.loss.batch_loss import BatchLoss
from udt.clip.loss.gather import gather
from udt.clip.loss.objective import Objective
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.clip.training.process_group import leave_process_group
from udt.similarity.prior import PriorTables

PROCESSES, ROWS = 2, 3


# The published objective, and one that uses everything that a batch has.
OBJECTIVES = {
    "published": Objective(),
    "all": Objective(soft_label_share=0.4, negatives_only=True, terms={"sigmoid": 0.1}),
}


def batch() -> dict[str, torch.Tensor]:
    make = torch.Generator().manual_seed(0)
    size = PROCESSES * ROWS
    return {
        "images": torch.randn(size, 6, generator=make),
        "texts": torch.randn(size, 4, generator=make),
        "labels": torch.rand(size, 5, generator=make) < 0.5,
        "groups": torch.tensor([0, 1, 2, 0, 3, 4]),
        "negatives": torch.randn(size, 2, 4, generator=make),
        "has_negative": torch.rand(size, 2, generator=make) < 0.7,
    }


class Encoder(nn.Module):
    """Two linear towers, a scale and, if a term needs it, a bias."""

    def __init__(self, name: str) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.image, self.text = nn.Linear(6, 5), nn.Linear(4, 5)
        self.scale = nn.Parameter(torch.tensor(10.0))
        self.bias = nn.Parameter(torch.tensor(-2.0)) if OBJECTIVES[name].needs_bias else None

    def forward(self, images: torch.Tensor, texts: torch.Tensor) -> UltrasoundClipOutput:
        embeds = (nn.functional.normalize(rows) for rows in (self.image(images), self.text(texts)))
        return UltrasoundClipOutput(*embeds, self.scale, logit_bias=self.bias)


def tables() -> PriorTables[torch.Tensor]:
    """Tables of two dimensions, with two and three labels."""
    block = torch.eye(5)
    block[0, 1] = block[1, 0] = block[2, 3] = block[3, 2] = 0.5
    membership = torch.tensor([[1.0, 0]] * 2 + [[0, 1.0]] * 3)
    return PriorTables(block, membership, torch.ones(2), (2, 3))


def loss(encoder: nn.Module, part: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    texts, present = part["texts"], None
    if name == "all":
        texts, present = torch.cat([texts, *part["negatives"].unbind(1)]), part["has_negative"]
    task, output = BatchLoss(OBJECTIVES[name], tables()), encoder(part["images"], texts)
    labels = part["labels"]
    return task(output, labels, part["groups"], torch.zeros_like(labels), present).total


def work(rank: int, folder: str, name: str) -> None:
    """Run one of the processes, and write its loss and the gradients of all parameters."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=PROCESSES)
    encoder = nn.parallel.DistributedDataParallel(Encoder(name))
    part = {key: rows[rank * ROWS : (rank + 1) * ROWS] for key, rows in batch().items()}
    found = loss(encoder, part, name)
    found.backward()
    grads = {key: p.grad for key, p in encoder.module.named_parameters()}
    torch.save({"loss": found.detach(), **grads}, f"{folder}/{rank}.pt")
    del encoder, found, grads
    leave_process_group()


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTIVES)
def test_two_processes_compute_the_gradients_of_the_joint_batch(tmp_path: Path, name: str) -> None:
    commands = [[sys.executable, __file__, str(rank), str(tmp_path), name] for rank in range(PROCESSES)]
    running = [subprocess.Popen(command) for command in commands]
    assert [process.wait() for process in running] == [0] * PROCESSES
    encoder = Encoder(name)
    expected = loss(encoder, batch(), name)
    expected.backward()
    for rank in range(PROCESSES):
        got = torch.load(tmp_path / f"{rank}.pt")
        torch.testing.assert_close(got.pop("loss"), expected.detach())
        for key, parameter in encoder.named_parameters():
            torch.testing.assert_close(got[key], parameter.grad, msg=f"{key} of process {rank}")


def test_one_process_needs_no_gathering() -> None:
    rows = torch.ones(2, 3, requires_grad=True)
    assert gather(rows) is rows


if __name__ == "__main__":
    work(int(sys.argv[1]), sys.argv[2], sys.argv[3])
