"""The page and the JSON object of an evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from udt.bundle.reader import Bundle
from udt.clip.evaluation.document import to_dict
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.evaluation import evaluate_model
from udt.clip.evaluation.report import write_report


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_page_shows_every_part(encoder: UltrasoundEncoder, bundle_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found = evaluate_model(encoder, Bundle.open(bundle_folder), "test", projected=8, seconds=0)
    page, data = write_report(found, tmp_path / "new" / "evaluation")
    assert json.loads(data.read_text("utf-8")) == json.loads(json.dumps(to_dict(found)))
    html = page.read_text("utf-8")
    tasks = found.measures.classification.tasks
    assert all(task.key in html for task in tasks)
    assert html.count("data:image/png;base64,") >= len(tasks)
    for number in found.measures.headline().values():
        assert f"{number:.3f}" in html or f"{number:.4g}" in html
    assert "https:" not in html
