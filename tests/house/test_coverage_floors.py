from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.house import coverage_floors
from tests.house.coverage_floors import by_package, floors, main
from tests.locations import ROOT


def file(ran: int, lines: int, ran_branches: int = 0, branches: int = 0) -> dict[str, dict[str, int]]:
    counts = {"covered_lines": ran, "num_statements": lines, "covered_branches": ran_branches, "num_branches": branches}
    return {"summary": counts}


REPORT = {
    "files": {"udt/__init__.py": file(1, 1), "udt/io/rows.py": file(6, 8, 3, 4), "udt/io/writers/x.py": file(0, 8)}
}


def test_lines_and_branches_count_alike() -> None:
    assert by_package(REPORT, {"udt": 0, "udt/io": 0, "clip": 0}) == {"udt": 100, "udt/io": 45, "clip": 100}


def test_a_file_in_no_package_is_named() -> None:
    with pytest.raises(KeyError, match="udt/__init__"):
        by_package(REPORT, {"udt/io": 0})


@pytest.mark.parametrize(("floor", "status"), [(45.0, 0), (45.1, 1)])
def test_a_floor(
    floor: float, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    monkeypatch.setattr(coverage_floors, "floors", lambda: {"udt": 90.0, "udt/io": floor})
    monkeypatch.setattr(sys, "argv", ["x", str(tmp_path / "report.json")])
    assert main() == status
    assert ("too low" in capsys.readouterr().out) == bool(status)


def test_every_package_has_a_floor() -> None:
    folders = {
        path.parent.relative_to(ROOT) for top in ("cli", "clip", "graphkit") for path in (ROOT / top).rglob("*.py")
    }
    inner = {
        path.parent.relative_to(ROOT) for path in (ROOT / "udt").glob("*/__init__.py") if not path.parent.is_symlink()
    }
    roots = {Path(*folder.parts[:2]) for folder in folders if folder.parts[0] == "clip"} | inner
    assert {str(folder) for folder in roots} <= set(floors())
