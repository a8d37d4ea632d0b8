"""Several evaluations of the same samples side by side, with paired intervals of their differences.

The columns are the models, and the references of the first one. Every interval of a difference is of a column minus the
first model, resample by resample of the same cases; see `udt.clip.evaluation.bootstrap`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from udt.clip.evaluation.bootstrap import REPLICATES, BootstrapInterval, Floats, Resamples
from udt.clip.evaluation.classification import Classification
from udt.clip.evaluation.document import SCHEMA, value
from udt.clip.evaluation.evaluation import MODEL
from udt.clip.evaluation.measure import median_rank_name, recall_name
from udt.clip.evaluation.outcomes import entry_of
from udt.clip.evaluation.references import MAJORITY, PIXELS, PROBE, Reference
from udt.clip.evaluation.resampled import ACCURACY, ECE, MACRO_RECALL, MEANS, resampled, task_name
from udt.clip.evaluation.retrieval import CUTOFFS, DEFINITIONS, WAYS
from udt.core.errors import DataError

COMPARISON_SCHEMA = "udt-comparison/1"

_AGAIN = "evaluate the models again on the same bundle and split: udt evaluate compare CHECKPOINT … --data BUNDLE"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class ComparedColumn:
    """A model, or a reference of the first model.

    :ivar graph: source of the graphs of captions; empty for a reference.
    :ivar entry: its outcomes, in the common tasks alone.
    :ivar intervals: by the name of the measure.
    :ivar differences: to the first model, likewise; empty for the first model itself.
    """

    name: str
    graph: str
    entry: Reference
    intervals: Mapping[str, BootstrapInterval]
    differences: Mapping[str, BootstrapInterval]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Models and references on the same samples.

    :ivar columns: the models, in the order given, and then the references.
    :ivar models: number of models.
    :ivar chance: expected value of each measure by chance; None for an ECE, which a random guess has not.
    :ivar rows: of the bundle; `cases` and `captions` of the samples likewise.
    :ivar degenerate: keys of tasks that are not compared, since one label is right for all samples.
    :ivar others: keys of tasks that are not compared, since not all models have them.
    """

    columns: tuple[ComparedColumn, ...]
    models: int
    chance: Mapping[str, float | None]
    split: str
    rows: tuple[int, ...]
    cases: tuple[str, ...]
    captions: tuple[str, ...]
    resamples: Resamples
    degenerate: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures, in the order of the table."""
        return tuple(self.chance)


def read_document(path: Path) -> dict[str, Any]:
    """Read an `udt-evaluation/2` object.

    :raises DataError: if it is missing, damaged, or of another schema.
    """
    try:
        found: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}; give an evaluation.json of udt evaluate model") from error
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        raise DataError(f"{path}: has the schema '{schema}', but '{SCHEMA}' is compared; evaluate the model again")
    return dict(found)


def compare(documents: Mapping[str, Document], replicates: int = REPLICATES, seed: int = 0) -> Comparison:
    """Compare evaluations.

    :param documents: name of each model to its `udt-evaluation/2` object, the first one to compare with.
    :param replicates: number of bootstrap resamples.
    :raises DataError: if they are of different samples or candidates, or have no task in common.
    """
    first, *rest = documents.values()
    for name, document in documents.items():
        _check_same(next(iter(documents)), first, name, document)
    entries = {name: entry_of(document, MODEL) for name, document in documents.items()}
    keys = [task.key for task in entries[next(iter(entries))].classification.tasks]
    common = [key for key in keys if all(key in document["outcomes"]["truth"] for document in rest)]
    if not common:
        raise DataError(f"the models have no task in common; {_AGAIN}")
    varied = [task.key for task in _first(entries).classification.varied if task.key in common]
    graphs = {name: document["model"]["graph"] for name, document in documents.items()}
    entries |= {name: entry_of(first, name) for name in (MAJORITY, PIXELS, PROBE) if name in first["outcomes"]}
    entries = {name: _restricted(entry, varied) for name, entry in entries.items()}
    outcomes = first["outcomes"]
    resamples = Resamples(outcomes["cases"], replicates, seed)
    values = {name: resampled(one, resamples) for name, one in entries.items()}
    base = next(iter(values))
    columns = tuple(
        ComparedColumn(
            name,
            graphs.get(name, ""),
            entry,
            {key: resamples.interval(one) for key, one in values[name].items()},
            {} if name == base else _differences(values[name], values[base], resamples),
        )
        for name, entry in entries.items()
    )
    return Comparison(
        columns=columns,
        models=len(documents),
        chance=_chance(_first(entries)),
        split=first["data"]["split"],
        rows=tuple(outcomes["rows"]),
        cases=tuple(outcomes["cases"]),
        captions=tuple(outcomes["captions"]),
        resamples=resamples,
        degenerate=tuple(key for key in common if key not in varied),
        others=tuple(sorted({key for one in documents.values() for key in one["outcomes"]["truth"]} - set(common))),
    )


def _first(entries: Mapping[str, Reference]) -> Reference:
    return next(iter(entries.values()))


def _check_same(name: str, first: Document, other: str, document: Document) -> None:
    """Check that two evaluations are of the same samples and candidates.

    :raises DataError: naming the first difference.
    """
    for part in ("rows", "cases", "captions"):
        if first["outcomes"][part] != document["outcomes"][part]:
            counts = " and ".join(f"{len(one['outcomes'][part]):,}" for one in (first, document))
            raise DataError(f"{name} and {other} were evaluated on different samples ({counts} {part}); {_AGAIN}")
    candidates = [one["protocol"]["candidates"] for one in (first, document)]
    if candidates[0] != candidates[1]:
        raise DataError(f"the candidates of {name} are {candidates[0]} labels, of {other} {candidates[1]}; {_AGAIN}")
    tasks = [one["classification"]["tasks"] for one in (first, document)]
    truths = [one["outcomes"]["truth"] for one in (first, document)]
    for key in set(tasks[0]) & set(tasks[1]):
        if tasks[0][key]["labels"] != tasks[1][key]["labels"] or truths[0][key] != truths[1][key]:
            raise DataError(f"{name} and {other} were evaluated with different labels of {key}; {_AGAIN}")


def _restricted(entry: Reference, keys: Sequence[str]) -> Reference:
    tasks = tuple(task for task in entry.classification.tasks if task.key in keys)
    return replace(entry, classification=Classification(tasks))


def _differences(
    values: Mapping[str, Floats], base: Mapping[str, Floats], resamples: Resamples
) -> dict[str, BootstrapInterval]:
    return {key: resamples.interval(one - base[key]) for key, one in values.items() if key in base}


def _chance(entry: Reference) -> dict[str, float | None]:
    """Return the expected value of each measure: means, retrieval, and each task."""
    classification, retrieval = entry.classification, entry.retrieval
    random, found = classification.random, dict[str, float | None]()
    if random is not None:
        found |= {name: float(getattr(random, kind)) for kind, name in MEANS.items()}
    if retrieval is not None:
        for name in DEFINITIONS:
            for way in WAYS:
                ranks = retrieval.ranks[name][way]
                found |= {recall_name(name, way, k): ranks.chance[k] for k in CUTOFFS}
                found[median_rank_name(name, way)] = ranks.chance_median_rank
    for kind in (ACCURACY, MACRO_RECALL):
        found |= {task_name(task.key, kind): float(getattr(task.random, kind)) for task in classification.tasks}
    return found | {task_name(task.key, ECE): None for task in classification.tasks}


def comparison_to_dict(found: Comparison) -> dict[str, Any]:
    """Convert to `udt-comparison/1`.

    Its keys are split, samples, cases, bootstrap {over, replicates, seed}, degenerate, others, columns {name: {graph,
    and for a reference what it is}}, and measures {name: {chance (null for an ECE), columns {name: {value, low, high,
    difference {value, low, high}}}}}.
    """
    return {
        "schema": COMPARISON_SCHEMA,
        "split": found.split,
        "samples": len(found.rows),
        "cases": found.resamples.count,
        "bootstrap": {"over": "cases", "replicates": found.resamples.replicates, "seed": found.resamples.seed},
        "degenerate": list(found.degenerate),
        "others": list(found.others),
        "columns": {one.name: {"graph": one.graph, "detail": one.entry.detail} for one in found.columns},
        "measures": {name: _measure(found, name, chance) for name, chance in found.chance.items()},
    }


def _measure(found: Comparison, name: str, chance: float | None) -> dict[str, Any]:
    columns = {}
    for one in found.columns:
        if name in one.intervals:
            columns[one.name] = value(one.intervals[name])
            if name in one.differences:
                columns[one.name]["difference"] = value(one.differences[name])
    return {"chance": chance, "columns": columns}


def rows(found: Comparison, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a row for each measure: its name, chance, and of each column the value and the difference to the first."""
    return [(words(name), _chance_cell(found, name), *(_cell(one, name) for one in found.columns)) for name in names]


def header(found: Comparison) -> tuple[str, ...]:
    """Return the header of `rows`."""
    named = (f"{one.name}, graph: {one.graph}" if one.graph else one.name for one in found.columns)
    return ("", "chance", *named)


def words(name: str) -> str:
    """Return the name of a measure for readers.

    >>> words("caption_image_to_text_recall_at_5"), words("organ.ece")
    ('caption, image to text R@5', 'organ, ECE')
    """
    first, _, rest = name.partition("_")
    spaced = f"{first}, {rest}" if first in DEFINITIONS else name.replace(".ece", ", ECE").replace(".", ", ")
    return spaced.replace("_recall_at_", " R@").replace("_", " ")


def _cell(column: ComparedColumn, name: str) -> str:
    if name not in column.intervals:
        return ""
    own = f"{column.intervals[name].value:{_spec(name)}}"
    return f"{own}  {column.differences[name]:+{_spec(name)}}" if name in column.differences else own


def _chance_cell(found: Comparison, name: str) -> str:
    chance = found.chance[name]
    return "" if chance is None else f"{chance:{_spec(name)}}"


def _spec(name: str) -> str:
    """Return the format of the values of a measure."""
    return ",.1f" if name.endswith("_median_rank") else ".3f"


def summary(found: Comparison) -> list[str]:
    """Return sentences on samples and protocol."""
    parts = [
        f"{len(found.rows):,} samples of {found.resamples.count:,} cases of the split '{found.split}'; differences to "
        f"{found.columns[0].name} with paired intervals: 95%, bootstrap over cases, {found.resamples.replicates:,} "
        "resamples"
    ]
    if found.degenerate:
        parts.append(f"not compared: {', '.join(found.degenerate)}, since one label is right for all samples")
    if found.others:
        parts.append(f"not compared: {', '.join(found.others)}, since not all models are scored in it")
    return parts
