"""Whether the time of reading is linear in the length of a text, also for patterns that could make it quadratic.

Run it as `python benchmarks/linear.py`; README.md in this folder says what it does.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from math import log2
from pathlib import Path

import captions as made
import click
from rounds import Goal, goal, quotients, seconds, surroundings, take_turns

from udt import Normalizer
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "linear.json"
_SIZES = (16_000, 64_000, 256_000, 1_000_000)
_PATTERNS = (
    *("a:", "A: cyst, ", "- cyst\n", "FINDINGS:\n", "1. cyst\n", "cyst in the left kidney. ", "a) cyst "),
    *("No pleural or pericardial effusion. ", "Femoral and popliteal DVT. ", "Hepatic and renal cysts, "),
)
_MOST_A_DOUBLING = 2.3
_SHORT, _LONG = 10_000, 1_000_000
_MOST_OF_SHORT = 1.5
_SEED = 2024


@click.command()
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
def main(rounds: int, out: Path) -> None:
    """Measure how the time grows with the length; end with status 1 where a bound breaks."""
    normalizer = Normalizer()
    fresh = made.captions(Taxonomy.load(), _SEED)
    normalizer.normalize(made.report(fresh, _SHORT, "\n", "."))
    gc.freeze()
    times = {pattern: _times(normalizer, pattern, rounds) for pattern in _PATTERNS}
    goals = [_growth(pattern, found) for pattern, found in times.items()]
    report = made.report(fresh, _LONG, "\n", ".")
    pieces = [report[start : start + _SHORT] for start in range(0, _LONG, _SHORT)]

    def took(size: str, _: int) -> float:
        return seconds(lambda: [normalizer.normalize(text) for text in ([report] if size == "long" else pieces)])

    found = take_turns(("short", "long"), rounds, took)
    goals.append(
        goal(
            "time: 1 MB / 100 × 10 kB of the same report",
            quotients(found["long"], found["short"]),
            "<=",
            _MOST_OF_SHORT,
        )
    )
    result = {
        **surroundings(("udt-toolkit",)),
        "characters": _SIZES,
        "seconds": {pattern: [min(taken) for taken in by_size] for pattern, by_size in times.items()},
        "goals": [asdict(g) for g in goals],
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for g in goals:
        click.echo(f"{g.name}: {g.median:.2f} (at most {g.bound:g}) {'met' if g.met else 'MISSED'}")
    if not all(g.met for g in goals):
        sys.exit(1)


def _times(normalizer: Normalizer, pattern: str, rounds: int) -> list[list[float]]:
    """Processor time of the pattern repeated to each size, in each round."""
    texts = [(pattern * (size // len(pattern) + 1))[:size] for size in _SIZES]
    return [[seconds(lambda text=text: normalizer.normalize(text)) for _ in range(rounds)] for text in texts]  # type: ignore[misc]


def _growth(pattern: str, times: Sequence[Sequence[float]]) -> Goal:
    """The largest growth a doubling between neighbouring sizes, of the fastest time of each."""
    fastest = [min(taken) for taken in times]
    growth = [
        (later / earlier) ** (1 / log2(long / short))
        for (earlier, later), (short, long) in zip(pairwise(fastest), pairwise(_SIZES), strict=True)
    ]
    return goal(f"growth a doubling, {pattern!r}", [max(growth)], "<=", _MOST_A_DOUBLING)


if __name__ == "__main__":
    main()
