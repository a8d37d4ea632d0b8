"""Prompts of the stages, generated from the taxonomy: closed label sets, definitions and the schema of the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from udt.core.hashing import parts_sha256
from udt.records.extraction.stages import PromptWords, Stage, prompt_words, stages_of
from udt.taxonomy.model.concept import Concept, Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

CERTAINTIES = ("present", "possible", "absent")
_ID = 16  # characters of the hash of a text: it cannot hold the mark that ends it


@dataclass(frozen=True)
class StagePrompt:
    """The prompt of one stage.

    :ivar system: instructions, label sets and definitions.
    :ivar schema: JSON Schema of the answer.
    """

    stage: Stage
    system: str
    schema: dict[str, Any]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of everything that a model is asked beside the text, hexadecimal."""
        return parts_sha256(self.system, json.dumps(self.schema, ensure_ascii=False))

    def messages(self, text: str) -> list[dict[str, str]]:
        """Return the messages of one question."""
        return [{"role": "system", "content": self.system}, {"role": "user", "content": fenced(text)}]


def prompts_of(taxonomy: Taxonomy) -> tuple[StagePrompt, ...]:
    """Return the prompts of all stages, in order."""
    return tuple(
        StagePrompt(stage, "\n".join(_lines(stage, taxonomy, prompt_words())), schema_of(stage))
        for stage in stages_of(taxonomy)
    )


def fenced(text: str) -> str:
    """Return a text between marks that it cannot hold, since they name its own hash."""
    name = parts_sha256(text)[:_ID]
    return f"<report {name}>\n{text}\n</report {name}>"


def schema_of(stage: Stage) -> dict[str, Any]:
    """Return the JSON Schema of an answer, in the subset that servers with structured output accept."""
    return {
        "type": "object",
        "properties": {d.key: {"type": "array", "items": _label_schema(d)} for d in stage.dimensions},
        "required": list(stage.keys),
        "additionalProperties": False,
    }


def _label_schema(dimension: Dimension) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "label": {"type": "string", "enum": list(dimension.labels)},
            "certainty": {"type": "string", "enum": list(CERTAINTIES)},
            "quote": {"type": "string"},
        },
        "required": ["label", "certainty", "quote"],
        "additionalProperties": False,
    }


def _lines(stage: Stage, taxonomy: Taxonomy, words: PromptWords) -> Iterator[str]:
    yield words.task
    yield f"\n{words.data}\n\nRules"
    for number, rule in enumerate(words.rules, 1):
        yield f"{number}. {rule.format(longest_quote=words.longest_quote)}"
    first = stage.dimensions[0]
    example = {first.key: [{"label": first.labels[0], "certainty": "present", "quote": "…"}]}
    yield "\n" + words.answer.format(keys=", ".join(stage.keys), example=json.dumps(example, ensure_ascii=False))
    yield f"\n{stage.title}"
    for dimension in stage.dimensions:
        yield from _section(dimension, taxonomy)


def _section(dimension: Dimension, taxonomy: Taxonomy) -> Iterator[str]:
    yield f"\n## {dimension.key}: {_meaning(dimension.concept)}".rstrip(": ")
    outer = taxonomy.enclosing(dimension)
    for value in dimension.values:
        place = f" (in {taxonomy[value.broader[0]].label})" if outer is not None else ""
        yield f"- {value.label}{place}: {_meaning(value)}".rstrip(": ")


def _meaning(concept: Concept) -> str:
    return " ".join(part for part in (concept.definition, concept.scope_note) if part)
