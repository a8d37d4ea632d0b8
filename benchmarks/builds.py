"""Processor time of reading the same texts by several builds of the package: compiled and pure, old and new.

Run it as `python benchmarks/builds.py TEXTS NAME=FOLDER NAME=FOLDER …`; README.md in this folder says what it does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
from rounds import goal, quotients, surroundings, take_turns

_RESULT = Path(__file__).with_name("results") / "builds.json"
_PASSES = 3
_READER = """
import gc, json, sys, time
from udt import Normalizer
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
normalizer = Normalizer()

def read():
    started = time.process_time()
    for text in texts:
        normalizer.normalize(text)
    return time.process_time() - started

read()
gc.collect()
gc.freeze()
for line in sys.stdin:
    print(min(read() for _ in range(int(line))), flush=True)
"""


@click.command()
@click.argument("texts", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("builds", metavar="NAME=FOLDER...", nargs=-1, required=True)
@click.option("--rounds", default=15, show_default=True, type=click.IntRange(min=1))
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
def main(texts: Path, builds: tuple[str, ...], rounds: int, out: Path) -> None:
    """Read TEXTS (JSON Lines with a field 'text') by each build in turns, and compare each with the first."""
    folders = dict(_named(build) for build in builds)
    readers = {name: _start(texts, folder) for name, folder in folders.items()}
    took = take_turns(readers, rounds, lambda name, _: _ask(readers[name]))
    first, *others = took
    ratios = [goal(f"{name} / {first}", quotients(took[name], took[first]), "<=", float("inf")) for name in others]
    result = {
        **surroundings(()),
        "texts": texts.name,
        "rounds": rounds,
        "seconds": {name: min(times) for name, times in took.items()},
        "ratios": {one.name: {"median": one.median, "low": one.low, "high": one.high} for one in ratios},
    }
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for one in ratios:
        click.echo(f"{one.name}: {one.median:.2f} ({one.low:.2f} to {one.high:.2f})")


def _named(build: str) -> tuple[str, Path]:
    name, sign, folder = build.partition("=")
    if not sign or not (Path(folder) / "udt").is_dir():
        raise click.BadParameter(f"{build!r} is no NAME=FOLDER with a folder 'udt' in it")
    return name, Path(folder).resolve()


def _start(texts: Path, folder: Path) -> subprocess.Popen[str]:
    """Start a process that reads the texts by the package in a folder each time it is asked."""
    command = [sys.executable, "-c", _READER, str(texts.resolve())]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=folder, env=environment)


def _ask(reader: subprocess.Popen[str]) -> float:
    """Return the processor time of the fastest of some passes."""
    if reader.stdin is None or reader.stdout is None:
        raise RuntimeError("the process has no pipes")
    print(_PASSES, file=reader.stdin, flush=True)
    return float(reader.stdout.readline())


if __name__ == "__main__":
    main()
