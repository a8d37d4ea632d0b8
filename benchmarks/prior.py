"""How much sooner the prior of a batch is there by matrix products than by loops over pairs of samples and labels.

Run it as `python benchmarks/prior.py`; README.md in this folder says what it does.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))  # read on import

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from rounds import Goal, goal, quotients, seconds, surroundings, take_turns

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.similarity.multi_hot import multi_hot
from udt.similarity.prior import PriorTables, prior
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "prior.json"
_SEED = 365
# How many labels a sample has in a dimension, as often as they stand here.
_COUNTS = (0, 0, 0, 1, 1, 1, 1, 2)
# Batch size to the least times that the loop has to take, and to how often the others run while it runs once.
_BOUNDS = {128: 1000.0, 1024: 1000.0}
_REPEATS = {128: 100, 1024: 10}
_NAIVE = "loops over pairs"

Tags = Sequence[Sequence[str]]
Work = Callable[[], object]


@click.command()
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--batch", "batches", multiple=True, type=click.IntRange(min=2), help="Batch size; repeatable.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
@click.option("--check", is_flag=True, help="End with status 1 where a goal is missed.")
def main(rounds: int, batches: tuple[int, ...], out: Path, check: bool) -> None:
    """Compare the two on label sets of the taxonomy, in turns, and make sure that they agree."""
    taxonomy = Taxonomy.load()
    vocabulary, similarity = taxonomy.vocabulary, taxonomy_similarity(taxonomy)
    times: dict[int, Mapping[str, list[float]]] = {}
    goals: list[Goal] = []
    for size in batches or _BOUNDS:
        samples = list(islice(label_sets(vocabulary), size))
        times[size] = race(samples, similarity, vocabulary, rounds)
        goals += [
            goal(f"{_NAIVE} / {name}, {size} samples", quotients(times[size][_NAIVE], took), ">=", _BOUNDS.get(size, 1))
            for name, took in times[size].items()
            if name.startswith("matrix products")
        ]
    medians = {size: {name: statistics.median(t) for name, t in found.items()} for size, found in times.items()}
    about = surroundings(("udt-toolkit", "numpy", "torch"))
    out.parent.mkdir(parents=True, exist_ok=True)
    result = {**about, "seconds": medians, "goals": [asdict(g) for g in goals]}
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(medians, goals)
    if check and not all(g.met for g in goals):
        sys.exit(1)


def label_sets(vocabulary: Vocabulary) -> Iterator[LabelSet]:
    """Label sets without end: in each dimension none, one or two labels, the first of them more often."""
    chance = random.Random(_SEED)
    while True:
        yield LabelSet(
            tuple(
                tuple(sorted({int(len(d) * chance.random() ** 2) for _ in range(chance.choice(_COUNTS))}))
                for d in vocabulary.dimensions
            )
        )


def race(
    samples: Sequence[LabelSet], similarity: SimilaritySet, vocabulary: Vocabulary, rounds: int
) -> Mapping[str, list[float]]:
    """Seconds a batch of each contestant, by round, once all have given the same answer."""
    works = contestants(samples, similarity, vocabulary)
    expected = works[_NAIVE]()
    for name, work in works.items():
        if not np.allclose(np.asarray(work() if name != _NAIVE else expected), expected, atol=1e-5):
            raise SystemExit(f"{name} and {_NAIVE} do not agree; one of them is wrong")
    repeats = {name: 1 if name == _NAIVE else _REPEATS.get(len(samples), 10) for name in works}
    return take_turns(
        works, rounds, lambda name, _: seconds(lambda: repeat(works[name], repeats[name])) / repeats[name]
    )


def repeat(work: Work, times: int) -> None:
    for _ in range(times):
        work()


def contestants(samples: Sequence[LabelSet], similarity: SimilaritySet, vocabulary: Vocabulary) -> dict[str, Work]:
    """Each computes the prior of `samples`. What a training prepares once for all batches is prepared here."""
    named = [list(sample.named(vocabulary).values()) for sample in samples]
    tables = PriorTables.numpy(similarity)
    sizes = [len(dimension) for dimension in vocabulary.dimensions]
    hot = multi_hot(samples, sizes)
    works: dict[str, Work] = {
        _NAIVE: lambda: naive(named, similarity),
        "matrix products, NumPy": lambda: prior(hot, hot, tables, "zero"),
        "label sets to rows, then matrix products": lambda: prior(samples, samples, tables, "zero"),
    }
    if find_spec("torch"):
        import torch

        rows, torch_tables = torch.from_numpy(hot), PriorTables.torch(similarity)
        works["matrix products, torch"] = lambda: prior(rows, rows, torch_tables, "zero")
    return works


def naive(samples: Sequence[Tags], similarity: SimilaritySet) -> np.ndarray:
    """As one writes it first, and as published code does it: label names looked up and averaged pair by pair.

    At least the symmetry is used: every pair of samples is looked at once.
    """
    places = [{label: i for i, label in enumerate(labels)} for labels in similarity.labels.values()]
    matrices = list(similarity.matrices.values())
    found = np.eye(len(samples), dtype=np.float32)
    for i, one in enumerate(samples):
        for j in range(i + 1, len(samples)):
            means = []
            for task, (ours, theirs) in enumerate(zip(one, samples[j], strict=True)):
                values = [matrices[task][places[task][a], places[task][b]] for a in ours for b in theirs]
                means.append(np.mean(values) if values else 0.0)
            found[i, j] = found[j, i] = np.mean(means)
    return found


def show(medians: Mapping[int, Mapping[str, float]], goals: Sequence[Goal]) -> None:
    console = Console()
    speeds = Table("samples", "contestant", "ms a batch", "times as fast", title="The prior of one batch")
    for size, found in medians.items():
        for name, took in found.items():
            speeds.add_row(f"{size:,}", name, f"{1000 * took:,.3f}", f"{found[_NAIVE] / took:,.0f}")
    console.print(speeds)
    kept = Table("goal", "median", "lowest", "highest", "bound", "", title="Goals")
    for g in goals:
        numbers = (f"{value:,.0f}" for value in (g.median, g.low, g.high))
        kept.add_row(g.name, *numbers, f"{g.sense} {g.bound:g}", "met" if g.met else "MISSED")
    console.print(kept)


if __name__ == "__main__":
    main()
