from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from udt.cli.main import main
from udt.core.report import Report
from udt.taxonomy.model.taxonomy import Taxonomy

Run = Callable[..., tuple[int, str, str]]

KIDNEY = {"organ": ["Kidney and ureter"], "diagnosis": ["cyst"], "echogenicity": ["anechoic"]}
LIVER = {"organ": ["Liver"], "diagnosis": ["mass"], "echogenicity": ["hyperechoic"]}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, taxonomy: Taxonomy) -> Run:
    """Runs `udt graph` with a taxonomy that was loaded before."""
    monkeypatch.setattr(Taxonomy, "load", lambda *_: taxonomy)

    def invoke(*arguments: str, input: str | None = None) -> tuple[int, str, str]:
        done = CliRunner().invoke(main, ["graph", *arguments], input=input)
        return done.exit_code, done.stdout, done.stderr

    return invoke


@pytest.fixture
def corpus(tmp_path: Path) -> str:
    file = tmp_path / "corpus.jsonl"
    records = [{"id": str(i), "labels": KIDNEY if i % 3 else LIVER} for i in range(9)]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(file)


def test_a_tree_of_a_text_on_standard_input(run: Run, report: Report) -> None:
    code, out, _ = run("-", input=report.text)
    assert code == 0 and out.startswith("stdin\n") and "✕ septations" in out
    assert run("-", input=json.dumps(report.to_dict()))[1].startswith("both\n")


@pytest.mark.parametrize("suffix", ["png", "svg", "html", "graphml", "dot", "json", "ttl"])
@pytest.mark.parametrize("options", [[], ["--finding", "f2"]], ids=["report", "finding"])
def test_files(run: Run, report: Report, tmp_path: Path, suffix: str, options: list[str]) -> None:
    pytest.importorskip("matplotlib" if suffix in {"png", "svg"} else "networkx")
    target = tmp_path / f"graph.{suffix}"
    code, out, err = run("-", *options, "--out", str(target), input=report.text)
    assert (code, out, err) == (0, "", f"wrote {target}\n")
    assert target.stat().st_size > 500


def test_the_page_has_a_graph_of_every_finding(run: Run, report: Report, tmp_path: Path) -> None:
    target = tmp_path / "graph.html"
    run("-", "--out", str(target), input=report.text)
    page = target.read_text(encoding="utf-8")
    assert page.count("<section ") == 1 + len(
        {f.id for f in report.findings if f.labels["diagnosis"] or f.measurements}
    )


@pytest.mark.parametrize("options", [[], ["--finding", "f2"]], ids=["report", "finding"])
def test_a_file_that_dgl_reads(
    run: Run, report: Report, taxonomy: Taxonomy, tmp_path: Path, options: list[str]
) -> None:
    pytest.importorskip("dgl", reason="DGL is not installed; it is in the extra [dgl]", exc_type=ImportError)
    from udt.graphkit.convert.dgl import dgl, from_dgl
    from udt.graphkit.nodes import NodeSpace
    from udt.graphkit.sample import SampleGraph

    target = tmp_path / "graph.dgl"
    code, out, err = run("-", *options, "--out", str(target), input=json.dumps(report.to_dict()))
    assert (code, out, err) == (0, "", f"wrote {target}\n")
    (read,), _ = dgl.load_graphs(str(target))
    part = next(one for one in report.findings if one.id == "f2") if options else report
    assert from_dgl(read) == [SampleGraph.of_report(part, NodeSpace(taxonomy.vocabulary))]
    assert "dimension" in read.nodes["attribute"].data


def test_json_of_one_finding(run: Run, report: Report) -> None:
    pytest.importorskip("networkx")
    data = json.loads(run("-", "--finding", "f2", "--json", input=report.text)[1])
    assert data["graph"]["id"] == "f2" and {"nodes", "edges"} <= set(data)


def test_a_corpus_as_a_table(run: Run, corpus: str) -> None:
    code, out, _ = run("--corpus", corpus)
    assert code == 0 and out.splitlines()[0] == "9 samples: attributes of every diagnosis"
    assert out.splitlines()[2].split() == ["cyst", "anechoic", "echogenicity", "6", "100%", "1.50", "0.58"]
    assert len(run("--corpus", corpus, "--measure", "lift", "--top", "1")[1].splitlines()) == 3
    assert "hyperechoic" in run("--corpus", corpus, "--measure", "lift", "--top", "1")[1]


@pytest.mark.parametrize("organ", ["kidney", "Kidney and ureter", "uhat:kidney-ureter", "renal pelvis"])
def test_attributes_of_cysts_of_the_kidney(run: Run, corpus: str, organ: str) -> None:
    code, out, _ = run("--corpus", corpus, "--organ", organ, "--diagnosis", "cyst")
    assert code == 0 and out.splitlines()[0] == "6 samples of Kidney and ureter: attributes of cyst"
    assert "anechoic" in out and "hyperechoic" not in out


def test_a_corpus_as_files(run: Run, corpus: str, tmp_path: Path) -> None:
    pytest.importorskip("networkx")
    for suffix in ("graphml", "html", "dot"):
        assert run("--corpus", corpus, "--out", str(tmp_path / f"c.{suffix}"))[0] == 0
    edges = json.loads(run("--corpus", corpus, "--json")[1])["edges"]
    assert sorted((edge["count"], edge["lift"]) for edge in edges) == [(3, 3.0), (6, 1.5)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give one of: a report"),
        (["-", "--corpus", "x.jsonl"], "give one of: a report"),
        (["-", "--top", "3"], "--top goes with --corpus"),
        (["--corpus", "x.jsonl", "--finding", "f1"], "--finding goes with a report"),
        (["-", "--out", "x.gif"], "'x.gif' has the suffix '.gif'; allowed: .png"),
        (["-", "--out", "x"], "'x' has no suffix"),
        (["-", "--out", "x.png", "--json"], "--json prints, --out writes a file"),
        (["--corpus", "x.jsonl", "--out", "x.ttl"], "the graph of a corpus has no Turtle form"),
        (["--corpus", "x.jsonl", "--out", "x.dgl"], "the graph of a corpus is not written for DGL"),
        (["seven", "--db", "x.db"], "'seven' is not the number of a sample"),
    ],
)
def test_usage_errors(run: Run, arguments: list[str], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "") and message in " ".join(err.split())


def test_data_errors(run: Run, corpus: str, tmp_path: Path) -> None:
    for arguments, message in (
        ([str(tmp_path / "none.txt")], "no such file or folder"),
        ([str(tmp_path / "none.json")], "No such file or directory"),
        (["-"], "standard input: is empty"),
        (["-", "--finding", "f9"], "has no finding 'f9'"),
        (["--corpus", corpus, "--organ", "kidnapped"], "no concept is called 'kidnapped'"),
        (["--corpus", corpus, "--organ", "hypoechoic"], "'hypoechoic' is no organ and no body system"),
        (["--corpus", corpus, "--diagnosis", "tumor"], "there is no diagnosis 'tumor'; allowed: nodule"),
    ):
        code, out, err = run(*arguments, input="Liver cyst." if "f9" in arguments else "")
        assert (code, out) == (1, ""), arguments
        assert message in err and "Traceback" not in err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['udt', 'graph', '--help']; from udt.cli.main import main; main(standalone_mode=False)"
    )
    code += (
        "; print(sorted({'numpy', 'torch', 'networkx', 'matplotlib', 'pyoxigraph', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
