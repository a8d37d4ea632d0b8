"""Parse answers of models: claims of labels, each still to be checked against the text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from udt.core.errors import UdtError
from udt.core.strict_json import StrictJsonError, parse_json
from udt.records.extraction.prompts import CERTAINTIES

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.S)
_LABEL = {
    "type": "object",
    "properties": {
        "label": {"type": "string"},
        "certainty": {"enum": list(CERTAINTIES)},
        "quote": {"type": "string"},
    },
    "required": ["label", "certainty", "quote"],
}
# Labels outside the closed sets are dropped one by one, so the form alone is checked here.
_FORM = {"type": "object", "additionalProperties": {"type": "array", "items": _LABEL}}


class AnswerError(UdtError):
    """An answer of a model that cannot be used. The message holds no words of the answer or the text."""


class Claim(NamedTuple):
    """A label as a model answered it.

    :ivar quote: words that it gives for words of the text.
    """

    dimension: str
    label: str
    certainty: str
    quote: str


def parse_answer(text: str) -> tuple[Claim, ...]:
    """Return the claims of an answer, a JSON object with or without a code fence around it.

    :raises AnswerError: if it is no JSON, or JSON of another form.
    """
    plain = _object(text)
    fault = next(_form().iter_errors(plain), None)
    if fault is not None:
        raise AnswerError(f"the answer has another form than asked for (JSON Schema: {fault.validator})")
    return tuple(_claims(plain))


def _object(text: str) -> Any:
    fenced = _FENCED.findall(text)
    try:
        return parse_json(fenced[0] if len(fenced) == 1 else text)
    except (json.JSONDecodeError, StrictJsonError):
        raise AnswerError("the answer is not JSON") from None


def _claims(plain: Mapping[str, list[Mapping[str, str]]]) -> list[Claim]:
    return [
        Claim(key, one["label"], one["certainty"], one["quote"]) for key, labels in plain.items() for one in labels
    ]  # fmt: skip


@cache
def _form() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_FORM)
