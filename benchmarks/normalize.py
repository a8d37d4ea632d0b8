"""How fast the normaliser is beside its peers, with two workers, at the start, and on long texts; and what memory it takes.

Run it as `python benchmarks/normalize.py`; see README.md in this folder.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import captions as made
import click
from contestants import Contestant, lexicon, medspacy, negspacy, negspacy_tuned, udt
from rich.console import Console
from rich.table import Table
from rounds import Ratio, launch, ratio, seconds, surroundings, take_turns

from udt import Normalizer
from udt.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "normalize.json"
_PACKAGES = ("udt-toolkit", "spacy", "negspacy", "medspacy")
_PEERS = {"negspacy": (negspacy, 1.0), "negspacy, tuned": (negspacy_tuned, 1.0), "medspacy": (medspacy, 10.0)}
_SEED = 20_240_501
_MEMORY_MB = 250.0
_SHORT, _LONG = 10_000, 1_000_000
# Joint and full stop of the long texts: a finding a line, one paragraph, one endless sentence.
_SHAPES = {"lines": ("\n", "."), "paragraph": (" ", "."), "no full stop": (" ", "")}

Speeds = dict[str, dict[str, float]]


@click.command()
@click.option("--captions", "files", type=click.Path(path_type=Path, exists=True, dir_okay=False), multiple=True,
              help="JSON Lines with a field 'text'; repeatable. Default: captions made from the taxonomy.")  # fmt: skip
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
    dealt = _deal(read, rounds) if read else [list(islice(fresh, texts)) for _ in range(rounds + 1)]
    ratios, memory = _in_processes(islice(cycle(read) if read else fresh, bulk), rounds)
    ratios += _growth(fresh, rounds)
    against, speeds, missing = _race(lexicon(taxonomy), dealt)
    ratios = against + ratios
    result = {
        **surroundings(_PACKAGES),
        "captions": _described(dealt, files),
        "speed": speeds,
        "missing": missing,
        "ratios": [{**asdict(r), "met": r.met} for r in ratios],
        "memory": memory,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _show(result, ratios)
    if check and not (all(r.met for r in ratios) and all(m["met"] for m in memory)):
        sys.exit(1)


def _deal(texts: list[str], rounds: int) -> list[list[str]]:
    """`texts` dealt out to a warm-up and the rounds, none twice."""
    unique = list(dict.fromkeys(texts))
    if len(unique) <= rounds:
        raise click.BadParameter(f"{len(unique)} different texts are too few for {rounds} rounds and a warm-up")
    return [unique[n :: rounds + 1] for n in range(rounds + 1)]


def _race(labels: Sequence[str], dealt: Sequence[Sequence[str]]) -> tuple[list[Ratio], Speeds, dict[str, str]]:
    """Ratios to each peer, texts a second of each, and why a peer is missing. The first deal warms everyone up."""
    runners, missing = _contestants(labels)
    found = {name: reads(dealt[0]) / len(dealt[0]) for name, reads in runners.items()}
    gc.freeze()
    took = take_turns(runners, len(dealt) - 1, lambda name, n: seconds(partial(runners[name], dealt[n + 1])))
    rates = {name: [len(d) / t for d, t in zip(dealt[1:], times, strict=True)] for name, times in took.items()}
    speeds = {
        name: {"median": statistics.median(r), "low": min(r), "high": max(r), "found": found[name]}
        for name, r in rates.items()
    }
    goals = {name: goal for name, (_, goal) in _PEERS.items() if name in rates}
    ratios = [ratio(f"speed, udt / {n}", rates["udt"], rates[n], at_least=goal) for n, goal in goals.items()]
    return ratios, speeds, missing


def _contestants(labels: Sequence[str]) -> tuple[dict[str, Contestant], dict[str, str]]:
    runners, missing = {"udt": udt()}, {}
    for name, (build, _) in _PEERS.items():
        try:
            runners[name] = build(labels)
        except ImportError as error:
            missing[name] = str(error)
    return runners, missing


def _in_processes(texts: Iterable[str], rounds: int) -> tuple[list[Ratio], list[dict[str, object]]]:
    """Two workers against one, with the peak memory of each; and a one-line report against `import spacy`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "captions.jsonl"
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        peaks: dict[str, float] = {}

        def bulk(workers: str, _: int) -> float:
            run = launch([*_udt(), "normalize", str(file), "--format", "jsonl", "--workers", workers])
            peaks[workers] = max(peaks.get(workers, 0.0), run.peak_mb)
            return run.seconds

        took = take_turns(("1", "2"), max(1, rounds // 2), bulk)
    memory: list[dict[str, object]] = [
        {"workers": int(w), "peak_mb": peak, "bound_mb": _MEMORY_MB, "met": peak < _MEMORY_MB} for w, peak in peaks.items()
    ]
    return [ratio("two workers / one", took["1"], took["2"], at_least=1.6), *_start(2 * rounds)], memory


def _start(rounds: int) -> list[Ratio]:
    if _contestant_missing("spacy"):
        return []
    commands = {"udt": [*_udt(), "normalize", "-"], "spacy": [sys.executable, "-c", "import spacy"]}
    report = "Liver: hypoechoic nodule, 2 cm. No ascites.\n"
    took = take_turns(commands, rounds + 1, lambda name, _: launch(commands[name], stdin=report).seconds)
    return [ratio("start, one-line report / import spacy", took["udt"][1:], took["spacy"][1:], at_most=2.0)]


def _growth(fresh: Iterator[str], rounds: int) -> list[Ratio]:
    """Seconds a character of a long report over those of short ones, as many of them as are as long together."""
    normalizer = Normalizer()
    return [_growth_of(name, partial(made.report, fresh, separator=joint, full_stop=stop), normalizer, rounds)
            for name, (joint, stop) in _SHAPES.items()]  # fmt: skip


def _growth_of(name: str, report: Callable[[int], str], normalizer: Normalizer, rounds: int) -> Ratio:
    def measure(size: str, _: int) -> float:
        texts = [report(_LONG)] if size == "long" else [report(_SHORT) for _ in range(_LONG // _SHORT)]
        return seconds(lambda: [normalizer.normalize(text) for text in texts])

    took = take_turns(("short", "long"), max(1, rounds // 2), measure)
    return ratio(f"1 MB / 100 × 10 kB, {name}", took["long"], took["short"], at_most=2.0)


def _udt() -> list[str]:
    return [sys.executable, "-c", "from udt.cli.main import main; main()"]


def _contestant_missing(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is None


def _described(dealt: Sequence[Sequence[str]], files: Sequence[Path]) -> dict[str, object]:
    texts = [text for deal in dealt[1:] for text in deal]
    return {
        "source": [file.name for file in files] or f"made from the taxonomy, seed {_SEED}",
        "count": len(texts),
        "characters": statistics.mean(map(len, texts)),
        "words": statistics.mean(len(text.split()) for text in texts),
    }


def _show(result: dict[str, object], ratios: Sequence[Ratio]) -> None:
    raise NotImplementedError


if __name__ == "__main__":
    main()
