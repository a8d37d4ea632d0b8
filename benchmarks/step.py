"""The cost of the graph and the prior in a training step, and the time of padded tensors against DGL.

Run it as `python benchmarks/step.py`; on a machine with a GPU it measures there too. It needs torch and transformers,
and the extra `dgl` for DGL.

**One step**: forward, loss, backward and AdamW on a batch of 128, *full* with graph encoder, fusion, soft prior and
semantic loss, *plain* without any of these, on the same towers; small ones in fp32 on the CPU (processor time of one
thread), ViT-B/16 and BERT-base in bf16 on a GPU (wall time).

On a GPU it also counts the kernels of a step and the time in which they run: if that is below the time of the step,
the processor that starts them is what the step waits for.

**One batch of graphs**: forward from 128 sample graphs to their summaries, and backward to the gradients of all
weights, on the CPU. *dense* is the path of training. *dgl* converts each sample to a heterograph, joins them with
`dgl.batch`, and runs our two layers on it; *dgl, its own layer* runs two layers of DGL's `HGTConv`, which takes a
homogeneous graph.
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

Contestants = dict[str, Callable[[], object]]


def main() -> None:
    """Measure, print the results, and write them."""
    options = _options()
    torch.set_num_threads(1)  # busy waiting of threads would count as processor time
    vocabulary = made.vocabulary()
    goals, times = [], {}
    for device, towers, bound in _devices():
        found = _steps(vocabulary, device, towers, options.rounds)
        goals.append(goal(f"time of a step: full / plain, {towers} towers, {device}", _ratio(found), "<=", bound))
        times[f"step, {towers} towers, {device}"] = found
    graphs = _graphs(vocabulary, options.rounds)
    times["128 graphs, cpu"] = graphs
    goals += [
        goal(f"time of 128 graphs: {name} / dense", quotients(graphs[name], graphs["dense"]), ">=", 10)
        for name in graphs
        if name != "dense"
    ]
    kernels = _kernels(vocabulary) if torch.cuda.is_available() else {}
    _print(times, goals)
    for name, (count, busy) in kernels.items():
        print(f"{name}: {count} kernels a step, which keep the GPU busy for {busy * 1e3:.1f} ms")
    named = {name: {"kernels": count, "busy_seconds": busy} for name, (count, busy) in kernels.items()}
    result = {**surroundings(_PACKAGES), "gpu": _gpu(), "seconds": times, "gpu_step": named}
    result["goals"] = [asdict(one) for one in goals]
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=_RESULT, help="file of the result")
    return parser.parse_args()


def _devices() -> list[tuple[str, str, float]]:
    """Return the device, the towers, and the largest ratio of the times of a full and a plain step."""
    return [("cpu", "small", 1.05)] + ([("cuda", "base", 1.03)] if torch.cuda.is_available() else [])


def _steps(vocabulary: Any, device: str, towers: str, rounds: int) -> dict[str, list[float]]:
    batch = made.batch(towers, _BATCH, _TOKENS, vocabulary, device)
    steps = {name: made.Step(towers, vocabulary, device, name == "full") for name in ("plain", "full")}
    for step in steps.values():
        wall(lambda step=step: step(batch), device, 2)
    if device == "cpu":
        return take_turns(steps, rounds, lambda name, _: seconds(lambda: steps[name](batch)))
    return take_turns(steps, rounds, lambda name, _: wall(lambda: steps[name](batch), device, _REPEATS))


def _kernels(vocabulary: Any) -> dict[str, tuple[int, float]]:
    """Count the kernels of a step on the GPU, and the seconds in which it runs them."""
    batch = made.batch("base", _BATCH, _TOKENS, vocabulary, "cuda")
    found = {}
    for name in ("plain", "full"):
        step = made.Step("base", vocabulary, "cuda", name == "full")
        wall(lambda step=step: step(batch), "cuda", 2)
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
            wall(lambda step=step: step(batch), "cuda")
        events = [event for event in profile.events() if event.device_type == torch.autograd.DeviceType.CUDA]
        found[name] = (len(events), sum(event.time_range.elapsed_us() for event in events) / 1e6)
    return found


def _ratio(found: dict[str, list[float]]) -> list[float]:
    return quotients(found["full"], found["plain"])


def _graphs(vocabulary: Any, rounds: int) -> dict[str, list[float]]:
    """Measure the processor time in seconds."""
    space = NodeSpace(vocabulary)
    contestants = _contestants(space, made.sample_graphs(_BATCH, space))
    for contestant in contestants.values():
        contestant()
    return take_turns(contestants, rounds, lambda name, _: min(seconds(contestants[name]) for _ in range(3)))


def _contestants(space: NodeSpace, graphs: list[SampleGraph]) -> Contestants:
    encoder = made.model("small", space.vocabulary).graph_encoder
    contestants: Contestants = {"dense": lambda: encoder(**collate(graphs, space).typed()).summary.sum().backward()}
    try:
        from udt.clip.model.hgt_dgl import encode_dgl
        from udt.graphkit.convert.dgl import to_dgl
        from udt.graphkit.convert.dgl_compat import dgl
    except ValueError as error:
        print(error)
        return contestants

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

    contestants["dgl"] = lambda: encode_dgl(encoder, batched()).summary.sum().backward()
    contestants["dgl, its own layer"] = own_layers
    return contestants


def _gpu() -> str | None:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _print(times: dict[str, dict[str, list[float]]], goals: list[Goal]) -> None:
    for title, contestants in times.items():
        print(f"\n{title}")
        for name, found in contestants.items():
            print(f"  {name:20} {sorted(found)[len(found) // 2] * 1e3:10.1f} ms")
    print()
    for one in goals:
        verdict = "met" if one.met else "MISSED"
        print(
            f"{one.name:55} {one.median:6.2f} ({one.low:.2f} to {one.high:.2f})  {one.sense} {one.bound:g}  {verdict}"
        )


if __name__ == "__main__":
    main()
