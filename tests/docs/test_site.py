"""The documentation site: every public name and every command is in it, and nothing is loaded from other servers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import udt
import udt.clip
from tests.locations import ROOT
from udt.cli.main import main

PUBLIC = [*(f"udt.{name}" for name in udt.__all__), *(f"udt.clip.{name}" for name in udt.clip.__all__)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site."""
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def commands(command: click.Command, name: str) -> list[str]:
    """Return the names of a command and all commands below it."""
    if not isinstance(command, click.Group):
        return [name]
    context = click.Context(command)
    children = ((child, command.get_command(context, child)) for child in command.list_commands(context))
    return [name, *(path for child, found in children if found for path in commands(found, f"{name} {child}"))]


def test_reference_lists_exactly_the_public_names() -> None:
    pages = (ROOT / "docs" / "reference" / name for name in ("udt.md", "clip.md"))
    listed = [name for page in pages for name in re.findall(r"^::: ([\w.]+)$", page.read_text("utf-8"), re.M)]
    assert sorted(listed) == sorted(PUBLIC)


@pytest.mark.docs
def test_every_public_name_is_rendered(site: Path) -> None:
    built = "".join((site / "reference" / name).read_text("utf-8") for name in ("udt.html", "clip.html"))
    missing = [name for name in PUBLIC if f'id="{name}"' not in built]
    assert not missing


@pytest.mark.docs
def test_every_command_is_rendered(site: Path) -> None:
    built = (site / "reference" / "command-line.html").read_text("utf-8")
    missing = [name for name in commands(main, "udt") if f"Usage: {name} " not in built]
    assert not missing


@pytest.mark.docs
def test_nothing_is_loaded_from_other_servers(site: Path) -> None:
    loaded = re.compile(
        r"""<(?:script|img|iframe|source)[^>]*\ssrc=["']?(?:https?:)?//|<link[^>]*\shref=["']?(?:https?:)?//"""
    )
    pages = {str(page.relative_to(site)): page.read_text("utf-8") for page in site.rglob("*.html")}
    assert pages
    assert not [name for name, text in pages.items() if loaded.search(text)]
    styles = "".join(sheet.read_text("utf-8") for sheet in site.rglob("*.css"))
    assert not re.search(r"url\([\"']?(?:https?:)?//|@import [\"'](?:https?:)?//", styles)


def test_doctests_are_fenced(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("griffe")
    monkeypatch.syspath_prepend(ROOT / "docs" / "hooks")
    from doctests import fenced

    assert (
        fenced("Return 1.\n\n>>> x = 1\n>>> x\n1\n\nEnd.") == "Return 1.\n\n```python\n>>> x = 1\n>>> x\n1\n```\n\nEnd."
    )
