"""A transfer as plain data, `udt-transfer/1`; its JSON Schema is `udt-transfer-1.schema.json` in this folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import numpy as np

from udt.clip.evaluation.bootstrap import LEVEL
from udt.clip.evaluation.document import value
from udt.clip.evaluation.references import MAJORITY
from udt.clip.transfer.dataset import TransferSet
from udt.clip.transfer.partition import PARTS, SplitPlan
from udt.clip.transfer.scoring import MEASURES, SeedMean, difference
from udt.clip.transfer.transfer import MODEL, TransferEntry, TransferResult
from udt.core.version import __version__

SCHEMA = "udt-transfer/1"

Json = dict[str, Any]


def transfer_schema() -> Json:
    """Return the JSON Schema of the documents."""
    found: Json = json.loads((files("udt.clip.transfer") / "udt-transfer-1.schema.json").read_text("utf-8"))
    return found


def transfer_to_dict(found: TransferResult) -> Json:
    """Convert a transfer to plain data for JSON."""
    bootstrap = {"over": "groups", "replicates": found.resamples.replicates, "seed": found.resamples.seed}
    return {
        "schema": SCHEMA,
        "mode": found.mode,
        "model": {"name": found.model, "kind": found.kind, "graph": found.graph},
        "data": _data(found.data),
        "split": _split(found.plan, found.options.seed),
        "prompts": list(found.data.layout.prompts),
        "bootstrap": {**bootstrap, "level": LEVEL, "groups": found.resamples.count},
        "entries": [_entry(one) for one in found.entries],
        "differences": [
            {
                "model": own.shots,
                "reference": {"name": other.name, "shots": other.shots},
                **{
                    name: value(difference(own.measures[name], other.measures[name], found.resamples))
                    for name in MEASURES
                },
            }
            for own, other in compared(found)
        ],
        "fine_tuning": asdict(found.options.fine_tuning) if found.mode == "fine-tune" else None,
        "notes": list(found.notes),
        "warnings": list(found.warnings),
        "versions": {
            "udt-toolkit": __version__,
            **{name: version(name) for name in ("torch", "transformers", "scikit-learn")},
        },
    }


def compared(found: TransferResult) -> Iterator[tuple[TransferEntry, TransferEntry]]:
    """Yield each entry of the model with each reference that was fitted to as many images, and with the majority."""
    for own in found.own:
        for other in found.entries:
            if other.name == MODEL:
                continue
            if found.mode != "few-shot" or other.name == MAJORITY or other.shots == own.shots:
                yield own, other


def _data(data: TransferSet) -> Json:
    return {
        "folder": str(data.folder),
        "layout": data.layout.name,
        "title": data.layout.title,
        "images": len(data),
        "classes": dict(zip(data.classes, data.counts(np.arange(len(data))), strict=True)),
        "groups": len(np.unique(data.groups)),
        "near_duplicates": data.near_duplicates,
        "broken": list(data.broken),
        "left_out": dict(data.left_out),
    }


def _split(plan: SplitPlan, seed: int) -> Json:
    groups, images = plan.crossing()
    rounds = []
    for partition in plan.partitions(seed):
        counts = {part: plan.data.counts(getattr(partition, part)) for part in PARTS}
        rounds.append({"fold": partition.fold, **counts})
    crossing = {"groups": groups, "test_images": images}
    return {"name": plan.name, "rounds": rounds, "tested": len(plan.tested), "crossing": crossing}


def _entry(entry: TransferEntry) -> Json:
    return {
        "name": entry.name,
        "detail": entry.detail,
        "shots": entry.shots,
        "seeds": list(entry.seeds),
        "measures": {name: _measure(entry.measures[name]) for name in MEASURES},
        "confusion": np.round(entry.confusion, 6).tolist(),
        "fits": [[dict(one) for one in rounds] for rounds in entry.fits],
    }


def _measure(found: SeedMean) -> Json:
    spread = None if math.isnan(found.spread) else found.spread
    return {
        **value(found.interval),
        "spread": spread,
        "seeds": [None if np.isnan(x) else x for x in found.seeds.tolist()],
    }
