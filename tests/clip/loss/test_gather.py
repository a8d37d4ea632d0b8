"""Two processes against one on the joint batch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import distributed, nn

from udt.clip.loss.gather import gather
from udt.clip.loss.objective import Objective
from udt.clip.training.process_group import leave_process_group

PROCESSES, ROWS = 2, 3


def batch() -> dict[str, torch.Tensor]:
    make = torch.Generator().manual_seed(0)
    size = PROCESSES * ROWS
    labels = (torch.rand(size, 5, generator=make) < 0.5).float()
    return {
        "images": torch.randn(size, 6, generator=make),
        "texts": torch.randn(size, 4, generator=make),
        "labels": labels,
        "groups": torch.tensor([0, 1, 2, 0, 3, 4]),
    }


class Encoder(nn.Module):
    """Two linear towers and a scale."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.image, self.text = nn.Linear(6, 5), nn.Linear(4, 5)
        self.scale = nn.Parameter(torch.tensor(10.0))

    def forward(self, images: torch.Tensor, texts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return *(nn.functional.normalize(t) for t in (self.image(images), self.text(texts))), self.scale


def loss(encoder: nn.Module, part: dict[str, torch.Tensor]) -> torch.Tensor:
    images, texts, scale = encoder(part["images"], part["texts"])
    labels = nn.functional.normalize(gather(part["labels"]))
    groups = gather(part["groups"])
    matches = groups.unsqueeze(1) == groups
    return Objective()(gather(images), gather(texts), scale, labels @ labels.T, matches).total


def work(rank: int, folder: str) -> None:
    """Run one of the processes, and write its loss and the gradients of all parameters."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=PROCESSES)
    encoder = nn.parallel.DistributedDataParallel(Encoder())
    part = {name: rows[rank * ROWS : (rank + 1) * ROWS] for name, rows in batch().items()}
    found = loss(encoder, part)
    found.backward()
    grads = {name: p.grad for name, p in encoder.module.named_parameters()}
    torch.save({"loss": found.detach(), **grads}, f"{folder}/{rank}.pt")
    del encoder, found, grads
    leave_process_group()


@pytest.mark.slow
def test_two_processes_compute_the_gradients_of_the_joint_batch(tmp_path: Path) -> None:
    commands = [[sys.executable, __file__, str(rank), str(tmp_path)] for rank in range(PROCESSES)]
    running = [subprocess.Popen(command) for command in commands]
    assert [process.wait() for process in running] == [0] * PROCESSES
    encoder = Encoder()
    expected = loss(encoder, batch())
    expected.backward()
    for rank in range(PROCESSES):
        got = torch.load(tmp_path / f"{rank}.pt")
        torch.testing.assert_close(got.pop("loss"), expected.detach())
        for name, parameter in encoder.named_parameters():
            torch.testing.assert_close(got[name], parameter.grad, msg=f"{name} of process {rank}")


def test_one_process_needs_no_gathering() -> None:
    rows = torch.ones(2, 3, requires_grad=True)
    assert gather(rows) is rows


if __name__ == "__main__":
    work(int(sys.argv[1]), sys.argv[2])
