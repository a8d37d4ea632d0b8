"""Attacks on privacy: commands that fail while they hold texts of reports, none of which may be printed or left."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.attacks.attempt import Attempt, check_worded, command, environ, run_udt

WORD = "zebrafinch"
TEXT = f"Liver: hypoechoic nodule of 2 cm, as {WORD} saw it. No {WORD} ascites. Possible {WORD} cyst."
"""A text with findings, whose word `WORD` is never to be seen."""
LONG = f"Patient {WORD} was seen on the ward, and the liver shows a cyst of 12 mm today."
"""A text in a place where a short name belongs."""

FORMATS = ("table", "json", "jsonl", "csv", "xlsx", "parquet", "ttl", "fhir", "explain")
PRIVATE_FORMATS = tuple(name for name in FORMATS if name != "explain")
TABLES = ("csv", "xlsx", "parquet")
DRAWINGS = ("html", "svg", "graphml", "dot", "json", "ttl", "png")
Run = Callable[[Path], None]
_FULL = Path("/dev/full")
_TO_RECORDS = ("--db", "r.db", "--map", "id=case", "--map", "text=caption")
_GOLD = {"id": "g1", "text": TEXT, "labels": {"organ": ["Liver"]}}


def attempts() -> Iterator[Attempt]:
    """Yield the attacks that take about a second."""
    yield from _failing_files()
    yield from _failing_outputs()
    yield from _failing_arguments()
    yield from _documents()
    yield from _records()
    yield from _private()


def slow_attempts() -> Iterator[Attempt]:
    """Yield the attacks with several processes, signals and training."""
    for workers in ("1", "2"):
        yield Attempt(f"interrupt with {workers} workers", _interrupted(signal.SIGINT, workers))
    yield Attempt("a killed worker", _killed_worker)
    yield Attempt("train on broken images", _trained_on_broken_images)
    for format in PRIVATE_FORMATS:
        arguments = ("normalize", "t.csv", "--format", format, "--private", "--workers", "2", "--out", "out")
        yield Attempt(f"private {format} of two workers", _without_word(*arguments))


def check_silent(done: subprocess.CompletedProcess[bytes], folder: Path, given: set[Path]) -> None:
    """Check that a failed command is worded, and wrote `WORD` neither to a stream nor to a file that it left."""
    check_worded(done, [WORD])
    assert WORD.encode() not in done.stdout, f"'{WORD}' on standard output: {done.stdout[:2000]!r}"
    for path in set(folder.rglob("*")) - given:
        assert not path.is_file() or WORD.encode() not in path.read_bytes(), f"'{WORD}' in {path.name}, left behind"


def _fails(*arguments: str | Path, text: bytes = b"", files: Callable[[Path], None] | None = None) -> Run:
    """Return an attack: the command has to fail, in silence about the text."""

    def run(folder: Path) -> None:
        _write_inputs(folder)
        if files is not None:
            files(folder)
        given = set(folder.rglob("*"))
        done = run_udt(*arguments, folder=folder, text=text)
        assert done.returncode in (1, 2), f"status {done.returncode}: {done.stdout[:500]!r}"
        check_silent(done, folder, given)

    return run


def _write_inputs(folder: Path) -> None:
    """Write one good file of each kind that is read, and some broken ones."""
    rows = [{"id": f"r{n}", "text": TEXT, "organ": "Liver"} for n in range(3)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "t.txt").write_text(TEXT)
    (folder / "t.jsonl").write_text(lines)
    (folder / "t.csv").write_text("id,text\n" + "".join(f'r{n},"{TEXT}"\n' for n in range(3)))
    (folder / "gold.jsonl").write_text(json.dumps(_GOLD) + "\n")
    (folder / "not-json.jsonl").write_text(lines + '{"id": "r4", "text": "' + TEXT + "\n")
    (folder / "key.jsonl").write_text(json.dumps({LONG: LONG, "id": "a"}) + "\n")
    (folder / "id-list.jsonl").write_text(json.dumps({"id": [LONG], "text": TEXT}) + "\n")
    (folder / "text-list.jsonl").write_text(json.dumps({"id": "a", "text": [TEXT]}) + "\n")
    (folder / "latin1.txt").write_bytes((TEXT + " Größe").encode("latin-1"))
    (folder / "latin1.csv").write_bytes(f'id,text\n1,"{TEXT} Größe"\n'.encode("latin-1"))
    (folder / "fields.csv").write_text(f"id,text\n1,{TEXT}\n")
    (folder / "quote.csv").write_text(f'id,text\n1,"{TEXT}\n')
    (folder / "no-header.csv").write_text(f'"{LONG}","{TEXT}"\n"{LONG}","{LONG}"\n')
    (folder / "same-header.csv").write_text(f'"{LONG}","{LONG}"\n1,2\n')
    (folder / "broken.parquet").write_bytes(b"PAR1" + TEXT.encode() + b"PAR1")
    pq.write_table(pa.table({LONG: [TEXT]}), folder / "columns.parquet")
    pq.write_table(pa.table({"id": [1], "text": [[TEXT]]}), folder / "lists.parquet")
    (folder / "broken.gz.txt.gz").write_bytes(b"\x1f\x8b" + TEXT.encode())
    (folder / "cut.jsonl.gz").write_bytes(b"\x1f\x8b\x08" + TEXT.encode())


BROKEN = (
    "not-json.jsonl", "key.jsonl", "id-list.jsonl", "text-list.jsonl", "latin1.txt", "latin1.csv", "fields.csv",
    "quote.csv", "no-header.csv", "same-header.csv", "broken.parquet", "columns.parquet", "lists.parquet",
    "cut.jsonl.gz",
)  # fmt: skip


def _failing_files() -> Iterator[Attempt]:
    for name in BROKEN:
        yield Attempt(f"normalize {name}", _fails("normalize", name, "--out", "out.jsonl"))
        yield Attempt(
            f"normalize {name}, skipping", _worded("normalize", name, "--on-error", "skip", "--out", "out.csv")
        )
        yield Attempt(
            f"import {name}",
            _fails("data", "import", name, *_TO_RECORDS),
        )
        yield Attempt(f"evaluate text {name}", _fails("evaluate", "text", name))


def _worded(*arguments: str, text: bytes = b"", files: Callable[[Path], None] | None = None) -> Run:
    """Return an attack: the command may succeed, but has to be silent about the text."""

    def run(folder: Path) -> None:
        _write_inputs(folder)
        if files is not None:
            files(folder)
        done = run_udt(*arguments, folder=folder, text=text)
        check_worded(done, [WORD])
        assert WORD.encode() not in done.stdout, done.stdout[:2000]

    return run


def _failing_outputs() -> Iterator[Attempt]:
    for format in FORMATS:
        normalize = ("normalize", "many.csv", "--format", format)
        yield Attempt(f"{format} to a full disk", _fails(*normalize, "--out", _FULL, files=_many))
        yield Attempt(f"{format} to a folder that is not there", _fails(*normalize, "--out", "no/out", files=_many))
        yield Attempt(f"{format} beyond the limit of file sizes", _limited(*normalize, "--out", "out"))
    for suffix in DRAWINGS:
        yield Attempt(f"drawing {suffix} to no folder", _fails("graph", "t.txt", "--out", f"no/out.{suffix}"))
    yield Attempt(
        "import beyond the limit of file sizes",
        _limited("data", "import", "many.csv", *_TO_RECORDS),
    )


def _many(folder: Path) -> None:
    rows = "".join(f'r{n},"{TEXT} {TEXT}"\n' for n in range(60))
    (folder / "many.csv").write_text("id,text\n" + rows)


def _limited(*arguments: str) -> Run:
    def run(folder: Path) -> None:
        _many(folder)
        given = set(folder.rglob("*"))
        done = subprocess.run(
            command(*arguments), cwd=folder, capture_output=True, env=environ(), check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)),
        )  # fmt: skip
        check_silent(done, folder, given | {folder / "r.db", folder / "r.db-journal", folder / "r.db-wal"})

    return run


def _failing_arguments() -> Iterator[Attempt]:
    """Yield commands that are given a text in place of a name or a file."""
    for arguments in (
        ("normalize", LONG),
        ("normalize", "t.csv", "--text-column", LONG),
        ("normalize", "t.csv", "--id-column", LONG),
        ("normalize", "t.csv", "--format", LONG),
        ("graph", LONG),
        ("graph", "t.txt", "--finding", LONG),
        ("graph", "t.txt", "--id", LONG),
        ("graph", "t.txt", "--out", LONG),
        ("graph", "--corpus", LONG),
        ("graph", "--corpus", "t.jsonl", "--organ", LONG),
        ("graph", "--corpus", "t.jsonl", "--diagnosis", LONG),
        ("data", "import", LONG, "--db", "r.db"),
        ("data", "import", "t.csv", "--db", "r.db", "--map", LONG),
        ("data", "import", "t.csv", "--db", "r.db", "--map", f"{LONG}=caption"),
        ("data", "import", "t.csv", "--db", "r.db", "--map", f"text={LONG}"),
        ("data", "import", "t.csv", "--db", "r.db", "--mapping", LONG),
        ("evaluate", "text", LONG),
        ("taxonomy", "show", LONG),
        ("similarity", LONG),
        (LONG,),
        ("data", LONG),
    ):
        named = " ".join("TEXT" if WORD in part else part for part in arguments)
        yield Attempt(f"a text as an argument: {named}", _fails(*arguments))
    for arguments in (("normalize", "-"), ("graph", "-")):
        bad = b"\xff" + TEXT.encode()
        yield Attempt(f"{arguments[0]}: standard input that is no UTF-8", _fails(*arguments, text=bad))


def _documents() -> Iterator[Attempt]:
    """Yield reports in JSON with texts where names and numbers belong."""
    for name, document in _broken_documents():
        text = json.dumps(document).encode()
        yield Attempt(f"graph of a report: {name}", _worded("graph", "-", text=text))
        yield Attempt(f"graph of a corpus: {name}", _worded("graph", "--corpus", "-", text=text))
    yield Attempt("graph of reports with long ids", _fails("graph", "-", text=_reports_with_long_ids()))
    for label in ([LONG], {"a": LONG}, LONG):
        gold = json.dumps(_GOLD | {"labels": {"organ": label}})
        yield Attempt(
            f"gold with {type(label).__name__} of a text as label",
            _fails("evaluate", "text", "g.jsonl", files=lambda folder, gold=gold: _put(folder / "g.jsonl", gold)),
        )
    gold = json.dumps(_GOLD | {"labels": {LONG: ["Liver"]}})
    yield Attempt(
        "gold with a text as dimension",
        _fails("evaluate", "text", "g.jsonl", files=lambda folder: _put(folder / "g.jsonl", gold)),
    )


def _put(path: Path, content: str) -> None:
    path.write_text(content)


def _document(**changes: object) -> dict[str, object]:
    from udt.io.writers.vocabulary import DimensionKeys

    nothing: dict[str, list[str]] = {key: [] for key in DimensionKeys.load().tasks}
    finding = {
        "id": "f1", "certainty": "present", "section": None, "organ": "Liver", "laterality": None,
        "labels": nothing | {"diagnosis": ["cyst"], "organ": ["Liver"]}, "measurements": [], "start": 0, "end": 4,
        "evidence": [
            {
                "dimension": "diagnosis", "label": "cyst", "concept": "udaf:diagnosis.cyst", "start": 0, "end": 4,
                "text": "cyst", "certainty": "present", "cue": None, "reason": None,
            }
        ],
    }  # fmt: skip
    document: dict[str, object] = {
        "schema": "udt-report/1", "id": "r", "language": "en", "text_sha256": "0" * 64,
        "labels": nothing | {"diagnosis": ["cyst"], "organ": ["Liver"]}, "possible": nothing, "absent": nothing,
        "sections": [], "findings": [finding],
        "provenance": {"tool": "udt", "version": "1", "taxonomy": "1"},
    }  # fmt: skip
    return document | changes


def _newer_document(**changes: object) -> dict[str, object]:
    """Return a document of `udt-report/2` with changes of its finding."""
    from tests.full_report import full_report
    from udt.io.writers.vocabulary import DimensionKeys

    document = full_report(DimensionKeys.load().tasks).to_dict()
    return document | {"findings": [document["findings"][0] | changes]}


def _broken_documents() -> Iterator[tuple[str, object]]:
    from udt.io.writers.vocabulary import DimensionKeys

    good = _document()
    nothing: dict[str, list[str]] = {key: [] for key in DimensionKeys.load().tasks}
    (finding,) = good["findings"]  # type: ignore[misc]
    yield "a text as concept", _newer_document(concept=LONG)
    yield "a text as label of a concept", _newer_document(concept={"concept": "x:a", "label": LONG, "codes": []})
    yield "a text as location", _newer_document(location=LONG)
    yield "a text as key of a location", _newer_document(location={LONG: 1})
    yield "a text as measurement", _newer_document(measurements=[LONG])
    yield "a text as unit", _newer_document(measurements=[{"unit": LONG}])
    yield "a text as earlier finding", _newer_document(same_as=[LONG])
    yield "a text as kind", _newer_document(kind=LONG)
    yield "a text as schema", _document(schema=LONG)
    yield "a text as labels", _document(labels=LONG)
    yield "a text as label", _document(labels=nothing | {"diagnosis": [LONG]})
    yield "a text as dimension", _document(labels={LONG: ["cyst"]}, findings=[])
    yield "a text as label of a finding", _document(findings=[{**finding, "labels": nothing | {"diagnosis": [LONG]}}])
    yield "a text as organ", _document(findings=[{**finding, "organ": LONG}])
    yield "a text as key of a finding", _document(findings=[{**finding, LONG: 1}])
    yield "a text as key of evidence", _document(findings=[{**finding, "evidence": [{LONG: 1}]}])
    yield "a text as evidence", _document(findings=[{**finding, "evidence": [LONG]}])
    yield "a text as finding", _document(findings=[LONG])
    yield "a text as certainty", _document(findings=[{**finding, "certainty": LONG}])
    yield "a text as sections", _document(sections=[{LONG: 1}])
    yield "a text", LONG
    yield "a list of a text", [LONG]


def _reports_with_long_ids() -> bytes:
    return "\n".join(json.dumps(_document(id=f"{n} {LONG}")) for n in range(2)).encode()


def _records() -> Iterator[Attempt]:
    labelled = ("data", "import", "labels.csv", *_TO_RECORDS)
    yield Attempt("import with texts as labels", _worded(*labelled, "--map", "organ=organ", files=_labels))
    stop = (*labelled, "--map", "organ=organ", "--on-unknown", "stop")
    yield Attempt("import that stops at texts as labels", _fails(*stop, files=_labels))
    split = (*labelled, "--map", "organ=split")
    yield Attempt("import with texts as splits", _fails(*split, files=_labels))
    image = (*labelled, "--map", "organ=image", "--images", ".")
    yield Attempt("import with texts as images", _worded(*image, files=_labels))
    frames = (*labelled, "--map", "organ=frame_index")
    yield Attempt("import with texts as numbers of frames", _fails(*frames, files=_labels))
    for arguments in (
        ("data", "validate", "--db", "r.db"),
        ("data", "validate", "--db", "r.db", "--json"),
        ("data", "split", "--db", "r.db", "--seed", "1"),
        ("data", "bundle", "--db", "r.db", "--out", "bundle"),
        ("data", "stats", "--db", "r.db", "--out", "t.txt"),
        ("data", "to-rdf", "--db", "r.db", "--store", "t.txt"),
        ("graph", "--corpus", "r.db"),
        ("graph", "1", "--db", "r.db", "--finding", "f9"),
        ("similarity", "build", "--method", "text", "--corpus", "r.db", "--out", "no/out"),
    ):
        yield Attempt(f"a damaged database: {' '.join(arguments[:2])} {arguments[-1]}", _on_damaged_database(arguments))


def _labels(folder: Path) -> None:
    _put(folder / "labels.csv", f'id,text,organ\n1,"{TEXT}","{LONG}"\n2,"","{LONG}"\n')


def _on_damaged_database(arguments: tuple[str, ...]) -> Run:
    """Return an attack on a database whose captions and offsets were changed by hand."""

    def run(folder: Path) -> None:
        import sqlite3

        _write_inputs(folder)
        imported = run_udt("data", "import", "t.csv", *_TO_RECORDS, "--normalize", folder=folder)
        assert imported.returncode == 0, imported.stderr
        with sqlite3.connect(folder / "r.db") as database:
            database.execute("UPDATE sample_labels SET evidence_start = evidence_start + 1")
            database.execute("UPDATE captions SET text = text || ?", (f" {WORD}",))
            database.execute("UPDATE concepts SET iri = iri || '-gone'")
        database.close()
        given = set(folder.rglob("*"))
        done = run_udt(*arguments, folder=folder)
        assert WORD.encode() not in done.stderr + done.stdout
        if arguments[1] != "validate":  # which prints its problems as a result, with status 1
            check_silent(done, folder, given if done.returncode else set(folder.rglob("*")))

    return run


def _private() -> Iterator[Attempt]:
    for format in PRIVATE_FORMATS:
        for source in ("t.csv", "t.txt", "t.jsonl"):
            arguments = ("normalize", source, "--format", format, "--private", "--out", "out")
            yield Attempt(f"private {format} of {source}", _without_word(*arguments))
    for format in TABLES:
        arguments = ("normalize", "t.csv", "--format", format, "--rows", "findings", "--out", "out")
        yield Attempt(f"private {format} of findings", _without_word(*arguments, "--private"))
        yield Attempt(f"private {format} with columns", _fails(*arguments, "--private", "--keep-columns"))
    yield Attempt("private explanation", _fails("normalize", "t.txt", "--explain", "--private"))
    for suffix in DRAWINGS:
        arguments = ("graph", "t.txt", "--private", "--out", f"out.{suffix}")
        yield Attempt(f"private drawing {suffix}", _without_word(*arguments))
    yield Attempt("private tree", _without_word("graph", "t.txt", "--private"))
    yield Attempt("private graph on standard output", _without_word("graph", "t.txt", "--private", "--json"))
    yield Attempt("private finding", _without_word("graph", "t.txt", "--private", "--finding", "f1", "--json"))
    yield Attempt("a private report, drawn", _private_round_trip)


def _without_word(*arguments: str) -> Run:
    def run(folder: Path) -> None:
        _write_inputs(folder)
        given = set(folder.rglob("*"))
        done = run_udt(*arguments, folder=folder)
        assert done.returncode == 0, done.stderr
        check_silent(done, folder, given)
        assert "--out" not in arguments or set(folder.rglob("*")) - given, "no output"

    return run


def _private_round_trip(folder: Path) -> None:
    _write_inputs(folder)
    written = run_udt("normalize", "t.txt", "--private", "--format", "json", folder=folder)
    assert WORD.encode() not in written.stdout
    for suffix in DRAWINGS:
        done = run_udt("graph", "-", "--out", f"out.{suffix}", folder=folder, text=written.stdout)
        assert done.returncode == 0, done.stderr


def _interrupted(number: signal.Signals, workers: str) -> Run:
    def run(folder: Path) -> None:
        started = command("normalize", "-", "--lines", "--workers", workers, "--out", "out.jsonl")
        with subprocess.Popen(
            started, cwd=folder, env=environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdin
            process.stdin.write((TEXT + "\n").encode() * 500)
            process.stdin.flush()
            time.sleep(4)
            os.killpg(process.pid, number)
            out, err = process.communicate(timeout=60)
        assert WORD.encode() not in out + err, err[-1000:]
        assert b"Traceback" not in err, err[-1000:]
        left = [path for path in folder.iterdir() if WORD.encode() in path.read_bytes()]
        assert not left, f"left behind: {left}"

    return run


def _killed_worker(folder: Path) -> None:
    started = command("normalize", "-", "--lines", "--workers", "2", "--out", "out.jsonl")
    with subprocess.Popen(
        started, cwd=folder, env=environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        process.stdin.write((TEXT + "\n").encode() * 500)
        process.stdin.flush()
        _kill(_first_child(process.pid))
        out, err = process.communicate((TEXT + "\n").encode() * 5000, timeout=60)
    assert process.returncode == 1, err
    check_silent(subprocess.CompletedProcess(started, 1, out, err), folder, set())


def _first_child(parent: int) -> int:
    for _ in range(200):
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.1)
    raise AssertionError("no worker was started")


def _kill(number: int) -> None:
    os.kill(number, signal.SIGKILL)


def _trained_on_broken_images(folder: Path) -> None:
    """Train on a bundle whose images are replaced by texts."""
    images = folder / "images"
    images.mkdir()
    (images / "a.png").write_text(TEXT)
    rows = "".join(f'{n},"{TEXT}",a.png,train\n' for n in range(4))
    _put(folder / "c.csv", "case,caption,image,split\n" + rows)
    columns = [part for name in ("case", "caption", "image", "split") for part in ("--map", f"{name}={name}")]
    imported = run_udt(
        "data", "import", "c.csv", "--db", "r.db", *columns, "--images", "images", "--normalize", folder=folder
    )
    check_worded(imported, [WORD])
    bundled = run_udt("data", "bundle", "--db", "r.db", "--out", "bundle", folder=folder)
    check_worded(bundled, [WORD])
    trained = run_udt("train", "--preset", "tiny", "--data", "bundle", "--out", "run", folder=folder, timeout=300)
    check_worded(trained, [WORD])
    assert trained.returncode != 0
    left = [path for path in (folder / "run").rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]
    assert not left, left
