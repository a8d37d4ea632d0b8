"""Examples and links of README, CONTRIBUTING and docs/."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import udt
import udt.clip

from .pages import ROOT, Example, matches, pages, parse, renewed, run

PUBLIC = {f"{module.__name__}.{name}" for module in (udt, udt.clip) for name in module.__all__}

LONGEST_FIRST = sorted(pages(), key=lambda path: -path.read_text("utf-8").count("\n$ "))
"""The pages, so that no process is left with a long one at the end."""


@pytest.mark.docs
@pytest.mark.parametrize("path", LONGEST_FIRST, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = path.read_text(encoding="utf-8")
    wrong = [example for example in run(page, tmp_path) if not example.right]
    if wrong:
        hint = f"{path.name}: correct the code, or write its current output into the page: make docs-update"
        pytest.fail("\n\n".join([hint, *(_difference(page, example) for example in wrong)]), pytrace=False)


def _difference(page: str, example: Example) -> str:
    line = page.count("\n", 0, example.start) + 1
    expected, actual = example.expected.splitlines(), example.actual.splitlines()
    changes = difflib.unified_diff(expected, actual, "expected", "actual", lineterm="", n=1)
    return "\n".join([f"line {line}: {example.source.strip()}", *changes])


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]*)", path.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert not missing, f"{path.name} links to {missing}; give paths relative to the page"


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_use_the_public_api(path: Path) -> None:
    if path.is_relative_to(ROOT / "docs" / "contributing"):
        pytest.skip("pages for contributors may use internal modules")
    blocks = re.findall(r"^```python\n(.*?)^```$", path.read_text("utf-8"), re.M | re.S)
    internal = [name for block in blocks for name in _imports(block) if name not in PUBLIC]
    assert not internal, f"{path.name} imports {internal}; allowed: the names in udt.__all__ and udt.clip.__all__"


def _imports(code: str) -> Iterator[str]:
    """Yield the full names of the modules and objects of udt that a piece of code imports."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "udt":
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.split(".")[0] == "udt")


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a.c\n", "abc\n", False),
        ("a…c\n", "a b c\n", True),
        ("a…c\n", "a\nc\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\nd\n", "a\nd\n", True),
        ("a\n…\n", "b\n", False),
        ("", "a\n", False),
    ],
)
def test_wildcards(expected: str, actual: str, same: bool) -> None:
    assert matches(expected, actual) is same


def test_console_blocks_are_split_by_command() -> None:
    found = list(parse("console", "$ echo 1\n1\n$ cat <<END\n> 2\n> END\n2\n\n3\n$ true\n"))
    assert [(one.source, one.expected) for one in found] == [
        ("$ echo 1\n", "1\n"),
        ("$ cat <<END\n> 2\n> END\n", "2\n\n3\n"),
        ("$ true\n", ""),
    ]


def test_python_blocks_are_split_by_output() -> None:
    found = list(parse("python", "x = 1\n\nprint(x)\n#> 1\n#>\n#>  2\ny = x\n"))
    assert [(one.source, one.expected) for one in found] == [("x = 1\n\nprint(x)\n", "1\n\n 2\n"), ("y = x\n", "")]


def test_wrong_output_is_found_and_updated(tmp_path: Path) -> None:
    page = '```console\n$ cat a.txt\nwrong\n$ echo b\nb\n```\n```python\nprint("c\\n\\nd")\n#> c\n```\n'
    page = f'```text title="a.txt"\na\n```\n{page}'
    examples = list(run(page, tmp_path))
    assert [one.right for one in examples] == [False, True, False]
    after = renewed(page, examples)
    assert "$ cat a.txt\na\n$ echo b\nb\n```" in after
    assert "#> c\n#>\n#> d\n```" in after


def test_failing_example_is_found_and_not_updated(tmp_path: Path) -> None:
    page = "```console\n$ echo a; exit 3\na\n$ udt no-such-command\nError: ?\n```\n"
    first, second = run(page, tmp_path)
    assert first.actual == "a\n[status 3]\n" and not first.right
    assert second.actual.startswith("Usage: ") and not second.right
    after = renewed(page, [first, second])
    assert "exit 3\na\n$ udt" in after and "there is no command" in after


def test_the_folder_of_the_examples_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = run("```console\n$ pwd; echo a\n…\na\n```\n", tmp_path)
    assert (example.actual, example.right) == ("…\na\n", True)
