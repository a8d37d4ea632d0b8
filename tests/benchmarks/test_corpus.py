"""The benchmark of the corpus on a small one: does it run, and is the corpus it makes what it says?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.locations import BENCHMARKS
from udt.core.vocabulary import Vocabulary
from udt.query.presets import presets

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    code = (
        f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r}); from pathlib import Path; import us365k; "
        "us365k.write(Path('.'), 3200, 1)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    return folder


def test_the_made_corpus_has_the_layout_and_a_long_tail(made: Path, vocabulary: Vocabulary) -> None:
    labels = json.loads((made / "full_data.json").read_text("utf-8"))
    lines = {name: (made / f"{name}.jsonl").read_text("utf-8").splitlines() for name in ("train", "valid", "test")}
    pairs = {name: [json.loads(line) for line in found] for name, found in lines.items()}
    assert len(labels) == sum(map(len, pairs.values())) == 3200
    assert {f"images/{one['media_name']}" for one in labels} == {
        one["image"] for found in pairs.values() for one in found
    }
    cases = [{one["case_id"] for one in found} for found in pairs.values()]
    assert sum(map(len, cases)) == len(set.union(*cases)) == 103
    assert all(d.us365k_field in one for one in labels for d in vocabulary.dimensions)
    organs = Counter(organ for one in labels for organ in one["Organ_level"])
    assert set(organs) <= set(vocabulary["organ"].labels)
    ranked = [count for _, count in organs.most_common()]
    assert ranked[0] > 4 * ranked[len(ranked) // 2]


@pytest.mark.slow
def test_it_runs_on_five_hundred_records(tmp_path: Path) -> None:
    out = tmp_path / "corpus.json"
    command = [sys.executable, str(BENCHMARKS / "corpus.py"), "--records", "500", "--rounds", "1", "--out", str(out)]
    # The scripts import each other from the folder that they are in, and the package from where it is installed.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text("utf-8"))
    assert {one["name"] for one in found["goals"]} >= {f"{preset.name}, s" for preset in presets() if preset.corpus}
    names = {step["name"] for step in found["steps"]}
    assert {"import", "split", "leakage check", "bundle", "to-rdf"} | {p.name for p in presets() if p.corpus} == names
    assert "500 records" in done.stdout
