"""A small fake normaliser, so that these tests depend on input and output alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.full_report import full_report
from udt.core.report import Evidence, Excluded, Finding, Measurement, Report, Section
from udt.io.writers.vocabulary import DimensionKeys, LabelIris
from udt.taxonomy.model.namespaces import expand, property_iri

_ORGANS = {
    "liver": ("Liver", "Abdomen and retroperitoneum"),
    "kidney": ("Kidney and ureter", "Urinary Tract and male reproductive system"),
}
_VALUES = {
    "mass": ("diagnosis", "mass", "udaf:diagnosis.mass"),
    "cyst": ("diagnosis", "cyst", "udaf:diagnosis.cyst"),
    "hypoechoic": ("echogenicity", "hypoechoic", "udaf:echogenicity.hypoechoic"),
    "calcifications": ("internal_characteristics", "calcifications", "udaf:internal.calcifications"),
}
_CURIES = {"Liver": "uhat:liver", "Kidney and ureter": "uhat:kidney-ureter"}


@dataclass(frozen=True)
class FakeDimension:
    key: str
    labels: tuple[str, ...]


class FakeNormalizer:
    """Knows two organs and four words. `no`, `without`, `possible` refer to the next word; a sentence is a finding."""

    def __init__(self, extensions: Iterable[Path] = ()) -> None:
        self.extensions = tuple(extensions)

    @property
    def dimensions(self) -> tuple[FakeDimension, ...]:
        labels: dict[str, list[str]] = {key: [] for key in DimensionKeys.load().tasks}
        for organ, system in _ORGANS.values():
            labels["organ"].append(organ)
            labels["body_system"].append(system)
        for key, label, _ in _VALUES.values():
            labels[key].append(label)
        return tuple(FakeDimension(key, tuple(values)) for key, values in labels.items())

    def normalize(self, text: str, id: str = "") -> Report:
        if text == "DIE":
            os._exit(9)
        findings = tuple(
            f
            for i, m in enumerate(re.finditer(r"\S.*?(?=\.(?:\s|$)|$)", text, re.DOTALL), 1)
            if (f := _finding(f"f{i}", text, m))
        )
        evidence = [e for f in findings for e in f.evidence]
        yes = [e for e in evidence if e.certainty != "absent"]
        sure = {e.label for e in evidence if e.certainty == "present"}
        spleen = text.find("spleen")
        excluded = (Excluded("uhat:spleen", spleen, spleen + 6, "spleen", "comparison"),) if spleen >= 0 else ()
        return Report(
            id=id,
            text=text,
            language="en",
            text_sha256=hashlib.sha256(text.encode()).hexdigest(),
            labels=_sets(yes),
            possible=_sets(e for e in yes if e.label not in sure),
            absent=_sets(e for e in evidence if e.certainty == "absent"),
            sections=(Section("findings", 0, len(text)),) if text.startswith("FINDINGS") else (),
            findings=findings,
            taxonomy_version="0.1.0",
            tool_version="0.1.0",
            excluded=excluded,
        )

    def normalize_many(self, texts: Iterable[tuple[str, str]]) -> Iterator[Report]:
        for id, text in texts:
            yield self.normalize(text, id)


def _sets(evidence: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {key: {} for key in DimensionKeys.load().tasks}
    for one in evidence:
        found[one.dimension][one.label] = None
        if one.dimension == "organ":
            found["body_system"].update({s: None for o, s in _ORGANS.values() if o == one.label})
    return {key: tuple(values) for key, values in found.items()}


def _finding(id: str, text: str, sentence: re.Match[str]) -> Finding | None:
    evidence = tuple(_evidence(text, sentence))
    if not evidence:
        return None
    certainties = [e.certainty for e in evidence if e.dimension == "diagnosis"] or ["present"]
    organ = next((e.label for e in evidence if e.dimension == "organ"), None)
    own = (e for e in evidence if certainties[0] == "absent" or e.certainty != "absent")
    sizes = tuple(
        Measurement((float(m[1]),), m[2], (float(m[1]) * (10 if m[2] == "cm" else 1),), *_span(m, sentence))
        for m in re.finditer(r"([\d.]+) (cm|mm)", sentence[0])
    )
    side = next((s for s in ("left", "right") if s in sentence[0].lower()), None)
    return Finding(id, certainties[0], None, organ, side, _sets(own), sizes, evidence, sentence.start(), sentence.end())  # type: ignore[arg-type]


def _span(match: re.Match[str], sentence: re.Match[str]) -> tuple[int, int]:
    return sentence.start() + match.start(), sentence.start() + match.end()


def _evidence(text: str, sentence: re.Match[str]) -> Iterator[Evidence]:
    for match in re.finditer(r"(?:(no|without|possible)\s+)?(\w+)", sentence[0], re.IGNORECASE):
        cue, word = match[1], match[2].lower()
        start, end = sentence.start() + match.start(2), sentence.start() + match.end(2)
        certainty = {None: "present", "possible": "possible"}.get(cue.lower() if cue else None, "absent")
        if word in _ORGANS:
            label = _ORGANS[word][0]
            yield Evidence("organ", label, _CURIES[label], start, end, text[start:end], "present")
        elif word in _VALUES:
            yield Evidence(*_VALUES[word], start, end, text[start:end], certainty, cue)  # type: ignore[arg-type]


TEXT = (
    "Left liver: hypoechoic mass without calcifications, 2.3 cm, brighter than spleen. No cyst. Kidney: possible cyst."
)


class FakeVocabulary(LabelIris):
    @classmethod
    def load(cls, extensions: Sequence[Path] = ()) -> LabelIris:
        base = "https://w3id.org/udt/"
        labels = {(key, label): expand(curie) for key, label, curie in _VALUES.values()}
        labels |= {("organ", label): expand(curie) for label, curie in _CURIES.items()}
        labels |= {("body_system", s): f"{base}uhat/sys.{s[:7].lower().strip()}" for _, s in _ORGANS.values()}
        dimensions = {key: f"{base}udaf/{key}" for key in DimensionKeys.load().tasks}
        properties = {key: property_iri(key) for key in dimensions}
        return LabelIris(("organ", "body_system"), dimensions, properties, labels, {})


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.normalize.normalizer.Normalizer", FakeNormalizer)
    monkeypatch.setattr(LabelIris, "load", FakeVocabulary.load)


@pytest.fixture
def reports() -> list[Report]:
    fake = FakeNormalizer()
    return [fake.normalize(TEXT, "case 1"), fake.normalize("Nothing to see", "ü/2"), fake.normalize("Possible mass.")]


@pytest.fixture
def full() -> Report:
    """A report with everything that a report can have."""
    return full_report(DimensionKeys.load().tasks)


@pytest.fixture
def run() -> Callable[..., tuple[int, str, str]]:
    """Run `udt` with arguments; exit code, stdout and stderr."""
    from udt.cli.main import main

    def invoke(*arguments: object, input: str | bytes | None = None) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, [str(a) for a in arguments], input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return invoke


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, object], Path]:
    """Write a file: bytes or text as they are, a list as JSON Lines."""

    def write(name: str, content: object) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        path.write_bytes(content if isinstance(content, bytes) else str(content).encode())
        return path

    return write
