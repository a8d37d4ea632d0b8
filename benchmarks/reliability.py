"""Attack the toolkit, and write the outcome to docs/reference/reliability.md.

Run it as `python benchmarks/reliability.py [AREA ...]`; README.md in this folder describes it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import click
from rounds import surroundings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the attacks are in tests/

from tests.attacks.attempt import Attempt  # noqa: E402

RESULT = Path(__file__).with_name("results") / "reliability.json"
PAGE = ROOT / "docs" / "reference" / "reliability.md"

_TEXTS = 1_000_000
_BATCH = 10_000
# One text of so many is read twice, and its document held against the schema, which takes longer than reading.
_CHECKED_AGAIN = 20
_KILLS = 20
_SUITES = 5
_PROCESSES = 2
_PACKAGES = ("udt-toolkit", "pillow", "pyarrow", "pyoxigraph", "rdflib", "sqlalchemy", "psycopg", "torch")


@dataclass(slots=True)
class Outcome:
    """The result of one area.

    :ivar failures: the first few failed attempts with their reasons.
    """

    attempts: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, name: str, reason: str | None) -> None:
        """Count an attempt, which failed if there is a reason."""
        self.attempts += 1
        if reason is not None:
            self.failed += 1
            self.failures = [*self.failures, f"{name}: {reason}"][:20]


@dataclass(frozen=True, slots=True)
class Area:
    """A kind of attack.

    :ivar title: for the table.
    :ivar promise: a sentence about what each attempt checks.
    """

    title: str
    promise: str
    run: Callable[[], Outcome]


def _attempts(find: Callable[[], Iterable[Attempt]]) -> Callable[[], Outcome]:
    """Return a function that runs attacks one after the other, each in an empty folder."""

    def run() -> Outcome:
        outcome = Outcome()
        for attempt in find():
            with tempfile.TemporaryDirectory() as folder:
                outcome.add(attempt.name, _reason(attempt, Path(folder)))
            click.echo(f"\r{outcome.attempts} attempts, {outcome.failed} failed", nl=False, err=True)
        click.echo(err=True)
        return outcome

    return run


def _reason(attempt: Attempt, folder: Path) -> str | None:
    try:
        attempt.run(folder)
    except Exception as error:  # noqa: BLE001 - any of them is a failure to count
        return f"{type(error).__name__}: {error}"[:500]
    return None


def _texts() -> Outcome:
    outcome = Outcome()
    with ProcessPoolExecutor(_PROCESSES) as pool:
        for seed, reasons in enumerate(pool.map(_read_texts, range(_TEXTS // _BATCH))):
            for number, reason in enumerate(reasons):
                outcome.add(f"text {number} of seed {seed}", reason)
            click.echo(f"\r{outcome.attempts:,} texts, {outcome.failed} failed", nl=False, err=True)
    click.echo(err=True)
    return outcome


def _read_texts(seed: int) -> list[str | None]:
    from tests.attacks.texts import check_text, fuzzed_texts
    from udt.normalize.normalizer import Normalizer

    normalizer = Normalizer()
    reasons: list[str | None] = []
    for number, text in enumerate(fuzzed_texts(_BATCH, seed)):
        try:
            check_text(normalizer, text, again=number % _CHECKED_AGAIN == 0)
            reasons.append(None)
        except Exception as error:  # noqa: BLE001 - any of them is a failure to count
            reasons.append(type(error).__name__)
    return reasons


def _suite() -> Outcome:
    """Run the unit tests, several times; a run fails if a test does."""
    outcome = Outcome()
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "auto",
        "-m",
        "not slow and not docs",
        "-p",
        "no:cacheprovider",
    ]
    for number in range(_SUITES):
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        last = done.stdout.strip().rpartition("\n")[2]
        click.echo(f"run {number + 1}: {last}", err=True)
        outcome.add(f"run {number + 1}", last if done.returncode else None)
    return outcome


def _found(module: str, function: str = "attempts", *arguments: Any) -> Callable[[], Outcome]:
    """Return a function that runs the attacks which a function of a module of `tests.attacks` returns."""
    return _attempts(lambda: getattr(import_module(f"tests.attacks.{module}"), function)(*arguments))


def _import_kills(database: str) -> Callable[[], Iterable[Attempt]]:
    def find() -> Iterable[Attempt]:
        from tests.attacks.kills import import_kills, simultaneous

        kills = import_kills(_KILLS, database)
        return chain(kills, (simultaneous(database, names) for names in (("one", "one"), ("one", "two"))))

    return find


def _databases() -> Iterable[Attempt]:
    from tests.attacks.databases import damaged, full_disks

    return chain(damaged(_KILLS // 2), full_disks(_KILLS // 4))


def _privacy() -> Iterable[Attempt]:
    from tests.attacks.privacy import attempts, slow_attempts

    return chain(attempts(), slow_attempts())


def _training_kills() -> Iterator[Attempt]:
    from tests.attacks.training import training_kills

    yield from training_kills(_KILLS)
    for end in ("TERM", "INT", "INT twice"):
        yield from training_kills(_KILLS // 4, end)


def _normalize_kills() -> Iterator[Attempt]:
    from tests.attacks.processes import normalize_kills

    yield from normalize_kills(_KILLS // 4, 1)
    yield from normalize_kills(_KILLS, 2)


AREAS = {
    "texts": Area(
        "fuzzed texts",
        "read without an error; spans match the text; labels are of the taxonomy and consistent; no size is 0; "
        "the document is JSON in UTF-8 and, for one in 20, as the schema demands",
        _texts,
    ),
    "files": Area("odd input files", "a result or a worded error; no text of a report in it", _found("odd_files")),
    "images": Area(
        "hostile images",
        "nothing outside the image folder is read; nothing undecoded is counted",
        _found("images"),
    ),
    "extensions": Area(
        "hostile extensions of the taxonomy",
        "a result or a worded error in bounded time",
        _found("extensions"),
    ),
    "sparql": Area("SPARQL attacks", "an answer or a worded error within the time limit", _found("sparql")),
    "normalize": Area(
        "normalize: SIGINT, SIGINT twice, SIGTERM, SIGKILL, closed pipe; one and two workers",
        "all processes end; the output is absent or whole; nothing is left behind",
        _attempts(_normalize_kills),
    ),
    "import-sqlite": Area(
        "import into SQLite, ended by signals, or two at once",
        "a second run gives the records of a clean one",
        _attempts(_import_kills("sqlite")),
    ),
    "import-postgresql": Area(
        "import into PostgreSQL, ended by signals, or two at once",
        "a second run gives the records of a clean one",
        _attempts(_import_kills("postgresql")),
    ),
    "to-rdf": Area(
        "to-rdf, ended by signals",
        "the store is absent or whole; a second run gives the clean one",
        _found("kills", "store_kills", _KILLS),
    ),
    "bundle": Area(
        "bundle, ended by signals",
        "the bundle is absent or whole; a second run gives the clean one, byte for byte",
        _found("kills", "bundle_kills", _KILLS),
    ),
    "backup": Area(
        "backup, ended by signals",
        "the backup is absent or whole; a second run gives the clean one",
        _found("kills", "backup_kills", _KILLS // 2),
    ),
    "databases": Area(
        "damaged databases and full disks",
        "a result or a worded error, and nothing half-written",
        _attempts(_databases),
    ),
    "privacy": Area(
        "failing runs with marked words in every text",
        "no marked word in a message, a log or a file left behind",
        _attempts(_privacy),
    ),
    "training": Area(
        "training: SIGKILL, SIGTERM, SIGINT, SIGINT twice",
        "all processes end; the resumed run has the weights of an uninterrupted one, bit for bit",
        _attempts(_training_kills),
    ),
    "suite": Area("unit tests, run again and again", "all tests pass in every run", _suite),
}


def limits() -> Iterator[tuple[str, str]]:
    """Yield the limits of inputs, each with its figure."""
    from udt.core import images, strict_json, texts
    from udt.io import rows
    from udt.io.formats import docx, errors, pdf, rtf
    from udt.query import limits as query
    from udt.taxonomy.model import faults, turtle_file

    mib = 2**20
    yield "text", f"{texts.LONGEST_TEXT:,} characters"
    yield "id, path or label in a data set", f"{texts.LONGEST_NAME:,} bytes"
    yield "line or row of a table", f"{rows.LONGEST_LINE // mib} MiB"
    document = f"{errors.LARGEST_DOCUMENT // mib} MiB, also of a part of a DOCX when unpacked"
    yield "document, message or FHIR file", document
    yield "pages of a PDF", f"{pdf.MOST_PAGES:,}"
    yield "nesting of RTF, of DOCX", f"{rtf.MOST_LEVELS:,} groups, {docx.MOST_LEVELS} elements"
    yield "nesting of JSON", f"{strict_json.MOST_LEVELS} levels"
    pixels = f"{images.MAX_PIXELS:,} pixels, sides of 1 : {images.MAX_RATIO}"
    yield "image", f"{images.MAX_BYTES // mib} MiB, {pixels}, 1 frame, {images.MAX_SCANS} scans of a JPEG"
    yield "formats of images", ", ".join(images.FORMATS)
    yield "extension of the taxonomy", f"{turtle_file.MAX_BYTES // mib} MiB, {turtle_file.MAX_TRIPLES:,} triples"
    labels = f"{faults.MAX_LABELS:,} labels of {faults.MAX_LABEL:,} characters and {faults.MAX_WORDS} words"
    yield "taxonomy", f"{faults.MAX_CONCEPTS:,} concepts, {labels}, {faults.MAX_DEPTH} levels"
    yield (
        "SPARQL query",
        f"{query.MAX_LENGTH:,} characters, {query.MAX_DEPTH} levels, {query.MAX_PARTS:,} operators and clauses",
    )
    memory = f"{query.MEMORY_LIMIT >> 30} GiB of memory"
    yield "run of a query", f"{query.TIMEOUT:.0f} s (`--timeout`, at most {query.MAX_TIMEOUT:,.0f} s), {memory}"
    yield "result of a query", f"{query.MAX_ROWS:,} rows, {query.MAX_RESULT // mib} MiB"
    yield "answer of a SPARQL server", f"{query.MAX_BODY // mib} MiB"


def page(result: dict[str, Any]) -> str:
    """Return the page for the documentation."""
    lines = [
        "# Reliability",
        "",
        "Attacks on this version of `udt`, and how many it survived. `benchmarks/reliability.py` carries them out and",
        "writes this page; the attacks are in `tests/attacks`, and a sample of each kind runs with the tests.",
        "[SECURITY.md](https://github.com/udt-toolkit/udt/blob/main/SECURITY.md) describes which inputs are untrusted",
        "and what is promised for each.",
        "",
        "## Attacks",
        "",
        "| area | attempts | survived | failed | checked | repeat |",
        "|---|---:|---:|---:|---|---|",
    ]
    for name, area in AREAS.items():
        if found := result["areas"].get(name):
            counts = [found["attempts"], found["attempts"] - found["failed"], found["failed"]]
            shown = " | ".join(f"{count:,}" for count in counts)
            lines.append(f"| {area.title} | {shown} | {area.promise} | `python benchmarks/reliability.py {name}` |")
    for name, found in result["areas"].items():
        if found["failures"]:
            lines += ["", f"Failed in {AREAS[name].title}:", "", *(f"- `{failure}`" for failure in found["failures"])]
    about = result["surroundings"]
    versions = ", ".join(f"{package} {version}" for package, version in about["versions"].items())
    machine = f"{about['date']}, {about['cpu']}, {about['cores']} cores, {about['system']}, {versions}"
    figures = [f"| {name} | {figure} |" for name, figure in limits()]
    lines += ["", f"Last run: {machine}.", "", "## Limits", "", "An input beyond a limit is a worded error.", ""]
    return "\n".join([*lines, "| input | at most |", "|---|---|", *figures, ""])


@click.command()
@click.argument("names", nargs=-1, metavar="[AREA ...]", type=click.Choice(list(AREAS)))
@click.option("--check", is_flag=True, help="End with status 1 if an attempt failed.")
def main(names: tuple[str, ...], check: bool) -> None:
    """Attack all areas, or the given ones, and add their outcomes to the result and the page."""
    before = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    areas: dict[str, Any] = dict(before.get("areas", {}))
    for name in names or AREAS:
        started = time.monotonic()
        outcome = AREAS[name].run()
        outcome.seconds = round(time.monotonic() - started, 1)
        areas[name] = asdict(outcome)
        click.echo(f"{AREAS[name].title}: {outcome.attempts:,} attempts, {outcome.failed:,} failed")
        result = {"areas": {key: areas[key] for key in AREAS if key in areas}, "surroundings": surroundings(_PACKAGES)}
        RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
        PAGE.write_text(page(result), "utf-8")
    if check and any(found["failed"] for found in areas.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
