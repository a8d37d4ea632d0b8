"""Hostile and mutated report texts, and the properties that the report of any text has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from random import Random

from udt.core.report import EVIDENCE_KEYS, Report
from udt.core.report_schema import report_faults
from udt.normalize.normalizer import Normalizer
from udt.taxonomy.model.taxonomy import Taxonomy

_LONGEST = 20_000
_LENGTHS = frozenset({"mm", "mm2"})
_REPEATED = 500

_LETTERS = "etaoinsrhldcumfpgwybvkxjqzäöüßéèñçåøœ"
_UNITS = ("mm", "cm", "m", "ml", "cc", "cm/s", "%", "x", "×", "°", "µm", "years", "weeks", "mm.", "cmm", "")
_MARKS = "̀́̈̂᷀⃝⃠︠"
_DIRECTIONS = "‎‏‪‫‬‭‮⁦⁧⁨⁩"
_OTHER = "שלוםكبد肝臓腎臟печеньήπαρ👨‍👩‍👧‍👦🫀𝔘𝔩𝔱𝕣𝕒ﬁﬀﷺ½²³Ⅷ①"
_SPACES = " \t\n\r\v\f\x85\u00a0\u2003\u2009\u2028\u2029\u200b\u200d\u3000\ufeff"
_SIGNS = ".,;:!?-–—/\\|()[]{}<>\"'`«»„“”*+=_#~^&%$@§°±≤≥≈×"
_SMALL = (
    "The {a} is {b}.", "{a}: {b}, {c}.", "No {a}.", "No evidence of {a} or {b}.", "{a} without {b}.",
    "{b} {a} measuring {n} x {n} {u}.", "Possible {a}, cannot exclude {b}.",
    "FINDINGS:\n{a}: {b}. {c}.\nIMPRESSION: {a}.",
    "History of {a}. Compared with the {b} of {n}/{n}/20{n}.", "{a} in the left {b}, {n} {u}; right {b}: {c}.",
    "Neither {a} nor {b}, but {c}.", "{a} ({b} [{c}]) {n}{u}",
    "Impression\n1. {a}\n2) {b}\n- {c}", "?{a} ??{b}", "{a}/{b}/{c}",
    "{n} {u} {a}, previously {n} {u}, with {b} and {c} but no {a}.",
)  # fmt: skip


def fuzzed_texts(count: int, seed: int) -> Iterator[str]:
    """Yield `count` texts of 0 to 20,000 characters, about 60 in the mean, the same for the same seed."""
    random = Random(seed)
    words = _words()
    for number in range(count):
        if number % _REPEATED == _REPEATED - 1:
            yield random.choice(_LONG)(random, words)[:_LONGEST]
            continue
        text = random.choice(_SHORT)(random, words)
        yield _mutated(text, random) if random.random() < 0.5 else text


@cache
def _words() -> tuple[str, ...]:
    """Return the labels of all concepts: values, anatomy, and the cues that hedge, deny and exclude."""
    from udt.taxonomy.model.taxonomy import Taxonomy

    concepts = Taxonomy.load().concepts.values()
    return tuple(dict.fromkeys(label.text for concept in concepts for label in concept.labels))


def _report(random: Random, words: tuple[str, ...]) -> str:
    template = random.choice(_SMALL)
    a, b, c = random.choices(words, k=3)
    return template.format(a=a, b=b, c=c, n=_number(random), u=random.choice(_UNITS))


def _number(random: Random) -> str:
    return random.choice(("0", "1", "12", "2.5", "3,4", "1.", ".5", "1.2.3", "9" * 30, "1e9", "-4", "٣", "½", "00012"))


def _cues(random: Random, words: tuple[str, ...]) -> str:
    return " ".join(random.choices(words, k=random.randint(0, 12)))


def _unicode(random: Random, words: tuple[str, ...]) -> str:
    return "".join(_character(random) for _ in range(random.randint(0, 60)))


def _character(random: Random) -> str:
    kind = random.randrange(8)
    if kind == 0:
        point = random.randrange(1, 0x110000)
        return " " if 0xD800 <= point < 0xE000 else chr(point)
    return random.choice((chr(random.randrange(1, 32)), *(random.choice(x) for x in (
        _LETTERS, _MARKS, _DIRECTIONS, _OTHER, _SPACES, _SIGNS, "0123456789"))))  # fmt: skip


def _long_word(random: Random, words: tuple[str, ...]) -> str:
    return random.choice(words) * random.randint(1, 6) + random.choice(_LETTERS) * random.randint(0, 60)


def _brackets(random: Random, words: tuple[str, ...]) -> str:
    signs = random.choice(("()", "[]", "{}", "<>", "«»", "([", "<a>"))
    depth = random.randint(1, 20)
    return signs[0] * depth + random.choice(words) + signs[-1] * random.choice((depth, 0, depth // 2))


def _digits(random: Random, words: tuple[str, ...]) -> str:
    parts = (f"{_number(random)}{random.choice(('', ' '))}{random.choice(_UNITS)}" for _ in range(random.randint(1, 8)))
    return random.choice((" x ", "x", " × ", ", ", " - ", "/", " ")).join(parts)


Maker = Callable[[Random, tuple[str, ...]], str]

_SHORT: tuple[Maker, ...] = (_report, _report, _report, _cues, _unicode, _long_word, _brackets, _digits)


def _repeated(random: Random, words: tuple[str, ...]) -> str:
    part = random.choice((*random.choices(words, k=4), "no ", "(", "no cyst, ", "1 x ", "\n", ". ", "and ", "̀"))
    return part * (random.randint(2_000, _LONGEST) // max(len(part), 1))


def _many(random: Random, words: tuple[str, ...]) -> str:
    size, parts = random.randint(1_000, _LONGEST), list[str]()
    while size > 0:
        parts.append(random.choice(_SHORT)(random, words))
        size -= len(parts[-1]) + 1
    return random.choice((" ", "\n", ". ")).join(parts)


_LONG: tuple[Maker, ...] = (_repeated, _many)


def _mutated(text: str, random: Random) -> str:
    """Change a few places: drop, double, swap, insert, change the case."""
    for _ in range(random.choice((1, 1, 2, 5))):
        start = random.randint(0, len(text))
        end = start + random.choice((0, 1, 1, 3, 10))
        part = text[start:end]
        new = random.choice(("", part * 2, part[::-1], part.upper(), part.swapcase(), _character(random), "\n", " no "))
        text = text[:start] + new + text[end:]
    return text


@cache
def _labels_by_dimension() -> dict[str, frozenset[str]]:
    """Return the labels of all dimensions of the built-in taxonomy, those without a task included."""
    return {dimension.key: frozenset(dimension.labels) for dimension in Taxonomy.load().dimensions}


def check_text(normalizer: Normalizer, text: str, *, again: bool = False) -> Report:
    """Check the report of a text: its spans, its labels and its sizes, and that its document is JSON in UTF-8.

    :param again: whether the text is read twice, with equal reports, and the document is held against the schema.
    :raises AssertionError: if a property does not hold.
    """
    report = normalizer.normalize(text, "fuzzed")
    known = _labels_by_dimension()
    allowed = {dimension.key: frozenset(dimension.labels) for dimension in normalizer.dimensions}
    for labels in (report.labels, report.possible, report.absent, *(finding.labels for finding in report.findings)):
        assert labels.keys() == allowed.keys(), "dimensions"
        for key, names in labels.items():
            assert allowed[key].issuperset(names) and len(set(names)) == len(names), f"labels of {key}"
    for key, names in report.labels.items():
        assert not set(names).intersection(report.absent[key]), f"a label of {key} is present and absent"
        assert set(names).issuperset(report.possible[key]), f"a label of {key} is possible and not present"
    for one in report.evidence:
        assert 0 <= one.start < one.end <= len(text) and text[one.start : one.end] == one.text, "span of evidence"
        assert one.dimension in EVIDENCE_KEYS or one.label in known[one.dimension], "label of evidence"
    for attributes in (report.attributes, *(finding.attributes for finding in report.findings)):
        for key, names in attributes.items():
            assert names and key not in allowed and known[key].issuperset(names), f"attributes of {key}"
    for span in (*report.sections, *report.findings, *(m for f in report.findings for m in f.measurements)):
        assert 0 <= span.start <= span.end <= len(text), "span"
    for size in (m for f in report.findings for m in f.measurements if m.canonical_unit in _LENGTHS):
        assert all(value > 0 for value in size.values), "size of 0"
    document = report.to_dict()
    written = json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")
    if again:
        assert json.loads(written) == document, "document"
        assert list(report_faults(document)) == [], "schema"
        assert normalizer.normalize(text, "fuzzed") == report, "not deterministic"
    return report
