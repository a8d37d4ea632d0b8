"""A corpus of the size of US-365K, from import to answers: what each step takes, and in what memory.

Run it as `python benchmarks/corpus.py`; README.md in this folder says what it does. Every step is the command that a
user would give, in a process of its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import us365k
from rich.console import Console
from rich.table import Table
from rounds import Goal, Run, goal, launch, surroundings

from udt.query.presets import presets

_RESULT = Path(__file__).with_name("results") / "corpus.json"
_PACKAGES = ("udt-toolkit", "sqlalchemy", "pyarrow", "pyoxigraph")
_UDT = (sys.executable, "-c", "from udt.cli.main import main; main()")
_SEED = 365
# Seconds and MB that a step of the full size may take.
_LIMITS = {"import": (120.0, 2000.0), "bundle": (240.0, None), "to-rdf": (240.0, 4000.0)}
_ANSWER = 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """One command and what it took; of several runs the median by time."""

    name: str
    seconds: float
    peak_mb: float


@click.command()
@click.option("--records", default=us365k.RECORDS, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(min=1), help="Times each question is asked."
)
@click.option("--db", metavar="URL", help="Import into this database instead of SQLite in a temporary folder.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
@click.option("--check", is_flag=True, help="End with status 1 where a goal is missed.")
def main(records: int, rounds: int, db: str | None, out: Path, check: bool) -> None:
    """Make a corpus; import, split, bundle and export it; ask it every question that comes with the ontology."""
    with tempfile.TemporaryDirectory() as folder:
        steps = list(_steps(Path(folder), records, rounds, db))
        sizes = {path.name: _size(path) for path in sorted(Path(folder).iterdir())}
    goals = list(_goals(steps))
    result = {
        **surroundings(_PACKAGES),
        "records": records,
        "sizes_mb": sizes,
        "steps": [asdict(step) for step in steps],
        "goals": [asdict(one) for one in goals],
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _show(steps, goals, records)
    if check and not all(one.met for one in goals):
        sys.exit(1)


def _steps(folder: Path, records: int, rounds: int, url: str | None) -> Iterator[Step]:
    corpus, db = folder / "US-365K", url or str(folder / "records.db")
    corpus.mkdir()
    us365k.write(corpus, records, _SEED)
    store = str(folder / "records.rdf")
    yield _step("import", "data", "import", str(corpus), "--db", db)
    yield _step("split", "data", "split", "--db", db)
    yield _step("leakage check", "data", "split", "--check", "--without-images", "--db", db)
    yield _step("bundle", "data", "bundle", "--db", db, "--out", str(folder / "bundle"))
    yield _step("to-rdf", "data", "to-rdf", "--db", db, "--store", store)
    for preset in presets():
        if preset.corpus:
            yield _step(preset.name, "query", "--store", store, "--preset", preset.name, rounds=rounds)


def _step(name: str, *arguments: str, rounds: int = 1) -> Step:
    click.echo(f"{name} …", err=True)
    runs: Sequence[Run] = sorted(launch([*_UDT, *arguments]) for _ in range(rounds))
    seconds, peak = runs[len(runs) // 2]
    return Step(name, seconds, peak)


def _goals(steps: Sequence[Step]) -> Iterator[Goal]:
    asked = {preset.name for preset in presets() if preset.corpus}
    for step in steps:
        seconds, peak = _LIMITS.get(step.name, (_ANSWER if step.name in asked else None, None))
        if seconds is not None:
            yield goal(f"{step.name}, s", [step.seconds], "<=", seconds)
        if peak is not None:
            yield goal(f"{step.name}, peak MB", [step.peak_mb], "<=", peak)


def _size(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else [path]
    return round(sum(one.stat().st_size for one in files if one.is_file()) / 1e6, 1)


def _show(steps: Sequence[Step], goals: Sequence[Goal], records: int) -> None:
    table = Table("step", "seconds", "peak MB", "limit", title=f"{records:,} records")
    bounds = {one.name: one for one in goals}
    for step in steps:
        kept = [one for name in ("s", "peak MB") if (one := bounds.get(f"{step.name}, {name}"))]
        limit = ", ".join(f"{one.sense} {one.bound:g} {one.name.rpartition(', ')[2]}" for one in kept)
        mark = "" if all(one.met for one in kept) else " MISSED"
        table.add_row(step.name, f"{step.seconds:.2f}", f"{step.peak_mb:.0f}", limit + mark)
    Console().print(table)


if __name__ == "__main__":
    main()
