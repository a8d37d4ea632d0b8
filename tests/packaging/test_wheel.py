"""Does the wheel hold the whole package, and does it work where nothing else is installed?"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.locations import ROOT
from tests.packaging.conftest import WITH_WHEEL, run

FOLDERS = {"cli": "udt.cli", "clip": "udt.clip", "graphkit": "udt.graphkit", "ontology": "udt.ontology", "udt": "udt"}
REVIEWS = {"synonym-review.tsv", "review-exceptions.tsv"}
"""Records of how names were reviewed, which the package does not need."""

pytestmark = [pytest.mark.slow, WITH_WHEEL]


def test_wheel_holds_what_the_folders_hold(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"udt/py.typed", *(f"udt/core/udt-report-{version}.schema.json" for version in (1, 2))}
    wanted.add("udt/clip/transfer/udt-transfer-1.schema.json")
    for folder, name in FOLDERS.items():
        for suffix in (".py", ".ttl", ".tsv", ".rq", ".toml", ".html"):
            files = [one for one in (ROOT / folder).rglob(f"*{suffix}") if one.name not in REVIEWS]
            wanted |= {f"{name.replace('.', '/')}/{one.relative_to(ROOT / folder).as_posix()}" for one in files}
    assert wanted <= held, f"missing in the wheel: {sorted(wanted - held)}; add it to 'package-data' in pyproject.toml"


def test_wheel_holds_licence_and_notice(wheel: Path) -> None:
    held = {name.rpartition("/")[2] for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/licenses/" in name}
    assert held == {"LICENSE", "NOTICE"}


def test_wheel_installs_nothing_beside_udt(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"udt"}


def test_normalises_where_nothing_else_is_installed(empty: Path, tmp_path: Path) -> None:
    text = "Liver: round hypoechoic nodule of 2 cm. No ascites."
    report = json.loads(run([str(empty / "udt"), "normalize", "-", "--format", "jsonl"], tmp_path, text))
    assert report["schema"] == "udt-report/2"
    assert report["labels"]["organ"] == ["Liver"]
    assert report["labels"]["diagnosis"] == ["nodule"]
    assert report["absent"]["diagnosis"] == ["fluid collection"]


def test_taxonomy_and_queries_come_along(empty: Path, tmp_path: Path) -> None:
    shown = json.loads(run([str(empty / "udt"), "taxonomy", "show", "liver", "--json"], tmp_path))
    assert "uhat:liver" in json.dumps(shown)
    answer = json.loads(run([str(empty / "udt"), "query", "--preset", "mapped-to", "--format", "json"], tmp_path))
    assert answer["results"]["bindings"]


def test_top_level_names_stay_free(empty: Path, tmp_path: Path) -> None:
    code = "import sys; from importlib.util import find_spec; print([n for n in sys.argv[1:] if find_spec(n)])"
    names = sorted(set(FOLDERS) - {"udt"})
    assert run([str(empty / "python"), "-c", code, *names], tmp_path).strip() == "[]"
