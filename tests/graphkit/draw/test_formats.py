"""Drawing formats: built in, of other packages, and without Matplotlib."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entry_points import write_package
from udt.core.errors import DataError, UdtError
from udt.graphkit.draw.diagram import Diagram, Drawing
from udt.graphkit.draw.formats import FORMATS, encode

EMPTY = Drawing([Diagram("report", "empty", (), ())])

LIST_FORMAT = """
def to_list(drawing):
    return "".join(f"* {item.label}\\n" for item in drawing.diagram.items).encode()
"""


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match="there is no drawing format 'gif'; allowed: png, svg, html, graphml"):
        encode(EMPTY, "gif")


@pytest.mark.parametrize("format", ["png", "svg"])
def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    for module in [name for name in sys.modules if name.split(".")[0] == "matplotlib" or name.endswith("draw.figure")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UdtError, match=rf"writing {format} needs Matplotlib.*pip install 'udt-toolkit\[plot\]'"):
        encode(EMPTY, format)
    for other in ("html", "graphml", "dot", "json"):
        assert encode(EMPTY, other)


def test_another_package_adds_a_format(tmp_path: Path) -> None:
    write_package(tmp_path, "udt_list", FORMATS.group, {"list": "udt_list:to_list"}, LIST_FORMAT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}

    def graph(target: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from udt.cli.main import main; main()", "graph", "-", "--out", str(target)]
        return subprocess.run(command, env=environment, input="Liver: cyst.", capture_output=True, text=True)

    assert graph(tmp_path / "a.list").returncode == 0
    assert (tmp_path / "a.list").read_text() == "* Abdomen and retroperitoneum\n* Liver\n* hepatic cyst\n* cyst\n"
    wrong = graph(tmp_path / "a.gif")
    assert wrong.returncode == 2 and ".json, .list, .ttl" in " ".join(wrong.stderr.split())
