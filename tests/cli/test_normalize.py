from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.entry_points import write_package
from tests.io.conftest import fake  # noqa: F401 (for every test)
from tests.locations import ROOT
from udt.cli import normalize as module
from udt.cli.main import main

COMMANDS = main.list_commands(None)  # type: ignore[arg-type]

Run = Callable[..., tuple[int, str, str]]
Written = Callable[[str, object], Path]

HEAVY = {"torch", "spacy", "rdflib", "pyarrow", "rich", "pyoxigraph", "owlready2", "numpy", "pyshacl", "transformers"}


def ids(text: str) -> list[str]:
    return [json.loads(line)["id"] for line in text.splitlines()]


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['udt', '--help']; from udt.cli.main import main; main(standalone_mode=False)"
    code += f"; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    if command in {"normalize", "query"}:
        assert "Example" in out


def test_version_and_unknown_commands(run: Run) -> None:
    assert run("--version")[1].startswith("udt, version ")
    code, _, err = run("normalise")
    assert code == 2 and "there is no command 'normalise'; did you mean 'normalize'?" in err
    code, _, err = run("xyzzy")
    assert code == 2 and "choose one of: " in err and "evaluate" in err


def test_standard_input_is_one_text_or_one_a_line(run: Run) -> None:
    code, out, err = run("normalize", "-", input="liver\nkidney\n")
    assert (code, ids(out), err) == (0, ["stdin"], "")
    assert ids(run("normalize", "--lines", input="liver\nkidney\n")[1]) == ["1", "2"]


def test_sources_are_read_in_turn(run: Run, written: Written) -> None:
    table = pa.table({"id": ["p"], "text": ["liver"]})
    parquet = written("p.parquet", "")
    pq.write_table(table, parquet)
    sources = [
        written("t.txt", "liver"),
        written("c.csv", "id,text\nc,liver\n"),
        written("t.tsv", "id\ttext\nt2\tliver\n"),
        written("j.jsonl", [{"id": "j", "text": "liver"}]),
        written("g.jsonl.gz", gzip.compress(b'{"id": "g", "text": "liver"}\n')),
        parquet,
        written("folder/f.txt", "liver").parent,
    ]
    assert ids(run("normalize", *sources)[1]) == ["t", "c", "t2", "j", "g", "p", "f"]


def test_columns_are_chosen(run: Run, written: Written) -> None:
    path = written("a.csv", "key,note,text\nk,kidney,liver\n")
    out = run("normalize", path, "--text-column", "note", "--id-column", "key")[1]
    assert json.loads(out)["id"] == "k" and json.loads(out)["labels"]["organ"] == ["Kidney and ureter"]
    code, _, err = run("normalize", path, "--text-column", "nope")
    assert code == 1 and "has no column called 'nope'; it has key, note, text" in err


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.xlsx", "a.parquet", "a.ttl", "a.fhir.json", "a.txt"])
def test_the_suffix_of_out_names_the_format(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert run("normalize", "-", "--out", path, input="liver")[0] == 0
    named = {"a.fhir.json": "fhir", "a.txt": "table"}.get(name, path.suffix[1:])
    other = tmp_path / "other"
    assert run("normalize", "-", "--out", other, "--format", named, input="liver")[0] == 0
    assert path.read_bytes() == other.read_bytes() != b""
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "other"])


def test_out_is_written_atomically(run: Run, written: Written, tmp_path: Path) -> None:
    bad = written("in/bad.jsonl", '{"text": "liver"}\n{"text"\n')
    out = written("out/a.jsonl", "before")
    code, _, err = run("normalize", bad, "--out", out)
    assert code == 1 and "bad.jsonl:2: not valid JSON" in err
    assert out.read_text() == "before" and list(out.parent.iterdir()) == [out]
    code, _, err = run("normalize", bad, "--out", tmp_path / "no" / "a.jsonl")
    assert code == 1 and "the folder" in err and "does not exist; create it first" in err
    assert run("normalize", "-", "--out", tmp_path, "--format", "csv", input="x")[0] == 1
    assert run("normalize", "-", "--out", "/dev/null", "--format", "csv", input="liver")[0] == 0
    assert not Path("/dev/null").is_file()


def test_skipping_continues_and_lists_the_skipped_texts(run: Run, written: Written, tmp_path: Path) -> None:
    bad = written("bad.jsonl", '{"text": "liver"}\n{"text"\n{"text": "kidney"}\n')
    code, out, err = run("normalize", bad, tmp_path / "gone.txt", "--on-error", "skip")
    assert code == 0 and len(ids(out)) == 2
    assert err.splitlines()[0] == "normalised 2 texts, skipped 2:"
    assert "bad.jsonl:2: not valid JSON" in err and "gone.txt: no such file" in err


def test_nothing_read_is_an_error(run: Run, tmp_path: Path) -> None:
    code, _, err = run("normalize", tmp_path / "gone.txt", "--on-error", "skip", "--out", tmp_path / "a.csv")
    assert code == 1 and "no text could be read" in err
    assert not (tmp_path / "a.csv").exists()


FAULTS = {
    "text as source": (("normalize", "Liver with a mass"), 1, "an argument of 17 characters: no such file or folder"),
    "long text as source": (("normalize", "liver mass " * 500), 1, "echo '…' | udt normalize -"),
    "missing file": (("normalize", "gone.csv"), 1, "gone.csv: no such file or folder"),
    "empty stdin": (("normalize", "-"), 1, "standard input: is empty"),
    "unknown format": (("normalize", "-", "--format", "xml"), 2, "'xml' is not one of"),
    "unknown suffix": (("normalize", "-", "--out", "a.xml"), 2, "the suffix of 'a.xml'"),
    "no worker": (("normalize", "-", "--workers", "0"), 2, "0 is not in the range x>=1"),
    "explain as csv": (("normalize", "-", "--explain", "--format", "csv"), 2, "leave out --format csv"),
    "rows of json": (
        ("normalize", "-", "--rows", "findings", "--format", "json"),
        2,
        "needs one of csv, xlsx, parquet",
    ),
    "columns of json": (
        ("normalize", "-", "--keep-columns"),
        2,
        "the format jsonl has no columns; --keep-columns needs",
    ),
    "private columns": (
        ("normalize", "-", "--keep-columns", "--private", "--format", "csv"),
        2,
        "so --private does not go with it",
    ),
    "mark of parquet": (
        ("normalize", "-", "--bom", "--format", "parquet"),
        2,
        "--bom is for csv, but the format is parq",
    ),
    "no extension": (("normalize", "-", "--taxonomy", "gone.ttl"), 2, "'gone.ttl' does not exist"),
}


@pytest.mark.parametrize(("arguments", "status", "message"), FAULTS.values(), ids=FAULTS)
def test_errors_end_with_a_message(run: Run, arguments: tuple[str, ...], status: int, message: str) -> None:
    code, out, err = run(*arguments, input="")
    assert (code, out) == (status, "")
    assert message in " ".join(err.split())
    assert "Traceback" not in err and "Liver with" not in err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_row_a_finding_with_the_columns_of_the_input(run: Run, written: Written, workers: str) -> None:
    rows = "".join(f'{number},"Liver: mass. Kidney: no cyst.",ward {number}\n' for number in range(300))
    path = written("a.csv", "id,text,ward\n" + rows)
    options = ("--rows", "findings", "--keep-columns", "--bom", "--format", "csv", "--workers", workers)
    code, out, _ = run("normalize", path, written("b.txt", "Liver: mass."), *options)
    assert code == 0 and out.startswith("\ufeffid,text,ward,report_id,finding_id,kind,concept,")
    cells = [line.split(",") for line in out.splitlines()[1:]]
    assert len(cells) == 601
    assert all(line[0] == line[3] and line[2] == f"ward {line[0]}" for line in cells[:-1])
    assert cells[-1][:5] == ["", "", "", "b", "f1"]


def test_a_row_with_further_columns_is_an_error(run: Run, written: Written) -> None:
    path = written("a.jsonl", [{"text": "liver", "a": 1}, {"text": "liver", "b": 1}])
    code, _, err = run("normalize", path, "--keep-columns", "--format", "csv")
    assert code == 1 and "the row of text 2 has the column 'b', which that of the first one lacks" in err


def test_wrong_encoding_on_standard_input(run: Run) -> None:
    code, _, err = run("normalize", "-", input=b"liver \xc3\xa4\xff")
    assert code == 1 and "standard input: not UTF-8 at byte 8" in err


@pytest.mark.parametrize("format", ["json", "csv", "parquet", "fhir"])
def test_workers_write_the_same_bytes(run: Run, written: Written, tmp_path: Path, format: str) -> None:
    texts = ["liver with a hypoechoic mass", "no cyst. Kidney", "possible mass 2.3 cm", "ü"]
    path = written("a.jsonl", [{"id": i, "text": texts[i % 4] + " x" * (i % 7)} for i in range(900)])
    outputs = []
    for workers in (1, 2):
        assert run("normalize", path, "--workers", workers, "--format", format, "--out", tmp_path / "o")[0] == 0
        outputs.append((tmp_path / "o").read_bytes())
    assert outputs[0] == outputs[1]


def test_a_dead_worker_is_reported(run: Run) -> None:
    code, _, err = run("normalize", "--lines", "-", "--workers", "2", input="liver\nDIE\n")
    assert code == 1 and "a worker process ended unexpectedly" in err


def test_explain_marks_spans(run: Run) -> None:
    out = run("normalize", "-", "--explain", input="No mass in the liver")[1]
    assert "{No} [mass|–diagnosis: mass] in the [liver|organ: Liver]" in out


@pytest.mark.parametrize(("variables", "color"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_a_table_and_colour(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], color: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert module._format(None, None, False) == "table"
    with pytest.raises(module.click.UsageError, match="parquet is not for a terminal"):
        module._format("parquet", None, False)
    (tmp_path / "a.txt").write_text("liver")
    assert module._settings(None, ()).color is color
    assert module._settings(tmp_path / "o.txt", ()).color is False


def _script(body: str) -> list[str]:
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.io import conftest; "
    start += "import udt.normalize.normalizer as module; module.Normalizer = conftest.FakeNormalizer; "
    return [sys.executable, "-c", start + body]


def _command(*arguments: object) -> list[str]:
    """Return the command as its entry point starts it; a shell starts background jobs with SIGINT ignored."""
    interruptible = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start = f"sys.argv = {['udt', *map(str, arguments)]!r}; from udt.cli.start import main; main()"
    return _script(interruptible + start)


def test_a_closed_pipe_is_quiet(written: Written) -> None:
    path = written("a.jsonl", [{"text": "liver mass"}] * 3000)
    with subprocess.Popen(_command("normalize", path), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (0, 128 + signal.SIGPIPE)


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_cleanly(workers: int, tmp_path: Path) -> None:
    command = _command("normalize", "--lines", "-", "--workers", workers, "--out", tmp_path / "o.jsonl")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdin is not None and process.stderr is not None
        process.stdin.write(b"liver mass\n" * 20_000)
        process.stdin.flush()
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size for path in tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        errors = process.stderr.read().decode()
    assert process.returncode == 130
    assert errors.strip() == "interrupted"
    assert list(tmp_path.iterdir()) == []


def test_progress_is_on_a_terminal_and_on_standard_error_only(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "liver mass"}\n' * 200)
    no_delay = "from udt.cli.shared import progress; progress._DELAY = 0.0; "
    command = _script(no_delay + f"from udt.cli.main import main; main(['normalize', {str(path)!r}])")
    terminal, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(theirs)
    shown = os.read(terminal, 100_000)
    os.close(terminal)
    assert len(ids(out.decode())) == 200
    assert b"texts" in shown and b"liver" not in shown
    quiet = subprocess.run(command, capture_output=True, check=True)
    assert (quiet.stdout, quiet.stderr) == (out, b"")


def test_the_group_is_what_the_console_script_calls() -> None:
    assert main.name == "main" and sorted(main.list_commands(None)) == sorted(COMMANDS)  # type: ignore[arg-type]


SHOUT = """
from udt.io.writers.base import ReportFormat, text_writer

def _line(report):
    return report.text.upper() + "!\\n"

SHOUT = ReportFormat(lambda settings: text_writer(_line), suffixes=(".shout.txt",))
"""


def test_another_package_adds_a_format(tmp_path: Path) -> None:
    write_package(tmp_path, "udt_shout", "udt.writers", {"shout": "udt_shout:SHOUT"}, SHOUT)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def udt(*words: str) -> str:
        command = _script(f"from udt.cli.main import main; main({list(words)!r})")
        done = subprocess.run(command, env=environment, input="liver", capture_output=True, text=True, check=True)
        return done.stdout

    assert udt("normalize", "-", "--format", "shout") == "LIVER!\n"
    assert "|fhir|shout]" in udt("normalize", "--help").replace("\n", "").replace(" ", "")
    udt("normalize", "-", "--out", str(tmp_path / "a.shout.txt"))
    assert (tmp_path / "a.shout.txt").read_text() == "LIVER!\n"


def test_an_unknown_format_lists_the_known_ones(run: Run) -> None:
    code, _, error = run("normalize", "-", "--format", "xml")
    assert code == 2 and "'xml' is not one of 'table', 'explain', 'json'" in error


def test_encodings_are_noted_or_given(run: Run, written: Written) -> None:
    paths = [written(f"{n}.txt", "Größe liver".encode("cp1252")) for n in range(7)]
    code, out, err = run("normalize", *paths)
    assert code == 0 and len(ids(out)) == 7
    assert err.count("read as cp1252, which was detected") == 5
    assert err.splitlines()[-1] == "note: 2 more files are not UTF-8: 2 cp1252"
    assert run("normalize", *paths, "--encoding", "Latin-1")[2] == ""
    code, _, err = run("normalize", *paths, "--encoding", "klingon")
    assert code == 2 and "there is no encoding 'klingon'; give one that Python has, such as utf-8" in err


def test_counts_as_json(run: Run, written: Written, tmp_path: Path) -> None:
    written("in/a.TXT", "liver")
    written("in/b.md", "kidney ä".encode("cp1252"))
    written("in/c.jpg", "x")
    bad = written("in/d.rtf", "x")
    code, out, err = run("normalize", tmp_path / "in", "--json", "--on-error", "skip")
    assert code == 0 and ids(out) == ["a", "b"]
    reason = "is no RTF: it does not begin with '{\\rtf'; write it again, or give another format"
    assert json.loads(err) == {
        "texts": 2,
        "skipped": [{"place": str(bad), "reason": reason}],
        "folders": [
            {
                "folder": str(tmp_path / "in"), "found": 4, "read": 3, "left_out": {".jpg": 1},
                "formats": {".txt": 1, ".md": 1, ".rtf": 1},
            }
        ],
        "languages": {},
        "encodings": [{"place": str(tmp_path / "in" / "b.md"), "encoding": "cp1252"}],
    }  # fmt: skip
    assert run("normalize", written("x/only.md", "liver").parent)[2] == ""


def test_documents_on_standard_input(run: Run) -> None:
    assert json.loads(run("normalize", "-", input=b"{\\rtf1 Liver\\par cyst}")[1])["labels"]["organ"] == ["Liver"]
    message = b"MSH|^~\\&|A\rOBR|1||F1\rOBX|1|TX|||Liver cyst\r"
    assert ids(run("normalize", "-", input=message)[1]) == ["F1"]
    assert len(ids(run("normalize", "--lines", input=b"Liver\n{\\rtf1 cyst}\n")[1])) == 2


@pytest.mark.parametrize("format", ["ttl", "jsonld"])
def test_iris_of_reports_begin_with_the_base_or_are_urns(run: Run, format: str) -> None:
    code, out, _ = run("normalize", "-", "--format", format, "--base-iri", "https://example.org/r/", input="No cyst.")
    assert code == 0 and "https://example.org/r/stdin#f1" in out and "urn:uuid" not in out
    code, out, _ = run("normalize", "-", "--format", format, input="No cyst.")
    assert code == 0 and "urn:uuid:" in out and "w3id.org/udt/record" not in out
    code, _, err = run("normalize", "-", "--format", format, "--base-iri", "r/", input="No cyst.")
    assert code == 2 and "--base-iri" in err and "give an absolute IRI without a fragment" in err
