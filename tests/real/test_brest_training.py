"""Training on the BrEaST images, with captions made from their descriptors: train, evaluate, save, load, resume."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file

from tests.locations import BREST
from udt.bundle.from_database import write_bundle
from udt.bundle.reader import Bundle
from udt.cli.main import main
from udt.clip import UltrasoundClipModel, UltrasoundClipProcessor
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.training import TrainingProgress, train
from udt.io.readers import stop
from udt.records.database.database import Database
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import load_mapping
from udt.records.quality.splitting import split_samples
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BREST.is_dir(), reason=f"the BrEaST images are not at {BREST}"),
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    taxonomy, folder = Taxonomy.load(), tmp_path_factory.mktemp("brest")
    request = Request(
        "BrEaST", open_data_set(BREST / "brest.csv"), load_mapping("brest", taxonomy), images=BREST / "images224"
    )
    with Database.open(folder / "records.db", create=True) as database:
        run_import(database, request, taxonomy, stop, lambda *_: None)
        with database.writing() as connection:
            split_samples(connection)
        with database.reading() as connection:
            write_bundle(connection, folder / "bundle", taxonomy.vocabulary, taxonomy_similarity(taxonomy))
    return Bundle.open(folder / "bundle")


def settings(bundle: Bundle, out: Path) -> TrainSettings:
    """The towers of `tiny`, for five epochs; images are read from their files by a worker."""
    changes = {"data.bundle": str(bundle.path), "run.out": str(out), "optimization.epochs": 5, "data.workers": 1}
    return TrainSettings.load(preset="tiny", changes=[f"{key}={json.dumps(value)}" for key, value in changes.items()])


def test_train_evaluate_save_load_resume(bundle: Bundle, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    whole = train(settings(bundle, tmp_path / "whole"))
    assert (whole.step, whole.finished) == (20, True)
    losses = [json.loads(line) for line in (tmp_path / "whole" / "metrics.jsonl").read_text().splitlines()]
    trained = [line["loss"] for line in losses if line["kind"] == "train"]
    assert trained[-1] < trained[0]

    model = UltrasoundClipModel.from_pretrained(tmp_path / "whole" / "best").eval()
    processor = UltrasoundClipProcessor.from_pretrained(tmp_path / "whole" / "best")
    rows = bundle.split("test")[:4].tolist()
    given = processor(
        images=[Image.open(str(bundle.image(row))) for row in rows],
        text=[str(bundle.caption(row)) for row in rows],
        graphs=[bundle.label_set(row) for row in rows],
    )
    with torch.inference_mode():
        found = model(**given)
    model.save_pretrained(tmp_path / "again")
    with torch.inference_mode():
        again = UltrasoundClipModel.from_pretrained(tmp_path / "again").eval()(**given)
    torch.testing.assert_close(found.image_embeds, again.image_embeds, rtol=0, atol=1e-6)
    torch.testing.assert_close(found.text_embeds, again.text_embeds, rtol=0, atol=1e-6)

    done = CliRunner().invoke(main, ["evaluate", "model", str(whole.run), str(bundle.path), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["data"]["samples"] == 51

    def interrupt(progress: TrainingProgress) -> None:
        if progress.step == 9 and not progress.measured:
            os.kill(os.getpid(), signal.SIGINT)

    stopped = train(settings(bundle, tmp_path / "stopped"), watch=interrupt)
    assert stopped.step == 10
    resumed = train(settings(bundle, tmp_path / "stopped"), resume=True)
    one, other = (load_file(run / "last" / "model.safetensors") for run in (resumed.run, whole.run))
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
