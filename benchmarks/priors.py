"""How much the way in which label similarity is computed matters for a model: the same training with several priors.

Run it as `python benchmarks/priors.py`; README.md in this folder says what it does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read on import

import click
from bundles import phantoms
from paired import paired_interval
from rich.console import Console
from rich.table import Table
from rounds import surroundings

from udt.bundle.reader import Bundle
from udt.clip.ablation.ablation import Ablation, Plan, ablate, prior_variants
from udt.clip.settings.settings import TrainSettings
from udt.similarity.label_counts import LabelledRow
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.graph_based import graph_similarity
from udt.similarity.methods.lin import lin
from udt.similarity.methods.resnik import resnik
from udt.similarity.methods.simgic import simgic
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.similarity.quality.agreement import agreement
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "priors.json"
_PRESENT = "taxonomy"
_MEASURES = {"resnik": resnik, "lin": lin, "simgic": simgic}
_SHOWN = (
    "mean_accuracy",
    "mean_macro_recall",
    "caption_image_to_text_recall_at_1",
    "caption_text_to_image_recall_at_1",
)


@click.command()
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(2, 10), help="Trainings with each prior.")
@click.option("--count", default=1200, show_default=True, type=click.IntRange(min=60), help="Phantoms.")
@click.option("--epochs", default=30, show_default=True, type=click.IntRange(min=1))
@click.option("--work", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the runs.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
def main(seeds: int, count: int, epochs: int, work: Path, out: Path) -> None:
    """Train with each prior on phantoms, and compare the scores by seed with those of the present prior."""
    taxonomy = Taxonomy.load()
    bundle = phantoms(work / "phantoms", count, size=64)
    similarities = built(taxonomy, bundle)
    settings = TrainSettings.load(
        preset="tiny",
        changes=(
            f"data.bundle={json.dumps(str(bundle.path))}",
            f"run.out={json.dumps(str(work))}",
            f"optimization.epochs={epochs}",
            "objective.missing=zero",
            "objective.match_prior=false",
        ),
    )
    variants = prior_variants({name: saved(one, work / "priors" / name) for name, one in similarities.items()})
    found = ablate(settings, seeds, work, "test", announce, variants)
    result = {
        **surroundings(("udt-toolkit", "numpy", "torch")),
        "phantoms": count,
        "epochs": epochs,
        "seeds": seeds,
        "spearman_with_taxonomy": correlations(similarities),
        "scores": {variant: scores(found, variant) for variant in found.variants},
        "differences_to_taxonomy": {
            variant: differences(found, variant) for variant in found.variants if variant != f"prior-{_PRESENT}"
        },
        "chance": dict(found.chance),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)


def built(taxonomy: Taxonomy, bundle: Bundle) -> dict[str, SimilaritySet]:
    """The label similarities to compare; information contents are those of the labels of the training split."""
    rows = [LabelledRow(bundle.label_set(int(row)), None) for row in bundle.split("train")]
    by_graph = {name: graph_similarity(taxonomy, name, m, samples=rows) for name, m in _MEASURES.items()}
    return {_PRESENT: taxonomy_similarity(taxonomy), **by_graph}


def saved(similarity: SimilaritySet, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return similarity.save(folder).resolve()


def announce(plan: Plan, number: int, count: int) -> None:
    click.echo(f"{number} of {count}: {plan.variant}, seed {plan.settings.run.seed}", err=True)


def correlations(similarities: Mapping[str, SimilaritySet]) -> dict[str, dict[str, float | None]]:
    present = similarities[_PRESENT]
    return {
        name: {key: one.spearman for key, one in agreement(present, other, 0).items()}
        for name, other in similarities.items()
        if name != _PRESENT
    }


def scores(found: Ablation, variant: str) -> dict[str, dict[str, Any]]:
    return {
        name: {"mean": found.mean(variant, name), "spread": found.spread(variant, name), "seeds": values}
        for name in found.chance
        for values in [found.seeds(variant, name)]
    }


def differences(found: Ablation, variant: str) -> dict[str, dict[str, float]]:
    """Mean difference to the present prior with the same seed, and its interval, of each metric."""
    return {name: paired_interval(list(of_seeds(found, variant, name))) for name in found.chance}


def of_seeds(found: Ablation, variant: str, name: str) -> Iterator[float]:
    pairs = zip(found.seeds(variant, name), found.seeds(f"prior-{_PRESENT}", name), strict=True)
    return (one - present for one, present in pairs)


def show(result: Mapping[str, Any]) -> None:
    console = Console()
    table = Table("prior", *(name.replace("_recall_at_", " R@").replace("_", " ") for name in _SHOWN))
    for variant, found in result["scores"].items():
        table.add_row(variant, *(f"{found[n]['mean']:.3f} ± {found[n]['spread']:.3f}" for n in _SHOWN))
    console.print(table)
    gaps = Table("minus taxonomy, by seed", *(name.replace("_recall_at_", " R@").replace("_", " ") for name in _SHOWN))
    for variant, found in result["differences_to_taxonomy"].items():
        gaps.add_row(variant, *(interval(found[n]) for n in _SHOWN))
    console.print(gaps)


def interval(gap: Mapping[str, float]) -> str:
    return f"{gap['mean']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"


if __name__ == "__main__":
    main()
