from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from udt.cli.taxonomy import _FORMATS
from udt.cli.taxonomy import taxonomy as command
from udt.core.errors import TaxonomyError, UnknownConceptError
from udt.taxonomy.export.formats import FORMATS


def run(*arguments: str) -> Result:
    """Run the command; an unexpected exception is raised."""
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_importing_the_command_loads_nothing_heavy() -> None:
    heavy = {"owlready2", "pyoxigraph", "pyshacl", "rdflib", "rich"}
    program = f"import sys, udt.cli.taxonomy; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["show", "check", "export"])
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
    assert tuple(FORMATS) == _FORMATS


def test_export_writes_a_file_or_standard_output(tmp_path: Path, small_core: None) -> None:
    path = tmp_path / "out.csv"
    assert run("export", "--format", "csv", "--out", str(path)).exit_code == 0
    assert path.read_text("utf-8") == run("export", "--format", "csv").output
    assert run("export", "--format", "owl").exit_code == 2


def test_all_faults_of_an_extension_are_reported(turtle) -> None:
    path = turtle("ex:a a ns:Component , skos:Concept ; skos:broader ex:b .")
    with pytest.raises(TaxonomyError) as caught:
        run("show", "--taxonomy", str(path))
    assert len(caught.value.faults) == 2
