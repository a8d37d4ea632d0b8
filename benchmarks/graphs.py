"""How fast sample graphs become batches: DGL against padded arrays, and one index against indexing for every batch.

Run it as `python benchmarks/graphs.py`. It needs the extra `dgl`. All ways get the same made-up label sets; before
anything is timed, it is checked that they give the same graphs.

**One batch of 128.** From label sets in memory to a batch in torch: `dgl, one by one` builds a heterograph of every
sample and joins them with `dgl.batch`, as DGL's guide does; `dgl, at once` builds the batched heterograph directly;
`dense` pads the node ids; `dense, indexed` gathers them from an index of the corpus that was built before.

**10,000 records.** All batches of an epoch, in a random order. *Naive* does for every batch what published code does:
it makes its dictionary from the name of an image to its record anew from the list of all records, looks up the 128
names, finds each label's number by searching the list of labels, and fills the arrays one by one; an epoch takes time
with the square of the records. *Ours* makes an index from the same records once (`index`), and gathers every batch.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from rounds import Goal, goal, quotients, seconds, surroundings, take_turns

from udt.core.labels import LabelSet
from udt.core.vocabulary import DimensionLabels, Vocabulary
from udt.graphkit.convert.dense import DenseBatch, GraphIndex, collate
from udt.graphkit.convert.dgl import batch_dgl, from_dgl, to_dgl
from udt.graphkit.convert.dgl_compat import dgl
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "graphs.json"
_PACKAGES = ("udt-toolkit", "dgl", "torch", "numpy")
_SEED = 2024
_BATCH, _EPOCHS, _REPEATS = 128, 50, 20
# How many labels a sample has in a dimension of attributes, and as diagnosis.
_ATTRIBUTES, _DIAGNOSES = (0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2), (0, 1, 1, 1, 1, 1, 1, 1, 2)

Record = Mapping[str, Any]
Way = Callable[[], object]


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1))
@click.option("--records", default=10_000, show_default=True, type=click.IntRange(min=_BATCH))
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
@click.option("--check", is_flag=True, help="End with status 1 where a goal is missed.")
def main(rounds: int, records: int, out: Path, check: bool) -> None:
    """Compare DGL with padded arrays, and one index with one for every batch."""
    torch.set_num_threads(1)
    space = NodeSpace(Taxonomy.load().vocabulary)
    samples = _samples(space.vocabulary, records)
    batching, batch_goals = _one_batch(samples, space, rounds)
    epochs, epoch_goals = _epoch(samples, space, rounds)
    goals = [*batch_goals, *epoch_goals]
    result = {
        **surroundings(_PACKAGES),
        "seconds": {"batch": batching, "epoch": epochs},
        "records": records,
        "goals": [asdict(g) for g in goals],
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    _show(f"a batch of {_BATCH}", batching)
    _show(f"all batches of {records:,} records", epochs)
    _show_goals(goals)
    if check and not all(g.met for g in goals):
        sys.exit(1)


def _samples(vocabulary: Vocabulary, count: int) -> list[LabelSet]:
    source = random.Random(_SEED)

    def labels(dimension: DimensionLabels) -> tuple[int, ...]:
        counts = {"diagnosis": _DIAGNOSES, "place": (1,), "attribute": _ATTRIBUTES}[dimension.role]
        return tuple(sorted(source.sample(range(len(dimension)), source.choice(counts))))

    return [LabelSet(tuple(map(labels, vocabulary.dimensions))) for _ in range(count)]


def _one_batch(
    samples: Sequence[LabelSet], space: NodeSpace, rounds: int
) -> tuple[Mapping[str, list[float]], list[Goal]]:
    chosen = samples[:_BATCH]
    index, rows = GraphIndex.of(samples, space), np.arange(_BATCH)

    def graphs() -> list[SampleGraph]:
        return [SampleGraph.of(labels, space) for labels in chosen]

    ways: dict[str, Way] = {
        "dgl, one by one": lambda: dgl.batch([to_dgl(graph, space) for graph in graphs()]),
        "dgl, at once": lambda: batch_dgl(graphs(), space),
        "dense": lambda: collate(graphs(), space).tensors(),
        "dense, indexed": lambda: index.batch(rows).tensors(),
    }
    made = [way() for way in ways.values()]
    found = [from_dgl(x) for x in made[:2]] + [DenseBatch.of_tensors(x).graphs() for x in made[2:]]
    _same(*found, graphs())
    took = take_turns(ways, rounds, lambda name, _: seconds(lambda: [ways[name]() for _ in range(_REPEATS)]) / _REPEATS)
    return took, [
        goal("time: dgl, one by one / dense", quotients(took["dgl, one by one"], took["dense"]), ">=", 100),
        goal("time: dgl, at once / dense", quotients(took["dgl, at once"], took["dense"]), ">=", 2),
        goal("time: dense / dense, indexed", quotients(took["dense"], took["dense, indexed"]), ">=", 1),
    ]


def _epoch(samples: Sequence[LabelSet], space: NodeSpace, rounds: int) -> tuple[Mapping[str, list[float]], list[Goal]]:
    records: list[Record] = [
        {"image": f"{i:06d}.jpg", **labels.named(space.vocabulary)} for i, labels in enumerate(samples)
    ]
    order = random.Random(_SEED).sample(range(len(samples)), len(samples))
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
    names = [[str(records[row]["image"]) for row in batch] for batch in batches]

    def indexed() -> GraphIndex:
        stated = ({key: record[key] for key in space.vocabulary.keys} for record in records)
        return GraphIndex.of((LabelSet.of(labels, space.vocabulary) for labels in stated), space)

    index = indexed()

    def ours() -> list[DenseBatch]:
        return [index.batch(batch) for batch in batches]

    def naive() -> list[DenseBatch]:
        return [_naive(records, batch, space) for batch in names]

    _same(*([graph for batch in way() for graph in batch.graphs()] for way in (ours, naive)))
    ways: dict[str, Way] = {"index": indexed, "ours": ours, "naive": naive}
    took = take_turns(ways, rounds, lambda name, _: seconds(ways[name]))
    training = [once + _EPOCHS * epoch for once, epoch in zip(took["index"], took["ours"], strict=True)]
    return took, [
        goal("time: naive / ours, an epoch", quotients(took["naive"], took["ours"]), ">=", 10),
        goal(
            f"time: naive / ours with the index, {_EPOCHS} epochs",
            quotients([_EPOCHS * epoch for epoch in took["naive"]], training),
            ">=",
            10,
        ),
    ]


def _naive(records: Sequence[Record], names: Sequence[str], space: NodeSpace) -> DenseBatch:
    by_name = {record["image"]: record for record in records}
    labels = [(node.dimension, node.label) for node in space.nodes]
    keys = [d.key for d in space.vocabulary.dimensions if d.role != "place"]
    rows = []
    for name in names:
        record = by_name[name]
        pairs = [(key, label) for key in keys for label in record[key]]
        rows.append(sorted(labels.index(pair) for pair in pairs))
    shape = len(rows), max(1, *map(len, rows))
    ids, types, dimensions = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    mask = np.zeros(shape, dtype=bool)
    for row, nodes in enumerate(rows):
        for column, node in enumerate(nodes):
            ids[row, column] = node
            types[row, column] = int(space.nodes[node].type == "attribute")
            dimensions[row, column] = keys.index(space.nodes[node].dimension)
            mask[row, column] = True
    return DenseBatch(ids, types, dimensions, mask)


def _same(*found: Sequence[SampleGraph]) -> None:
    if any(list(graphs) != list(found[0]) for graphs in found):
        raise SystemExit("the ways do not give the same graphs; what they take cannot be compared")


def _show(title: str, took: Mapping[str, Sequence[float]]) -> None:
    table = Table("way", "median ms", "lowest", "highest", title=title)
    for name, times in took.items():
        ordered = sorted(times)
        table.add_row(name, *(f"{1000 * t:,.3f}" for t in (ordered[len(ordered) // 2], ordered[0], ordered[-1])))
    Console().print(table)


def _show_goals(goals: Sequence[Goal]) -> None:
    table = Table("goal", "median", "lowest", "highest", "bound", "", title="Goals")
    for g in goals:
        numbers = (f"{value:,.1f}" for value in (g.median, g.low, g.high))
        table.add_row(g.name, *numbers, f"{g.sense} {g.bound:g}", "met" if g.met else "MISSED")
    Console().print(table)


if __name__ == "__main__":
    main()
