"""Transfer to BUSI and BreastMNIST: of pretrained towers without training, and of a small model trained on phantoms.

Run it as `python benchmarks/transfer.py --data FOLDER`; README.md in this folder describes it.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read on import

import click
from rounds import Goal, goal, surroundings

from udt.clip.evaluation.encoder import DualEncoder
from udt.clip.phantom.writing import write_phantoms
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.training import train
from udt.clip.transfer.dataset import TransferChoices, TransferSet, read_transfer_set
from udt.clip.transfer.document import transfer_to_dict
from udt.clip.transfer.encoder import load_transfer_encoder
from udt.clip.transfer.layout import load_layout
from udt.clip.transfer.transfer import FeatureMemory, Mode, TransferOptions, evaluate_transfer
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "transfer.json"
_LAYOUT = Path(__file__).with_name("transfer-busi.toml")
_TOWER = "efficientnet-lite0"
_PAIR = f"{_TOWER}+all-minilm-l6-v2"
_PACKAGES = ("udt-toolkit", "torch", "transformers", "scikit-learn", "numpy", "pillow")
_BREASTMNIST = TransferChoices(
    classes={"malignant": ("malignant",), "normal, benign": ("benign", "normal")},
    prompts=("a pathology image showing {class} breast lesion",),
)
_SETS = {
    "BUSI, own split": (TransferChoices(), "own"),
    "BreastMNIST, official split": (_BREASTMNIST, "breastmnist"),
    "BreastMNIST, own split": (_BREASTMNIST, "own"),
}
_MODES: dict[str, dict[str, tuple[Mode, ...]]] = {
    "towers": {
        "BUSI, own split": ("linear-probe", "few-shot"),
        "BreastMNIST, official split": ("linear-probe", "few-shot"),
        "BreastMNIST, own split": ("linear-probe",),
    },
    "phantoms": {
        "BUSI, own split": ("zero-shot", "linear-probe", "fine-tune"),
        "BreastMNIST, official split": ("zero-shot", "linear-probe"),
    },
}
_PHANTOMS = 600


@click.command()
@click.option(
    "--data", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of BUSI, as transfer-busi.toml describes it.",
)  # fmt: skip
@click.option(
    "--models", default="towers,phantoms", show_default=True,
    help="Models to transfer; the results of others are kept as they are in the file.",
)  # fmt: skip
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="File of the result.")
def main(data: Path, models: str, out: Path) -> None:
    """Transfer the models in all modes, print the results, and write them."""
    layout = load_layout(str(_LAYOUT))
    sets = {name: read_transfer_set(data, layout, choices) for name, (choices, _) in _SETS.items()}
    before = json.loads(out.read_text("utf-8"))["runs"] if out.is_file() else {}
    runs = {name: found for name, found in before.items() if name.partition(":")[0] not in models.split(",")}
    with tempfile.TemporaryDirectory() as folder:
        for model in models.split(","):
            encoder = load_transfer_encoder(_PAIR if model == "towers" else _trained(Path(folder)), device="cpu")
            for name, found in _runs(model, encoder, sets):
                runs[name] = found
                _print(name, found)
                _write(runs, out)
    for one in _goals(runs):
        click.echo(f"{one.name}: {one.low:+.3f} {'met' if one.met else 'MISSED'}")


def _write(runs: dict[str, dict[str, Any]], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    result = {**surroundings(_PACKAGES), "goals": [asdict(one) for one in _goals(runs)], "runs": runs}
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _trained(folder: Path) -> str:
    """Train the small towers of the preset `tiny` on phantoms; return the folder of the run."""
    taxonomy = Taxonomy.load()
    bundle, run = folder / "phantoms", folder / "run"
    write_phantoms(bundle, taxonomy.vocabulary, taxonomy_similarity(taxonomy), count=_PHANTOMS, size=64)
    changes = {"data.bundle": str(bundle), "run.out": str(run)}
    train(TrainSettings.load(preset="tiny", changes=[f"{key}={json.dumps(value)}" for key, value in changes.items()]))
    return str(run)


def _runs(model: str, encoder: DualEncoder, sets: dict[str, TransferSet]) -> Iterator[tuple[str, dict[str, Any]]]:
    memory: FeatureMemory = {}
    for name, modes in _MODES[model].items():
        data = sets[name]
        for mode in modes:
            started = time.perf_counter()
            options = TransferOptions(split=_SETS[name][1], probe=_TOWER)
            found = transfer_to_dict(evaluate_transfer(encoder, data, mode, options, memory=memory))
            for entry in found["entries"]:
                del entry["fits"]
            kept = ("mode", "split", "prompts", "entries", "differences", "fine_tuning", "notes", "warnings")
            document = {"images": found["data"]["images"], "groups": found["data"]["groups"]}
            document |= {key: found[key] for key in kept}
            yield f"{model}: {name}: {mode}", {**document, "seconds": round(time.perf_counter() - started, 1)}


def _goals(runs: dict[str, dict[str, Any]]) -> Iterator[Goal]:
    """Yield the lower bounds of the leads of the linear probe of the towers over majority and pixels."""
    for name, found in runs.items():
        if not name.startswith("towers") or found["mode"] != "linear-probe":
            continue
        for one in found["differences"]:
            lead = one["balanced_accuracy"]
            yield goal(f"{name}: balanced accuracy minus {one['reference']['name']}", [lead["low"]], ">=", 0)


def _print(name: str, found: dict[str, Any]) -> None:
    click.echo(f"{name} ({found['seconds']:.0f} s)")
    for line in (*found["warnings"], *found["notes"]):
        click.echo(f"  {line}")
    for entry in found["entries"]:
        shots = "" if entry["shots"] is None else f" {entry['shots']}"
        cells = (_cell(entry["measures"][key]) for key in entry["measures"])
        click.echo(f"  {entry['name'] + shots:12} {'  '.join(cells)}")


def _cell(one: dict[str, Any]) -> str:
    spread = "" if one["spread"] is None else f" ±{one['spread']:.3f}"
    return f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]{spread}"


if __name__ == "__main__":
    main()
