"""The report of an ablation: a self-contained HTML page (needs matplotlib)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from udt.clip.ablation.ablation import NO_SEMANTIC, REPORT, VARIANTS, Ablation, rows
from udt.core.atomic import atomic_output
from udt.reporting import charts
from udt.reporting.html import heading, page, paragraph, picture, table

# Title of a section to the prefixes of its metrics.
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Zero-shot classification": ("mean_",),
    "Retrieval of distinct captions": ("caption_",),
    "Retrieval of the exact partner": ("partner_",),
    "Retrieval of the case": ("case_",),
}


def write_report(found: Ablation, folder: Path) -> Path:
    """Write the page, and return its path."""
    with atomic_output(folder / REPORT) as handle:
        handle.write(page("Ablation", _parts(found)).encode())
    return folder / REPORT


def _parts(found: Ablation) -> Iterator[str]:
    seeds = len({outcome.seed for outcome in found.outcomes})
    names = list(found.chance)
    yield paragraph(
        f"Mean ± standard deviation on the split '{found.split}' of {found.bundle}; graph: {found.graph}; "
        f"seeds a variant: {seeds}. "
        "Every variant is trained on the same data with the same settings, except for the part in its name; "
        f"{_control(found)}."
    )
    for title, prefixes in _SECTIONS.items():
        some = [name for name in found.chance if name.startswith(prefixes)]
        yield heading(title)
        yield table(rows(found, some), ("", *map(_words, some)))
    for name in names[:2]:
        bars = [(variant, found.mean(variant, name)) for variant in found.variants]
        title = _words(name).capitalize()
        marks = [found.chance[name]] * len(found.variants)
        yield picture(charts.bars(f"{title}, with chance as tick", bars, ".3f", marks), f"{title} by variant")
    yield heading("Every run")
    each = ((o.variant, o.seed, *(o.measured[name] for name in names[:3])) for o in found.outcomes)
    yield table(each, ("variant", "seed", *map(_words, names[:3])))


def _control(found: Ablation) -> str:
    """Describe the variant without the parts that are compared."""
    return "plain has neither graph nor semantic loss" if found.variants == VARIANTS else f"{NO_SEMANTIC} has no prior"


def _words(name: str) -> str:
    return name.replace("_recall_at_", " R@").replace("_", " ")
