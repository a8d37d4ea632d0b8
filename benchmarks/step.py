"""What the graph and the prior cost in a training step, and what padded tensors save over DGL.

Run it as `python benchmarks/step.py`; on a machine with a GPU it measures there too. It needs torch and transformers;
for DGL the extra `dgl`.

**One step**: forward, loss, backward and AdamW on a batch of 128, *full* with graph encoder, fusion, soft prior and
semantic loss, *plain* without any of these, on the same towers; small ones in fp32 on the CPU (processor time of one
thread), ViT-B/16 and BERT-base in bf16 on a GPU (wall time).

**One batch of graphs**: from 128 sample graphs to their summaries and back to the gradients of all weights, on the CPU.
*dense* is what training does. *dgl* makes a heterograph of each sample, joins them with `dgl.batch`, and runs our two
layers on it; *dgl, its own layer* runs two of DGL's `HGTConv`, which takes a homogeneous graph.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import checkout
import made
import torch
from rounds import Goal, goal, quotients, seconds, surroundings, take_turns
from stopwatch import wall

checkout.use()

from udt.graphkit.convert.dense import collate  # noqa: E402
from udt.graphkit.nodes import NodeSpace  # noqa: E402
from udt.graphkit.sample import RELATIONS, SampleGraph  # noqa: E402

_RESULT = Path(__file__).with_name("results") / "step.json"
_BATCH, _TOKENS, _REPEATS = 128, 32, 20
_PACKAGES = ("torch", "transformers", "dgl", "numpy")

Ways = dict[str, Callable[[], object]]


def main() -> None:
    """Measures, prints and writes."""
    options = _options()
    torch.set_num_threads(1)  # threads that wait for each other would count as work
    words = made.vocabulary()
    goals, times = [], {}
    for device, towers, bound in _places():
        found = _steps(words, device, towers, options.rounds)
        goals.append(goal(f"time of a step: full / plain, {towers} towers, {device}", _ratio(found), "<=", bound))
        times[f"step, {towers} towers, {device}"] = found
    graphs = _graphs(words, options.rounds)
    times["128 graphs, cpu"] = graphs
    goals += [
        goal(f"time of 128 graphs: {name} / dense", quotients(graphs[name], graphs["dense"]), ">=", 10)
        for name in graphs
        if name != "dense"
    ]
    _print(times, goals)
    result = {**surroundings(_PACKAGES), "gpu": _gpu(), "seconds": times, "goals": [asdict(g) for g in goals]}
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=_RESULT, help="where the result goes")
    return parser.parse_args()


def _places() -> list[tuple[str, str, float]]:
    """Device, towers, and how much longer a full step may take."""
    return [("cpu", "small", 1.05)] + ([("cuda", "base", 1.03)] if torch.cuda.is_available() else [])


def _steps(words: Any, device: str, towers: str, rounds: int) -> dict[str, list[float]]:
    batch = made.batch(towers, _BATCH, _TOKENS, words, device)
    steps = {name: made.Step(towers, words, device, name == "full") for name in ("plain", "full")}
    for step in steps.values():
        wall(lambda step=step: step(batch), device, 2)
    if device == "cpu":
        return take_turns(steps, rounds, lambda name, _: seconds(lambda: steps[name](batch)))
    return take_turns(steps, rounds, lambda name, _: wall(lambda: steps[name](batch), device, _REPEATS))


def _ratio(found: dict[str, list[float]]) -> list[float]:
    return quotients(found["full"], found["plain"])


def _graphs(words: Any, rounds: int) -> dict[str, list[float]]:
    """Seconds of processor time."""
    space = NodeSpace(words)
    ways = _ways(space, made.sample_graphs(_BATCH, space))
    for way in ways.values():
        way()
    return take_turns(ways, rounds, lambda name, _: min(seconds(ways[name]) for _ in range(3)))


def _ways(space: NodeSpace, graphs: list[SampleGraph]) -> Ways:
    encoder = made.model("small", space.vocabulary).graph_encoder
    ways: Ways = {"dense": lambda: encoder(**collate(graphs, space).typed()).summary.sum().backward()}
    try:
        from udt.clip.model.hgt_dgl import encode_dgl
        from udt.graphkit.convert.dgl import to_dgl
        from udt.graphkit.convert.dgl_compat import dgl
    except ValueError as error:
        print(error)
        return ways

    def batched() -> Any:
        return dgl.batch([to_dgl(graph, space) for graph in graphs])

    width, heads = encoder.labels.weight.shape[1], encoder.layers[0].heads
    layers = [dgl.nn.HGTConv(width, width // heads, heads, 2, len(RELATIONS), dropout=0.0) for _ in encoder.layers]

    def own_layers() -> None:
        graph = batched()
        for kind in graph.ntypes:
            graph.nodes[kind].data["h"] = encoder.features()[graph.nodes[kind].data["id"]]
        flat = dgl.to_homogeneous(graph, ndata=["h"])
        nodes = flat.ndata["h"]
        for layer in layers:
            nodes = layer(flat, nodes, flat.ndata[dgl.NTYPE], flat.edata[dgl.ETYPE])
        nodes.sum().backward()

    ways["dgl"] = lambda: encode_dgl(encoder, batched()).summary.sum().backward()
    ways["dgl, its own layer"] = own_layers
    return ways


def _gpu() -> str | None:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _print(times: dict[str, dict[str, list[float]]], goals: list[Goal]) -> None:
    for title, ways in times.items():
        print(f"\n{title}")
        for name, found in ways.items():
            print(f"  {name:20} {sorted(found)[len(found) // 2] * 1e3:10.1f} ms")
    print()
    for one in goals:
        verdict = "met" if one.met else "MISSED"
        print(
            f"{one.name:55} {one.median:6.2f} ({one.low:.2f} to {one.high:.2f})  {one.sense} {one.bound:g}  {verdict}"
        )


if __name__ == "__main__":
    main()
