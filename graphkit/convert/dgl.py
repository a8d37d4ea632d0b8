"""Sample graphs as `dgl.heterograph`: nodes carry their id as `id`, attributes also their `dimension`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import torch

from udt.graphkit.convert.dgl_compat import dgl
from udt.graphkit.nodes import NODE_TYPES, NodeSpace
from udt.graphkit.sample import RELATIONS, SampleGraph

# DGL ships no types.
Heterograph = Any


def to_dgl(graph: SampleGraph, space: NodeSpace) -> Heterograph:
    """Build the heterograph of one sample, with all node types and relations, however few nodes it has."""
    return batch_dgl([graph], space)


def batch_dgl(graphs: Sequence[SampleGraph], space: NodeSpace | None = None) -> Heterograph:
    """Build one batched heterograph of all `graphs` at once; equal to `dgl.batch` of the single ones.

    :param space: node space; without it the nodes have their id alone.
    """
    parts = {"diagnosis": [g.diagnoses for g in graphs], "attribute": [g.attributes for g in graphs]}
    counts = {kind: torch.tensor([len(ids) for ids in lists], dtype=torch.int64) for kind, lists in parts.items()}
    sources, targets = _all_pairs(counts["diagnosis"], counts["attribute"])
    has, of = RELATIONS
    found = dgl.heterograph(
        {has: (sources, targets), of: (targets, sources)},
        num_nodes_dict={kind: int(count.sum()) for kind, count in counts.items()},
    )
    found.set_batch_num_nodes(counts)
    found.set_batch_num_edges(dict.fromkeys(RELATIONS, counts["diagnosis"] * counts["attribute"]))
    for kind, lists in parts.items():
        found.nodes[kind].data["id"] = torch.tensor([id for ids in lists for id in ids], dtype=torch.int64)
    if space is not None:
        ids = found.nodes["attribute"].data["id"]
        found.nodes["attribute"].data["dimension"] = torch.from_numpy(space.dimensions)[ids]
    return found


def _all_pairs(diagnoses: torch.Tensor, attributes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the batch-wide positions of both ends of every pair, sample by sample.

    :param diagnoses: number of diagnoses of each sample; `attributes` likewise. Shape (B,).
    """
    pairs = diagnoses * attributes
    sample = torch.repeat_interleave(torch.arange(len(pairs)), pairs)
    rank = torch.arange(len(sample)) - (pairs.cumsum(0) - pairs)[sample]
    width = attributes[sample]
    first_diagnosis, first_attribute = diagnoses.cumsum(0) - diagnoses, attributes.cumsum(0) - attributes
    return first_diagnosis[sample] + rank // width, first_attribute[sample] + rank % width


def saved_dgl(graphs: Sequence[Heterograph]) -> bytes:
    """Return the content of a file that `dgl.load_graphs` reads."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "graphs.dgl"
        dgl.save_graphs(str(file), list(graphs))
        return file.read_bytes()


def from_dgl(graph: Heterograph) -> list[SampleGraph]:
    """Return the sample graphs of a heterograph, batched or not."""
    ids = [_split(graph.nodes[kind].data["id"], graph.batch_num_nodes(kind)) for kind in NODE_TYPES]
    return [SampleGraph(diagnoses, attributes) for diagnoses, attributes in zip(*ids, strict=True)]


def _split(ids: torch.Tensor, counts: torch.Tensor) -> list[tuple[int, ...]]:
    parts = np.split(ids.cpu().numpy(), np.cumsum(counts.cpu().numpy())[:-1])
    return [cast("tuple[int, ...]", tuple(part.tolist())) for part in parts]
