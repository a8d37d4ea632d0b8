"""The report of a run: an HTML page with metrics over steps, settings and environment."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from udt.clip.loss.statistics import EFFECTIVE_POSITIVES, OWN_MASS, PRIOR_STATISTICS, RELATED_SHARE
from udt.clip.training.run_folder import BEST, CONFIG, REPORT, Run
from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.reporting import html as page

Line = Mapping[str, Any]

# Title, kind of line, and name to key of the curves of each chart below that of the losses.
_CHARTS = (
    (
        "Validation: zero-shot classification",
        "valid",
        {"mean accuracy": "mean_accuracy", "mean macro recall": "mean_macro_recall"},
    ),
    (
        "Validation: retrieval of distinct captions",
        "valid",
        {
            f"{name} @ {k}": f"caption_{key}_recall_at_{k}"
            for name, key in (("image → text", "image_to_text"), ("text → image", "text_to_image"))
            for k in (1, 10)
        },
    ),
    ("Prior: effective positives of a text", "train", {"effective positives": EFFECTIVE_POSITIVES}),
    (
        "Prior: shares",
        "train",
        {"mass on the own text": OWN_MASS, "pairs with a prior above 0": RELATED_SHARE},
    ),
    ("Learning rate", "train", {"learning rate": "learning_rate"}),
    ("Logit scale", "train", {"logit scale": "logit_scale"}),
    ("Throughput, samples per second", "train", {"samples per second": "samples_per_second"}),
)


def write_report(run: Run) -> None:
    """Write `report.html` from the files of a run; without matplotlib it has no charts, but the reason for that."""
    lines = run.metrics()
    parts = [*_summary(run, lines), *_charts(run, lines), *_settings(run)]
    with atomic_output(run.path / REPORT) as handle:
        handle.write(page.page(f"Training {run.path.name}", parts).encode())


def _summary(run: Run, lines: Sequence[Line]) -> Iterator[str]:
    training = [line for line in lines if line["kind"] == "train"]
    if not training:
        yield page.paragraph("No step was logged.")
        return
    last = training[-1]
    rows: list[tuple[str, object]] = [("steps", last["step"]), ("epochs", last["epoch"]), ("loss", last["loss"])]
    speeds = [line["samples_per_second"] for line in training if "samples_per_second" in line]
    if speeds:
        rows.append(("samples per second, median", sorted(speeds)[len(speeds) // 2]))
    rows += [(name.replace("_", " "), last[name]) for name in PRIOR_STATISTICS if name in last]
    yield page.table(rows)
    best = run.measured(BEST)
    if best is not None:
        yield page.heading(f"Best model, step {best['step']:,}")
        yield page.table(
            [(name.replace("_", " "), value) for name, value in best.items() if name not in ("step", "epoch")]
        )


def _charts(run: Run, lines: Sequence[Line]) -> Iterator[str]:
    try:
        from udt.reporting import charts
    except DataError as error:
        yield page.paragraph(f"There are no curves: {error}")
        return
    terms = run.settings(check=False).objective.objective().weights
    losses = ("Losses", "train", {"total": "loss", **{name: name for name in terms}})
    for title, kind, names in (losses, *_CHARTS):
        curves = {
            name: ([line["step"] for line in own], [line[key] for line in own])
            for name, key in names.items()
            if (own := [line for line in lines if line["kind"] == kind and key in line])
        }
        if curves:
            yield page.picture(charts.lines(title, curves, "step"), f"{title}: {', '.join(curves)} over steps")


def _settings(run: Run) -> Iterator[str]:
    settings = tomllib.loads((run.path / CONFIG).read_text("utf-8"))
    yield page.heading("Settings")
    for section, table in settings.items():
        yield page.details(section, page.table([(key, _plain(value)) for key, value in table.items()]))
    yield page.heading("Environment")
    for section, value in run.environment().items():
        rows = list(value.items()) if isinstance(value, dict) else [(section, value)]
        yield page.details(section, page.table([(key, _plain(part)) for key, part in rows]))


def _plain(value: object) -> object:
    """Return numbers and strings as they are, other values as JSON."""
    simple = isinstance(value, str | int | float) and not isinstance(value, bool)
    return value if simple else json.dumps(value, ensure_ascii=False)
