"""The sentences of a language pack, each with what a reader has to find in it.

They are rows of a table with the columns `phenomenon`, `text` and `expected`, which holds items separated by `;`:
`present diagnosis:cyst` (or `possible`, `absent`, `none` for neither), `concept fibroid` and `no concept fibroid`, by
the English label of a finding that is not denied, `side left`, `size 12x8` in millimetres, and `age 45` in years.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from udt.core.errors import DataError
from udt.core.report import Report
from udt.taxonomy.model.source import ontology_folder

_COLUMNS: Final = ("phenomenon", "text", "expected")
_CERTAINTIES: Final = frozenset({"present", "possible", "absent", "none"})
_SIDES: Final = frozenset({"left", "right", "bilateral", "midline"})


@dataclass(frozen=True, slots=True)
class PackSentence:
    """A text, and what has to be found in it.

    :ivar phenomenon: the kind of statement that it is an example of, e.g. `denied before`.
    :ivar expected: items, see the module.
    """

    phenomenon: str
    text: str
    expected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentenceOutcome:
    """A sentence that was read.

    :ivar missed: the items that were not found, each with what was found instead; empty if all is right.
    """

    sentence: PackSentence
    missed: tuple[str, ...]


def sentences_file(tag: str) -> Path:
    """Return the file of the sentences of a pack, which need not exist."""
    return ontology_folder() / "language" / tag / "sentences.tsv"


def read_sentences(path: Path) -> list[PackSentence]:
    """Read the sentences of a pack.

    :raises DataError: if the file is unreadable, lacks a column, or has an item of no known form.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise DataError(f"{path}: cannot be read: {reason}") from error
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        got = ", ".join(rows.fieldnames or ()) or "none"
        raise DataError(f"{path}: line 1: the columns have to be {', '.join(_COLUMNS)}, and are {got}")
    return [_sentence(row, f"{path}: line {number}") for number, row in enumerate(rows, start=2)]


def _sentence(row: dict[str, str | None], place: str) -> PackSentence:
    phenomenon, text, expected = (str(row[name] or "").strip() for name in _COLUMNS)
    items = tuple(item.strip() for item in expected.split(";") if item.strip())
    if not (phenomenon and text and items):
        raise DataError(f"{place}: a row needs a phenomenon, a text and at least one expected item")
    for item in items:
        if not _is_known(item):
            allowed = "present|possible|absent|none KEY:LABEL, [no] concept NAME, side SIDE, size A[xB[xC]], age YEARS"
            raise DataError(f"{place}: {item!r} is no expected item; allowed: {allowed}")
    return PackSentence(phenomenon, text, items)


def _is_known(item: str) -> bool:
    kind, _, value = item.partition(" ")
    if kind in _CERTAINTIES:
        return ":" in value
    if kind == "no":
        return value.startswith("concept ")
    if kind == "side":
        return value in _SIDES
    if kind == "size":
        return all(map(_is_number, value.split("x")))
    return (kind == "concept" and bool(value)) or (kind == "age" and _is_number(value))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def check_sentences(sentences: Iterable[PackSentence], read: Callable[[str], Report]) -> list[SentenceOutcome]:
    """Read sentences, and compare what is found in each with what has to be."""
    return [SentenceOutcome(sentence, tuple(_missed(sentence, read(sentence.text)))) for sentence in sentences]


def _missed(sentence: PackSentence, report: Report) -> Iterable[str]:
    for item in sentence.expected:
        found = _found(item, report)
        if found is not None:
            yield f"{item}, found {found}"


def _found(item: str, report: Report) -> str | None:
    """Return what was found in place of an item, or None if the item is right."""
    kind, _, value = item.partition(" ")
    if kind in _CERTAINTIES:
        got = _certainty(value, report)
        return None if got == kind else got
    if kind == "side":
        sides = sorted({finding.laterality for finding in report.findings if finding.laterality})
        return None if value in sides else ", ".join(sides) or "no side"
    if kind == "size":
        wanted = sorted(float(number) for number in value.split("x"))
        sizes = [m.canonical for f in report.findings for m in f.measurements if m.canonical_unit == "mm"]
        same = any(sorted(round(number, 2) for number in size) == wanted for size in sizes)
        return None if same else ", ".join("x".join(f"{n:g}" for n in size) for size in sizes) or "no size"
    if kind == "age":
        age = report.patient.age_years
        return None if age is not None and abs(age - float(value)) < 0.1 else f"{age}"
    affirmed = {f.concept.label for f in report.findings if f.concept is not None and f.certainty != "absent"}
    name = value.removeprefix("concept ") if kind == "no" else value
    right = (name in affirmed) == (kind == "concept")
    return None if right else ", ".join(sorted(affirmed)) or "no concept"


def _certainty(label: str, report: Report) -> str:
    """Return whether a label is `present`, `possible` or `absent` in a report, or `none` of them."""
    key, _, name = label.partition(":")
    if name in report.labels.get(key, ()):
        sure = any(f.certainty == "present" and name in f.labels.get(key, ()) for f in report.findings)
        return "possible" if name in report.possible.get(key, ()) and not sure else "present"
    return "absent" if name in report.absent.get(key, ()) else "none"
