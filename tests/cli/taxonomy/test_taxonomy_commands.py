from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from udt.cli.taxonomy.export import FORMATS as CHOICES
from udt.cli.taxonomy.group import taxonomy as command
from udt.core.errors import DataError, TaxonomyError, UnknownConceptError
from udt.taxonomy.export.formats import FORMATS


def run(*arguments: str) -> Result:
    """Run the command; an unexpected exception is raised."""
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_importing_the_command_loads_nothing_heavy() -> None:
    heavy = {"owlready2", "pyoxigraph", "pyshacl", "rdflib", "rich"}
    modules = "check, diff, export, group, new, search, show"
    program = f"import sys; from udt.cli.taxonomy import {modules}; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["show", "search", "check", "diff", "export", "new"])
def test_every_command_shows_an_example(name: str) -> None:
    assert "Example" in run(name, "--help").output


def test_show_prints_the_tree_to_a_depth() -> None:
    shallow = run("show", "--depth", "1").output
    assert "Abdomen and retroperitoneum" in shallow
    assert "Echogenicity" in shallow
    assert "uhat:liver" not in shallow
    assert "uhat:liver" in run("show").output


def test_show_prints_all_facts_about_a_concept() -> None:
    output = run("show", "hepatocellular carcinoma").output
    assert "finding:hepatocellular-carcinoma" in output
    assert "labels organ" in output
    assert "Liver" in output
    liver = run("show", "ABD-01", "--depth", "1").output
    for word in "UBERON:0002107", "肝脏", "hepatic", "below it", "Abdomen and retroperitoneum › Liver":
        assert word in liver


def test_show_gives_json() -> None:
    shown = json.loads(run("show", "hypoechoic", "--json").output)
    assert shown["implies"] == {"echogenicity": ["hypoechoic"]}
    assert [step["label"] for step in shown["path"]] == ["Echogenicity", "hypoechoic"]
    assert {"text": "低回声", "language": "zh", "role": "pref"} in shown["labels"]


def test_typo_gives_a_suggestion() -> None:
    with pytest.raises(UnknownConceptError, match="did you mean 'hypoechoic'"):
        run("show", "hypoecoicc")


def test_check_passes_on_the_built_in_taxonomy() -> None:
    done = run("check", "--no-reasoner")
    assert done.exit_code == 0, done.output
    assert "0 errors" in done.output
    assert "HermiT was not run: --no-reasoner" in done.output


def test_check_fails_on_an_error(turtle, small_core: None) -> None:
    path = turtle("uhat:liver ns:impliesOrgn uhat:liver .")
    done = run("check", "--no-reasoner", "--taxonomy", str(path))
    assert done.exit_code == 1
    assert "undeclared-property" in done.output
    found = json.loads(run("check", "--no-reasoner", "--json", "--taxonomy", str(path)).output)
    assert found["errors"] == 1
    assert found["problems"][0]["term"] == "uhat:liver"


@pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs Java, and none is installed")
def test_check_reports_the_reasoner(small_core: None, turtle) -> None:
    sound = run("check")
    assert "HermiT: the ontology is consistent" in sound.output
    twice = "udaf:margins.well-defined owl:sameAs udaf:margins.ill-defined ."
    done = run("check", "--json", "--taxonomy", str(turtle(twice)))
    assert done.exit_code == 1
    found = json.loads(done.output)
    assert found["reasoner"]["status"] == "inconsistent"
    assert {
        "level": "ERROR",
        "check": "reasoner",
        "term": "",
        "detail": "HermiT: the ontology contradicts itself",
    } in found["problems"]


def test_check_mentions_missing_java(small_core: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("owlready2")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    done = run("check")
    assert done.exit_code == 0
    assert "HermiT was not run: no Java was found" in done.output


def test_every_format_can_be_chosen() -> None:
    assert tuple(FORMATS) == CHOICES


def test_export_writes_a_file_or_standard_output(tmp_path: Path, small_core: None) -> None:
    path = tmp_path / "out.csv"
    assert run("export", "--format", "csv", "--out", str(path)).exit_code == 0
    assert path.read_text("utf-8") == run("export", "--format", "csv").output
    assert run("export", "--format", "owx").exit_code == 2


def test_all_faults_of_an_extension_are_reported(turtle) -> None:
    path = turtle("ex:a a ns:Component , skos:Concept ; skos:broader ex:b .")
    with pytest.raises(TaxonomyError) as caught:
        run("show", "--taxonomy", str(path))
    assert len(caught.value.faults) == 2


CHANGES = """
uhat:liver ns:overrides skos:notation ; skos:notation "LIV" .
uhat:liver ns:retracts [ skos:altLabel "hepar"@la ] .
"""


def test_check_lists_what_an_extension_changes(turtle, small_core: None) -> None:
    path = str(turtle(CHANGES))
    done = run("check", "--no-reasoner", "--taxonomy", path)
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert 'extra.ttl retracts uhat:liver skos:altLabel "hepar"@la' in lines
    assert 'extra.ttl overrides uhat:liver skos:notation "ABD-01" "LIV"' in lines
    found = json.loads(run("check", "--no-reasoner", "--json", "--taxonomy", path).output)
    assert [change["action"] for change in found["changes"]] == ["overrides", "retracts"]
    assert json.loads(run("check", "--no-reasoner", "--json").output)["changes"] == []


def test_show_notes_a_deprecated_concept(turtle, small_core: None) -> None:
    path = turtle("lex:irregular owl:deprecated true ; ns:consider lex:margin . " + RETRACT)
    assert "deprecated; use lex:margin" in run("show", "lex:irregular", "--taxonomy", str(path)).output


RETRACT = "udaf:margins.ill-defined ns:retracts [ ns:composition [ ns:modifier lex:irregular ; ns:head lex:margin ] ] ."


def test_show_finds_external_identifiers_and_classes() -> None:
    assert "found by" in run("show", "UBERON:0002107").output
    assert "concepts map to RID187" in run("show", "RID187").output
    organ = run("show", "ns:Organ").output
    assert "52 members" in organ
    assert "and 32 more" in organ
    assert "diagnosis: cyst" in run("show", "ns:SimpleCyst").output


def test_search_prints_ranked_concepts() -> None:
    lines = run("search", "gallbladder", "--limit", "3").output.splitlines()
    assert len(lines) == 4
    assert lines[1].split()[:2] == ["gallbladder", "uhat:gallbladder-bile-ducts_gallbladder"]
    found = json.loads(run("search", "胆囊", "--limit", "1", "--json").output)
    assert found["query"] == "胆囊"
    assert found["hits"][0]["matched"] == {"text": "胆囊", "language": "zh", "role": "pref"}


def test_search_without_a_hit_exits_with_1() -> None:
    done = run("search", "qqqqqqqqq")
    assert (done.exit_code, done.output) == (1, "nothing found\n")


def test_search_refuses_an_unknown_kind(small_core: None) -> None:
    done = run("search", "liver", "--kind", "Organs")
    assert done.exit_code == 2
    assert "'Organs' is no kind; allowed: anatomy, dimensions" in done.output
    assert "uhat:liver" in run("search", "liver", "--kind", "Organ").output


def test_diff_prints_changes_and_exits_with_0(turtle, small_core: None) -> None:
    lobe = 'ex:lobe a ns:Component , skos:Concept ; skos:prefLabel "lobe"@en ; skos:broader uhat:liver .'
    path = str(turtle(CHANGES + lobe))
    done = run("diff", "built-in", path)
    assert done.exit_code == 0
    for line in "1 added, 0 removed, 0 deprecated, 1 changed", "    - alt la: hepar", "    + notation: LIV":
        assert line in done.output.splitlines()
    found = json.loads(run("diff", path, "built-in", "--json").output)
    assert found["counts"] == {"added": 0, "removed": 1, "deprecated": 0, "changed": 1}


def test_new_prints_an_example_that_it_accepts(tmp_path: Path) -> None:
    template, extra = tmp_path / "template.csv", tmp_path / "extra.ttl"
    template.write_text(run("new", "--example").output, "utf-8")
    assert run("new", str(template), "--out", str(extra)).exit_code == 0
    done = run("check", "--no-reasoner", "--taxonomy", str(extra))
    assert done.exit_code == 0
    assert "in all 0 errors and 0 warnings" in done.output
    assert "Liver" in run("show", "model liver lesion", "--taxonomy", str(extra)).output


def test_new_overwrites_a_file_only_if_asked_to(tmp_path: Path, small_core: None) -> None:
    template, extra = tmp_path / "template.csv", tmp_path / "extra.ttl"
    template.write_text("a,b,c,d\nID,TYPE,LABEL,AI skos:broader\nuhat:lobe,ns:Component,lobe,Liver\n", "utf-8")
    assert run("new", str(template), "--out", str(extra)).exit_code == 0
    first = extra.read_text("utf-8")
    template.write_text(template.read_text("utf-8").replace("lobe,ns", "part,ns"), "utf-8")
    again = run("new", str(template), "--out", str(extra))
    assert again.exit_code == 2
    assert "exists; give another --out, or --overwrite" in again.output
    assert extra.read_text("utf-8") == first
    assert run("new", str(template), "--out", str(extra), "--overwrite").exit_code == 0
    assert "uhat:part" in extra.read_text("utf-8")


def test_new_writes_nothing_for_a_faulty_template(tmp_path: Path, small_core: None) -> None:
    template, extra = tmp_path / "template.csv", tmp_path / "extra.ttl"
    template.write_text("Id,Kind\nID,TYPE\nfinding:x,ns:Nothing\n", "utf-8")
    with pytest.raises(TaxonomyError, match=r"row 3, column B \('Kind'\): 'ns:Nothing' is no class"):
        run("new", str(template), "--out", str(extra))
    assert not extra.exists()
    assert run("new").exit_code == 2
    template.write_bytes(b"\xff")
    with pytest.raises(DataError, match="not UTF-8 at byte 0"):
        run("new", str(template))
