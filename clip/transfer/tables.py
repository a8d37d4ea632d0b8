"""The tables of a transfer as text, for terminal and page."""

from __future__ import annotations

import math

import numpy as np

from udt.clip.evaluation.tables import TextTable
from udt.clip.transfer.document import compared
from udt.clip.transfer.partition import PARTS
from udt.clip.transfer.scoring import MEASURES, SeedMean, difference
from udt.clip.transfer.transfer import TransferEntry, TransferResult

TITLES = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "auc": "AUC"}


def measure_table(found: TransferResult) -> TextTable:
    """Return the measures of the model and of the classifiers beside it: mean, interval, and spread over seeds."""
    header = (f"{found.mode}, split {found.plan.name}", *(TITLES[name] for name in MEASURES))
    rows = ((entry_name(one), *(_cell(one.measures[name]) for name in MEASURES)) for one in found.entries)
    return TextTable(header, tuple(rows))


def difference_table(found: TransferResult) -> TextTable:
    """Return the differences of the last entry of the model, that of the most images, to the classifiers beside it."""
    last = found.own[-1]
    rows = (
        (
            f"minus {entry_name(other)}",
            *(f"{difference(own.measures[name], other.measures[name], found.resamples):+.3f}" for name in MEASURES),
        )
        for own, other in compared(found)
        if own is last
    )
    return TextTable((entry_name(last), *(TITLES[name] for name in MEASURES)), tuple(rows))


def class_table(found: TransferResult) -> TextTable:
    """Return the number of images of each class in each part, of the first seed."""
    parts = list(found.plan.partitions(found.options.seed))
    header = ("images", *(f"{part}{' ' if one.fold else ''}{one.fold}" for one in parts for part in PARTS))
    counts = [found.data.counts(getattr(one, part)) for one in parts for part in PARTS]
    rows = ((name, *(f"{own[number]:,}" for own in counts)) for number, name in enumerate(found.data.classes))
    return TextTable(header, tuple(rows))


def transfer_notes(found: TransferResult) -> list[str]:
    """Return sentences on the data, the protocol and the classifiers."""
    data, resamples = found.data, found.resamples
    left_out = [f"{len(data.broken):,} that cannot be read"] if data.broken else []
    left_out += [f"{count:,} with the label '{label}'" for label, count in data.left_out.items()]
    seeds = max(len(one.seeds) for one in found.entries)
    spread = f"; ±: standard deviation over {seeds} seeds" if seeds > 1 else ""
    details = {f"{one.name}: {one.detail}": None for one in found.entries}
    return [
        f"{len(data):,} images of {len(np.unique(data.groups)):,} groups (cases and near-duplicates); "
        f"{data.near_duplicates:,} pairs of near-duplicates",
        *([f"left out: {', '.join(left_out)}"] if left_out else []),
        f"test: {len(found.plan.tested):,} images of {resamples.count:,} groups; intervals: 95%, bootstrap over "
        f"groups, {resamples.replicates:,} resamples{spread}",
        *details,
        *found.notes,
    ]


def entry_name(entry: TransferEntry) -> str:
    """Return the name of an entry with the number of images for each class, if it was fitted to few."""
    if entry.shots is None:
        return entry.name
    if entry.shots == 0:
        return f"{entry.name}, zero-shot"
    return f"{entry.name}, {entry.shots} {'shot' if entry.shots == 1 else 'shots'}"


def _cell(found: SeedMean) -> str:
    spread = "" if math.isnan(found.spread) else f" ±{found.spread:.3f}"
    return f"{found.interval}{spread}"
