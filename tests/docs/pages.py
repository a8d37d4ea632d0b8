"""Runs the examples of a Markdown page. As a script, it writes their current output into README.md and docs/.

An example is source code followed by its output:

- in a `console` block, a line that starts with `$ ` (continued by lines that start with `> `) is run by the shell;
- in a `python` block, the code is run, and its output follows in lines that start with `#> `;
- a block with `title="NAME"` after its language is not run but written to a file of that name.

The examples of a page share a folder, which contains a copy of `examples/`, and a Python namespace. In the output, a
line `…` matches any number of lines, and `…` within a line any text.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.locations import ROOT

_BLOCK = re.compile(r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<body>.*?)^```$', re.M | re.S)
_CONSOLE = re.compile(r"(?P<source>^\$ .*\n(?:> .*\n)*)(?P<printed>(?:(?!\$ ).*\n)*)", re.M)
_PYTHON = re.compile(r"(?P<source>(?:(?!#>).*\n)+)(?P<printed>(?:#>.*\n)*)", re.M)
_NEEDED = {"to_dgl": "dgl", "--cluster ray": "ray"}
"""Packages that not every machine has, by the names of examples that need them; these are not run without."""
_EXAMPLES = {"console": _CONSOLE, "python": _PYTHON}

_ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "PYTHONSAFEPATH": "1"}


@dataclass(frozen=True)
class Example:
    """Source code of a page with its expected and its actual output.

    :ivar start: offset of the source in the page.
    :ivar stop: exclusive end offset of the output in the page.
    """

    language: str
    start: int
    stop: int
    source: str
    expected: str
    actual: str

    @property
    def right(self) -> bool:
        """Whether the actual output matches the page."""
        return matches(self.expected, self.actual)


def pages() -> list[Path]:
    """Return all pages whose examples are run; the reference is generated and has none."""
    found = sorted((ROOT / "docs").glob("**/*.md"))
    reference = ROOT / "docs" / "reference"
    top = (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))
    return [*top, *(path for path in found if path.parent != reference)]


def matches(expected: str, actual: str) -> bool:
    """Return whether `actual` equals `expected`, in which `…` matches anything."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", ".*?")
        for line in expected.splitlines(keepends=True)
    )
    return re.fullmatch(pattern, actual) is not None


def run(page: str, folder: Path) -> Iterator[Example]:
    """Run the examples of `page` in `folder`, which has to be the current folder; titled blocks are written there."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    runners: dict[str, Callable[[str], str]] = {"console": _shell(folder), "python": _interpreter()}
    for block in _BLOCK.finditer(page):
        language, body = block["language"], block["body"]
        if block["title"]:
            (folder / block["title"]).write_text(body, encoding="utf-8")
        elif language in runners and not _lacks_package(body):
            for example in parse(language, body, block.start("body")):
                actual = runners[language](example.source)
                # The path of the folder is another one each time.
                yield replace(example, actual=actual.replace(str(folder), "…"))


def parse(language: str, body: str, offset: int = 0) -> Iterator[Example]:
    """Yield the examples of a block without running them.

    :param offset: offset of the block in its page.
    """
    for found in _EXAMPLES[language].finditer(body):
        printed = found["printed"]
        expected = re.sub("^#> ?", "", printed, flags=re.M) if language == "python" else printed
        yield Example(language, offset + found.start(), offset + found.end(), found["source"], expected, "")


def _lacks_package(body: str) -> bool:
    return any(name in body and find_spec(package) is None for name, package in _NEEDED.items())


def _fails(printed: str) -> bool:
    return re.search(r"^(Error|Usage): |^\[status \d+\]$", printed, re.M) is not None


def _shell(folder: Path) -> Callable[[str], str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, **_ENVIRONMENT, "PATH": path}

    def call(source: str) -> str:
        command = "\n".join(line[2:] for line in source.splitlines())
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        printed = re.sub(r"[ \r]+$", "", done.stdout.decode(), flags=re.M)
        return f"{printed}[status {done.returncode}]\n" if done.returncode and not _fails(printed) else printed

    return call


def _interpreter() -> Callable[[str], str]:
    namespace: dict[str, Any] = {"__name__": "__main__"}

    def call(source: str) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, "<example>", "exec"), namespace)
        return printed.getvalue()

    return call


def renewed(page: str, examples: list[Example]) -> str:
    """Return `page` with the actual output of each example that differs, except for examples that fail now."""
    for example in sorted(examples, key=lambda one: one.start, reverse=True):
        if not example.right and (_fails(example.expected) or not _fails(example.actual)):
            lines = example.actual.splitlines()
            printed = [f"#> {line}".rstrip() for line in lines] if example.language == "python" else lines
            text = example.source + "".join(f"{line}\n" for line in printed)
            page = page[: example.start] + text + page[example.stop :]
    return page


def main() -> None:
    """Update all pages."""
    for path in pages():
        page = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            examples = list(run(page, Path(folder)))
        after = renewed(page, examples)
        if after != page:
            path.write_text(after, encoding="utf-8")
            print(f"renewed {path.relative_to(ROOT)}")
        for example in examples:
            if _fails(example.actual) and not _fails(example.expected):
                print(
                    f"{path.relative_to(ROOT)}: left alone, since it fails: {example.source.strip()}\n{example.actual}"
                )


if __name__ == "__main__":
    main()
