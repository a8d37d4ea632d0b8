"""How fast the normaliser is: beside its peers, with two workers, at the start, on long texts; and in what memory.

Run it as `python benchmarks/normalize.py`; README.md in this folder says what it does.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path

import captions as made
import click
from contestants import Contestant, lexicon, medspacy, negspacy, negspacy_tuned, udt
from rich.console import Console
from rich.table import Table
from rounds import Goal, Run, goal, launch, quotients, seconds, surroundings, take_turns, two_at_once

from udt import Normalizer
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "normalize.json"
_PACKAGES = ("udt-toolkit", "spacy", "negspacy", "medspacy")
_PEERS = {"negspacy": (negspacy, 1.0), "negspacy, tuned": (negspacy_tuned, 1.0), "medspacy": (medspacy, 10.0)}
_SEED = 2024
_SHORT, _LONG = 10_000, 1_000_000
# What joins the captions of a long text, and what stands for their full stops.
_SHAPES = {"a caption a line": ("\n", "."), "one paragraph": (" ", "."), "one endless sentence": (" ", "")}
_UDT = (sys.executable, "-c", "from udt.cli.main import main; main()", "normalize")
_ONE_LINE = "Liver: hypoechoic nodule, 2 cm. No ascites.\n"

Speeds = Mapping[str, Mapping[str, float]]


@click.command()
@click.option(
    "--captions",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="JSON Lines with a field 'text'; repeatable. Default: captions made from the taxonomy.",
)
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(min=1))
@click.option("--texts", default=1000, show_default=True, type=click.IntRange(min=1), help="Made captions in a round.")
@click.option("--bulk", default=50_000, show_default=True, type=click.IntRange(min=1), help="Captions for the workers.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
@click.option("--check", is_flag=True, help="End with status 1 where a goal is missed.")
def main(files: tuple[Path, ...], rounds: int, texts: int, bulk: int, out: Path, check: bool) -> None:
    """Compare the normaliser with its peers on texts that none of them has seen before."""
    taxonomy = Taxonomy.load()
    fresh = made.captions(taxonomy, _SEED)
    read = made.read(files)
    dealt = _deal(read, rounds) if files else [list(islice(fresh, texts)) for _ in range(rounds + 1)]
    many = list(islice(cycle(read) if files else fresh, bulk))
    runners, missing = _contestants(lexicon(taxonomy))
    speeds, goals = _race(runners, dealt)
    working, ceiling = _workers(many, max(1, rounds // 2))
    goals += [*working, *_start(2 * rounds), *_growth(fresh, max(1, rounds // 2))]
    result = {
        **surroundings(_PACKAGES),
        "captions": _described(dealt, files),
        "two_processes_at_most": ceiling,
        "speeds": speeds,
        "missing": missing,
        "goals": [asdict(g) for g in goals],
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _show(speeds, missing, goals)
    click.echo(f"Two processes of nothing but arithmetic got {ceiling:.2f} times the work of one done here.")
    if check and not all(g.met for g in goals):
        sys.exit(1)


def _deal(texts: list[str], rounds: int) -> list[list[str]]:
    """`texts` dealt out to a warm-up and the rounds, none twice."""
    unique = list(dict.fromkeys(texts))
    if len(unique) <= rounds:
        raise click.BadParameter(f"{len(unique)} different texts are too few for {rounds} rounds and a warm-up")
    return [unique[n :: rounds + 1] for n in range(rounds + 1)]


def _contestants(labels: Sequence[str]) -> tuple[dict[str, Contestant], dict[str, str]]:
    """Who can run, and why the others cannot."""
    runners, missing = {"udt": udt()}, {}
    for name, (build, _) in _PEERS.items():
        try:
            runners[name] = build(labels)
        except ImportError as error:
            missing[name] = str(error)
    return runners, missing


def _race(runners: Mapping[str, Contestant], dealt: Sequence[Sequence[str]]) -> tuple[Speeds, list[Goal]]:
    """Texts a second of each, and ours against each peer's. The first deal warms everyone up."""
    found = {name: read(dealt[0]) / len(dealt[0]) for name, read in runners.items()}
    gc.freeze()
    took = take_turns(runners, len(dealt) - 1, lambda name, n: seconds(partial(runners[name], dealt[n + 1])))
    rates = {name: [len(d) / t for d, t in zip(dealt[1:], times, strict=True)] for name, times in took.items()}
    speeds = {
        name: {"median": statistics.median(r), "low": min(r), "high": max(r), "found": found[name]}
        for name, r in rates.items()
    }
    bounds = {name: bound for name, (_, bound) in _PEERS.items() if name in rates}
    return speeds, [
        goal(f"speed: udt / {name}", quotients(rates["udt"], rates[name]), ">=", bound)
        for name, bound in bounds.items()
    ]


def _workers(texts: Iterable[str], rounds: int) -> tuple[list[Goal], float]:
    """Two worker processes against one, the memory that they take, and what two processes can gain here at most."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "captions.jsonl"
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")

        def run(workers: str, _: int) -> Run:
            return launch([*_UDT, str(file), "--format", "jsonl", "--workers", workers])

        runs = take_turns(("1", "2"), rounds, run)
    one, two = runs["1"], runs["2"]
    goals = [
        goal("speed: two workers / one", quotients([r.seconds for r in one], [r.seconds for r in two]), ">=", 1.6),
        goal("peak memory, one worker, MB", [r.peak_mb for r in one], "<=", 250),
        goal("peak memory, largest of two workers, MB", [r.peak_mb for r in two], "<=", 250),
    ]
    return goals, statistics.median(two_at_once() for _ in range(rounds))


def _start(rounds: int) -> list[Goal]:
    """From nothing to the answer on a one-line report, in the time that importing spaCy takes."""
    if find_spec("spacy") is None:
        return []
    commands = {"udt": [*_UDT, "-"], "spacy": [sys.executable, "-c", "import spacy"]}
    took = take_turns(commands, rounds, lambda name, _: launch(commands[name], stdin=_ONE_LINE).seconds)
    return [goal("start: one-line report / import spacy", quotients(took["udt"], took["spacy"]), "<=", 2)]


def _growth(fresh: Iterator[str], rounds: int) -> list[Goal]:
    """One long report against short ones that are as long together."""
    normalizer = Normalizer()
    goals = []
    for name, (joint, stop) in _SHAPES.items():

        def took(size: str, _: int, joint: str = joint, stop: str = stop) -> float:
            length, count = (_LONG, 1) if size == "long" else (_SHORT, _LONG // _SHORT)
            reports = [made.report(fresh, length, joint, stop) for _ in range(count)]
            return seconds(lambda: [normalizer.normalize(report) for report in reports])

        times = take_turns(("short", "long"), rounds, took)
        goals.append(goal(f"time: 1 MB / 100 × 10 kB, {name}", quotients(times["long"], times["short"]), "<=", 2))
    return goals


def _described(dealt: Sequence[Sequence[str]], files: Sequence[Path]) -> dict[str, object]:
    texts = [text for deal in dealt[1:] for text in deal]
    return {
        "source": [file.name for file in files] or f"made from the taxonomy, seed {_SEED}",
        "count": len(texts),
        "characters": round(statistics.mean(map(len, texts)), 1),
        "words": round(statistics.mean(len(text.split()) for text in texts), 1),
    }


def _show(speeds: Speeds, missing: Mapping[str, str], goals: Iterable[Goal]) -> None:
    console = Console()
    race = Table("pipeline", "texts/s", "lowest", "highest", "found a text", title="One process, fresh texts")
    for name, speed in speeds.items():
        race.add_row(name, *(f"{speed[key]:,.0f}" for key in ("median", "low", "high")), f"{speed['found']:.1f}")
    for name, reason in missing.items():
        race.add_row(name, f"not run: {reason}")
    console.print(race)
    kept = Table("goal", "median", "lowest", "highest", "bound", "", title="Goals")
    for g in goals:
        numbers = (f"{value:.2f}" for value in (g.median, g.low, g.high))
        kept.add_row(g.name, *numbers, f"{g.sense} {g.bound:g}", "met" if g.met else "MISSED")
    console.print(kept)


if __name__ == "__main__":
    main()
