"""Answers of models are parsed, or refused with a reason that holds none of their words."""

from __future__ import annotations

import pytest

from udt.records.extraction.answers import AnswerError, Claim, parse_answer

LABEL = '{"label": "cyst", "certainty": "present", "quote": "Cyst"}'
CLAIM = Claim("diagnosis", "cyst", "present", "Cyst")


@pytest.mark.parametrize(
    "text",
    [
        f'{{"diagnosis": [{LABEL}]}}',
        f'```json\n{{"diagnosis": [{LABEL}], "shape": []}}\n```',
        f'Here you are:\n\n```\n{{"diagnosis": [{LABEL}]}}\n```\nAnything else?',
        f'\n {{"diagnosis": [{LABEL[:-1]}, "why": "it is"}}]}}',
    ],
    ids=["plain", "fence", "words around a fence", "further keys"],
)
def test_answers_are_parsed(text: str) -> None:
    assert parse_answer(text) == (CLAIM,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I cannot help with secret words.", "not JSON"),
        (f'{{"diagnosis": [{LABEL}', "not JSON"),
        (f"```\n{{}}\n```\n```\n{LABEL}\n```", "not JSON"),
        (f'{{"diagnosis": [{LABEL}], "diagnosis": []}}', "not JSON"),
        (f"[{LABEL}]", "another form"),
        (f'{{"diagnosis": {LABEL}}}', "another form"),
        ('{"diagnosis": ["secret"]}', "another form"),
        ('{"diagnosis": [{"label": "cyst", "certainty": "sure", "quote": "secret"}]}', "another form"),
        ('{"diagnosis": [{"label": "cyst", "certainty": "present"}]}', "another form"),
        ('{"diagnosis": [{"label": 5, "certainty": "present", "quote": "secret"}]}', "another form"),
        ("[" * 100_000, "not JSON"),
    ],
    ids=[
        "prose",
        "half",
        "two fences",
        "key twice",
        "list",
        "no list",
        "texts",
        "certainty",
        "no quote",
        "number",
        "deep",
    ],
)
def test_other_answers_are_refused(text: str, reason: str) -> None:
    with pytest.raises(AnswerError, match=reason) as caught:
        parse_answer(text)
    assert "secret" not in str(caught.value)
