"""Two processes, each of which embeds its share, against one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import distributed

from udt.bundle.reader import Bundle
from udt.clip.data.share import WHOLE, Share
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure
from udt.clip.training.process_group import leave_process_group
from udt.core.errors import DataError

from .conftest import COUNT

PROCESSES = 2

# Rows of the bundle; the image of row 5 cannot be read, so that the second process has none of the last two cases.
CASES = {"split": list(range(COUNT - 2)), "one image in the second share": [0, 5, 1], "none in it": [0, 5], "none": [5]}


def results(model: Path, folder: Path, rows: list[int], share: Share) -> dict[str, Any]:
    """The metrics, the samples and the embeddings of the captions; or the message of an error."""
    options = EvaluationOptions(batch_size=3, share=share)
    try:
        found = measure(UltrasoundEncoder.load(model), Bundle.open(folder), rows, options)
    except DataError as error:
        return {"error": str(error)}
    samples = found.samples
    return {
        "metrics": found.headline(), "rows": samples.rows, "broken": samples.broken,
        "without image": samples.without_image, "texts": found.texts,
    }  # fmt: skip


def work(rank: int, store: str, model: str, folder: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{store}/store", rank=rank, world_size=PROCESSES)
    share = Share(rank, PROCESSES)
    found = {name: results(Path(model), Path(folder), rows, share) for name, rows in CASES.items()}
    torch.save(found, f"{store}/{rank}.pt")
    leave_process_group()


@pytest.fixture(scope="module")
def computed(
    model_folder: Path, bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, dict[str, Any]]]:
    """The results of each process."""
    store = tmp_path_factory.mktemp("processes")
    command = [sys.executable, "-m", "tests.clip.evaluation.test_share"]
    arguments = [str(store), str(model_folder / "best"), str(bundle_folder)]
    running = [subprocess.Popen([*command, str(rank), *arguments]) for rank in range(PROCESSES)]
    assert [process.wait() for process in running] == [0] * PROCESSES
    return [torch.load(store / f"{rank}.pt") for rank in range(PROCESSES)]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CASES))
def test_two_processes_measure_as_one(
    computed: list[dict[str, dict[str, Any]]], model_folder: Path, bundle_folder: Path, name: str
) -> None:
    expected = results(model_folder / "best", bundle_folder, CASES[name], WHOLE)
    assert ("error" in expected) == (name == "none")
    for found in (one[name] for one in computed):
        assert {key: found[key] for key in found if key not in ("metrics", "texts")} == {
            key: expected[key] for key in expected if key not in ("metrics", "texts")
        }
        if "error" not in expected:
            assert found["metrics"] == pytest.approx(expected["metrics"], abs=1e-6)
            torch.testing.assert_close(found["texts"], expected["texts"])


def test_shares_cover_everything_once() -> None:
    shares = [Share(rank, 3).of(range(8)) for rank in range(3)]
    assert sorted(number for share in shares for number in share) == list(range(8))
    assert WHOLE.of(range(8)) == range(8) and WHOLE.gather("own") == ["own"]


if __name__ == "__main__":
    work(int(sys.argv[1]), *sys.argv[2:])
