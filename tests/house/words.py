"""Lint of the words of docstrings, comments, messages and guides, after the list in `words.toml`.

python tests/house/words.py            list every use that is not allowed; exit with 1 if there is any
python tests/house/words.py --rates    print how often each entry is used in 1,000 words of docstrings
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("udt", "cli", "clip", "graphkit")
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md")

Kind = Literal["docstring", "comment", "message", "page"]

_FEWEST_WORDS = 3
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True)
class Text:
    """A stretch of English.

    :ivar opens_function: whether it is the docstring of a function or method that is no property.
    """

    path: Path
    line: int
    kind: Kind
    text: str
    opens_function: bool = False


@dataclass(frozen=True)
class Entry:
    """An entry of the word list."""

    name: str
    pattern: re.Pattern[str]
    instead: str
    allowed: tuple[re.Pattern[str], ...]

    def uses(self, text: str) -> Iterator[re.Match[str]]:
        """Yield each use that is not allowed."""
        right = [match.span() for allowed in self.allowed for match in allowed.finditer(text)]
        for match in self.pattern.finditer(text):
            if not any(start <= match.start() and match.end() <= end for start, end in right):
                yield match


def word_list() -> tuple[list[Entry], dict[str, float], frozenset[str]]:
    """Read the entries, the limits and the verbs of `words.toml`."""
    plain = tomllib.loads((Path(__file__).with_name("words.toml")).read_text("utf-8"))
    flags = re.I | re.M
    entries = [
        Entry(
            w["name"], re.compile(w["pattern"], flags), w["instead"], tuple(re.compile(a, flags) for a in w["allowed"])
        )
        for w in plain["word"]
    ]
    return entries, plain["limits"], frozenset(plain["openings"]["verbs"])


def texts(root: Path = ROOT) -> Iterator[Text]:
    """Yield all docstrings, comments and messages of the package, and all pages."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not any(part.is_symlink() for part in path.parents):
                yield from _of_module(path)
    for pattern in PAGES:
        for path in sorted(root.glob(pattern)):
            prose = _FENCE.sub(lambda m: "\n" * m[0].count("\n"), path.read_text("utf-8"))
            for number, line in enumerate(prose.splitlines(), 1):
                yield Text(path, number, "page", _CODE.sub("`…`", line))


def _of_module(path: Path) -> Iterator[Text]:
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    docstrings: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[0] if node.body else None
            if (
                isinstance(body, ast.Expr)
                and isinstance(body.value, ast.Constant)
                and isinstance(body.value.value, str)
            ):
                docstrings.add(id(body.value))
                yield Text(path, body.lineno, "docstring", body.value.value, _opens_function(node))
    for node in ast.walk(tree):
        message = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if message and len(node.value.split()) >= _FEWEST_WORDS:
            yield Text(path, node.lineno, "message", node.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(path, token.start[0], "comment", token.string.lstrip("# "))


def _opens_function(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    decorators = {ast.unparse(one).split("(")[0].rpartition(".")[2] for one in node.decorator_list}
    return not decorators & {"property", "cached_property", "command", "group", "setter", "overload"}


def prose(docstring: str) -> str:
    """Return a docstring without its code: doctests, inline code and literal blocks."""
    lines = []
    example = False
    for line in docstring.splitlines():
        example = line.strip().startswith(">>>") or (example and bool(line.strip()))
        lines.append("" if example else line)
    return _CODE.sub("`…`", "\n".join(lines))


def faults(found: Sequence[Text]) -> list[str]:
    """Return every use that is not allowed, and every docstring of a function that does not open with a verb."""
    entries, limits, verbs = word_list()
    wrong = []
    for text in found:
        place = f"{text.path.relative_to(ROOT)}:{text.line}"
        cleaned = prose(text.text) if text.kind == "docstring" else text.text
        for entry in entries:
            wrong += [
                f"{place}: {text.kind}: '{match[0].strip()}' ({entry.name}); write: {entry.instead}"
                for match in entry.uses(cleaned)
            ]
        if text.opens_function and (first := _first(text.text)) not in verbs:
            wrong.append(f"{place}: docstring opens with '{first}'; open with a verb: 'Return …', 'Read …'")
    rate = rates(found)["where, all uses"]
    if rate > limits["where"]:
        wrong.append(f"'where' is used {rate:.1f} times in 1,000 words of docstrings; allowed: {limits['where']}")
    return wrong


def _first(docstring: str) -> str:
    words = docstring.split()
    return words[0].rstrip(".,:;") if words else ""


def rates(found: Sequence[Text]) -> dict[str, float]:
    """Return the uses of each entry in 1,000 words of docstrings."""
    entries, _, _ = word_list()
    documents = [prose(text.text) for text in found if text.kind == "docstring"]
    words = max(sum(len(document.split()) for document in documents), 1)
    count = {entry.name: sum(1 for document in documents for _ in entry.uses(document)) for entry in entries}
    count["where, all uses"] = sum(len(re.findall(r"\bwhere\b", document, re.I)) for document in documents)
    count["functions that open with no verb"] = sum(
        text.opens_function and _first(text.text) not in word_list()[2] for text in found
    )
    return {name: 1000 * number / words for name, number in count.items()}


def main() -> int:
    """Print the faults, or the rates; return the exit status."""
    root = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT
    found = list(texts(root))
    if "--rates" in sys.argv:
        for name, rate in rates(found).items():
            print(f"{rate:8.2f}  {name}")
        return 0
    wrong = faults(found)
    print("\n".join(wrong))
    print(f"{len(wrong)} faults" if wrong else "words: all right", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
