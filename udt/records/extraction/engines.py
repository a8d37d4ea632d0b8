"""Engines of extraction: one protocol, and the rules as the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

from udt.core.hashing import parts_sha256
from udt.core.report import Evidence, Report
from udt.normalize.normalizer import Normalizer
from udt.records.extraction.costs import TokenUse
from udt.records.extraction.instructions import without_instructions

INSTRUCTIONS = "the text holds instructions to a model; the sentences with them were not read"


class EngineName(StrEnum):
    """Name of an engine."""

    RULES = "rules"
    LLM = "llm"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class Extraction:
    """The labels of one text.

    :ivar report: of the rules.
    :ivar model: labels of a model that count.
    :ivar masked: whether sentences with instructions to a model were left out.
    :ivar asked: whether a model was asked.
    :ivar refused: the reason for each label of the model that was refused.
    :ivar flags: doubts for a person, without words of the text.
    :ivar fault: the reason for which there is no usable answer of the model, or None.
    """

    report: Report
    model: tuple[Evidence, ...] = ()
    masked: bool = False
    asked: bool = False
    refused: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    use: TokenUse = field(default_factory=TokenUse)
    fault: str | None = None


class Engine(Protocol):
    """Reads texts."""

    @property
    def name(self) -> EngineName:
        """Its name."""

    @property
    def keeps_rules(self) -> bool:
        """Whether the labels of the rules count."""

    @property
    def model(self) -> str | None:
        """The model with the version of its prompts, or None without a model."""

    def read(self, texts: Sequence[str]) -> Iterator[Extraction]:
        """Yield the labels of each text, in order.

        :raises DataError: if a model is needed and cannot be asked.
        """


class RuleReading(NamedTuple):
    """A text as the rules read it.

    :ivar report: of the text.
    :ivar masked: the same report of the text that was read: without instructions to a model.
    """

    report: Report
    masked: Report

    @property
    def extraction(self) -> Extraction:
        """The labels of the rules."""
        found = self.report.text != self.masked.text
        return Extraction(self.report, masked=found, flags=(INSTRUCTIONS,) if found else ())


def read_by_rules(normalizer: Normalizer, text: str) -> RuleReading:
    """Read a text by the rules, without the sentences that address a model."""
    masked = without_instructions(text)
    report = normalizer.normalize(masked)
    if masked == text:
        return RuleReading(report, report)
    return RuleReading(replace(report, text=text, text_sha256=parts_sha256(text)), report)


@dataclass(frozen=True, slots=True)
class RuleEngine:
    """The normaliser."""

    normalizer: Normalizer
    name: EngineName = EngineName.RULES
    keeps_rules: bool = True
    model: None = None

    def read(self, texts: Sequence[str]) -> Iterator[Extraction]:
        """Yield the labels of each text, in order."""
        for text in texts:
            yield read_by_rules(self.normalizer, text).extraction


def affirmed_labels(found: Extraction, engine: Engine, keys: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Return the labels of a text that are present or possible, by dimension."""
    labels = {key: set(found.report.labels[key] if engine.keeps_rules else ()) for key in keys}
    for one in found.model:
        if one.certainty != "absent" and one.dimension in labels:
            labels[one.dimension].add(one.label)
    return {key: frozenset(values) for key, values in labels.items()}
