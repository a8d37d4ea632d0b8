"""Ablation: the same training with and without graph and semantic loss, or with several priors, with several seeds.

```text
runs/VARIANT-SEED/     a run folder each, with test.json, the metrics of its best model on the test split
ablation.json          all results, `udt-ablation/1`
ablation.html          the report
```
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from udt.bundle.reader import Bundle
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure
from udt.clip.model.config import GraphSource
from udt.clip.settings.preset import preset_changes
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.run_folder import BEST, CONFIG, LAST, Run
from udt.clip.training.training import Watch, train
from udt.core.atomic import atomic_output
from udt.core.errors import DataError

SCHEMA = "udt-ablation/1"
DATA, REPORT, MEASURED = "ablation.json", "ablation.html", "test.json"

FULL = "full"
VARIANTS = (FULL, "no-graph", "no-semantic", "plain")
"""The settings without changes, and with those of the preset of each other name."""
NO_SEMANTIC = "no-semantic"

Changes = Mapping[str, Mapping[str, Any]]
"""Name of a variant to the settings that it changes, by section."""

Numbers = Mapping[str, float]


def standard_variants() -> Changes:
    """Return the variants with and without graph and semantic loss."""
    return {variant: {} if variant == FULL else preset_changes(variant) for variant in VARIANTS}


def prior_variants(similarities: Mapping[str, Path]) -> Changes:
    """Return a variant for each prior, and one without semantic loss, for which no prior is used.

    :param similarities: name of each prior to the file or folder of its label similarities.
    """
    priors = {f"prior-{name}": {"objective": {"similarity": str(path)}} for name, path in similarities.items()}
    return {NO_SEMANTIC: preset_changes(NO_SEMANTIC), **priors}


class StoppedError(DataError):
    """A training was stopped, by Ctrl-C or SIGTERM; it can be resumed."""


@dataclass(frozen=True, slots=True)
class VariantResult:
    """The result of one training of a variant.

    :ivar folder: of the run, relative to that of the ablation.
    :ivar measured: metric to value in [0, 1], as `udt.clip.evaluation.measure.Measures.headline` returns them.
    """

    variant: str
    seed: int
    folder: str
    measured: Numbers


@dataclass(frozen=True, slots=True)
class Ablation:
    """The results of all trainings.

    :ivar split: of the bundle, on which the models were evaluated.
    :ivar graph: source of the graphs of captions, for the variants with graph.
    :ivar chance: the expected metrics of a random ranking.
    """

    bundle: str
    split: str
    graph: GraphSource
    chance: Numbers
    outcomes: tuple[VariantResult, ...]

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of the variants, in the order of their trainings."""
        return tuple(dict.fromkeys(outcome.variant for outcome in self.outcomes))

    def seeds(self, variant: str, name: str) -> list[float]:
        """Return one metric of one variant for each seed."""
        return [outcome.measured[name] for outcome in self.outcomes if outcome.variant == variant]

    def mean(self, variant: str, name: str) -> float:
        """Return the mean of a metric over the seeds."""
        return mean(self.seeds(variant, name))

    def spread(self, variant: str, name: str) -> float | None:
        """Return the standard deviation of a metric over the seeds (divided by n - 1); None with a single seed."""
        values = self.seeds(variant, name)
        return stdev(values) if len(values) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Convert to `udt-ablation/1`.

        Its keys are bundle, split, graph, chance, variants {name: {mean, spread, runs [{seed, folder, measured}]}}.
        """
        return {
            "schema": SCHEMA,
            "bundle": self.bundle,
            "split": self.split,
            "graph": self.graph,
            "chance": dict(self.chance),
            "variants": {variant: self._variant(variant) for variant in self.variants},
        }

    def _variant(self, variant: str) -> dict[str, Any]:
        runs = [asdict(outcome) for outcome in self.outcomes if outcome.variant == variant]
        return {
            "mean": {name: self.mean(variant, name) for name in self.chance},
            "spread": {name: self.spread(variant, name) for name in self.chance},
            "runs": [{name: value for name, value in run.items() if name != "variant"} for run in runs],
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """One training to run; its settings contain the folder."""

    variant: str
    settings: TrainSettings

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return Path(self.settings.run.out)


OnStart = Callable[[Plan, int, int], Watch | None]
"""Called before each training with the plan, its number from 1, and the number of trainings; may return a watch."""


def plans(settings: TrainSettings, seeds: int, folder: Path, variants: Changes | None = None) -> list[Plan]:
    """Return all trainings, seed by seed, so that all variants can be compared early.

    :param settings: of a variant without changes; `run.seed` is the first seed.
    :param variants: by default `standard_variants()`.
    :raises DataError: if the settings of a variant have faults, with all of them.
    """
    chosen = standard_variants() if variants is None else variants
    first = settings.run.seed
    return [
        _plan(settings, variant, changes, seed, folder)
        for seed in range(first, first + seeds)
        for variant, changes in chosen.items()
    ]


def _plan(settings: TrainSettings, variant: str, changes: Mapping[str, Any], seed: int, folder: Path) -> Plan:
    own = {"run": {"seed": seed, "out": str(folder / "runs" / f"{variant}-{seed}")}}
    return Plan(
        variant, TrainSettings.of([("settings", asdict(settings)), (f"variant {variant}", changes), ("ablate", own)])
    )


def ablate(
    settings: TrainSettings,
    seeds: int,
    folder: Path,
    split: str = "test",
    on_start: OnStart | None = None,
    variants: Changes | None = None,
) -> Ablation:
    """Train and evaluate all variants; finished trainings are not repeated, and interrupted ones are resumed.

    :param settings: of a variant without changes.
    :param seeds: number of seeds of each variant.
    :param folder: created if it is missing.
    :param split: of the bundle, to evaluate on.
    :param variants: by default `standard_variants()`.
    :raises StoppedError: if a training was stopped; another call resumes it.
    :raises DataError: if a training was started with other settings or another bundle, or as `train`.
    """
    bundle = Bundle.open(settings.data.bundle)
    bundle.split(split)
    todo = plans(settings, seeds, folder, variants)
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    found = []
    for number, plan in enumerate(todo, 1):
        measured = _finished(plan, bundle, split)
        if measured is None:
            _train(plan, on_start(plan, number, len(todo)) if on_start else None)
            measured = _measure(plan, bundle, split)
        found.append((plan, measured))
    outcomes = tuple(
        VariantResult(p.variant, p.settings.run.seed, str(p.folder.relative_to(folder)), m["measured"])
        for p, m in found
    )
    result = Ablation(str(bundle.path), split, settings.model.graph, found[0][1]["chance"], outcomes)
    _write(folder / DATA, result.to_dict())
    return result


def _finished(plan: Plan, bundle: Bundle, split: str) -> dict[str, Any] | None:
    """Return the metrics of a finished training; None for any other.

    :raises DataError: if it was made with other settings, or on another bundle.
    """
    path = plan.folder / MEASURED
    if not path.is_file():
        return None
    run = Run.open(plan.folder)
    differing = plan.settings.resolved().differences(run.settings(check=False))
    if differing:
        raise DataError(
            f"{plan.folder}: was made with other settings: {', '.join(differing)}; give another folder (--out), or the "
            "same settings"
        )
    run.check_bundle(bundle)
    measured: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return measured if measured["split"] == split else None


def _train(plan: Plan, watch: Watch | None) -> None:
    trained = train(plan.settings, resume=(plan.folder / CONFIG).is_file(), watch=watch)
    if not trained.finished:
        raise StoppedError(
            f"{plan.folder}: stopped at step {trained.step:,} of {trained.steps:,}; the same command resumes it"
        )


def _measure(plan: Plan, bundle: Bundle, split: str) -> dict[str, Any]:
    """Evaluate the best model of a run, or the last one if there is no best, and write the metrics."""
    best = plan.folder / BEST
    root = plan.settings.data.image_root
    options = EvaluationOptions(
        plan.settings.model.graph,
        batch_size=plan.settings.evaluation.batch_size,
        workers=plan.settings.data.workers,
        image_root=Path(root) if root else None,
    )
    encoder = UltrasoundEncoder.load(best if best.is_dir() else plan.folder / LAST)
    measures = measure(encoder, bundle, bundle.split(split), options)
    measured = {"split": split, "measured": measures.headline(), "chance": measures.chance()}
    _write(plan.folder / MEASURED, measured)
    return measured


def _write(path: Path, data: Mapping[str, Any]) -> None:
    with atomic_output(path) as handle:
        handle.write((json.dumps(data, indent=1) + "\n").encode())


def rows(found: Ablation, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each variant, and one for chance: its name, and `mean ± spread` of the metrics `names`."""
    for variant in found.variants:
        yield variant, *(cell(found.mean(variant, name), found.spread(variant, name)) for name in names)
    yield "chance", *(cell(found.chance[name], None) for name in names)


def cell(value: float, spread: float | None) -> str:
    """Format a mean with its spread.

    >>> cell(0.5, 0.012), cell(0.5, None)
    ('0.500 ± 0.012', '0.500')
    """
    return f"{value:.3f}" if spread is None else f"{value:.3f} ± {spread:.3f}"
