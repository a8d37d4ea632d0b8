"""Captions of composite figures are split as written in `patterns.jsonl`, and other captions are left alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from udt.lexicon.lexicon import Lexicon
from udt.records.pairing.clauses import Span
from udt.records.pairing.segments import split_caption

PATTERNS = [json.loads(line) for line in Path(__file__).with_name("patterns.jsonl").read_text("utf-8").splitlines()]
SPLIT = [one for one in PATTERNS if one["parts"]]
WHOLE = [one for one in PATTERNS if not one["parts"]]
_PIECES = [
    "(A)",
    "(b)",
    "A:",
    "B.",
    "left image",
    "(a–c)",
    " and ",
    ", ",
    ". ",
    "Fig. 1a",
    "cyst",
    "(",
    ")",
    "超声",
    "ii)",
]


def test_there_are_patterns_of_both_kinds() -> None:
    assert len(SPLIT) >= 80
    assert len(WHOLE) >= 20


@pytest.mark.parametrize("pattern", SPLIT, ids=[one["text"][:60] for one in SPLIT])
def test_a_caption_is_split(pattern: dict[str, Any], lexicon: Lexicon) -> None:
    split = split_caption(pattern["text"], lexicon)
    assert split is not None
    assert split.layout == pattern["layout"]
    assert {key: split.of(key) for key in split.segments} == {
        key: part["caption"] for key, part in pattern["parts"].items()
    }
    assert split.segments == {
        key: tuple(Span(*span) for span in part["spans"]) for key, part in pattern["parts"].items()
    }


@pytest.mark.parametrize("pattern", WHOLE, ids=[one["text"][:60] for one in WHOLE])
def test_a_caption_without_a_series_of_indicators_stays_whole(pattern: dict[str, Any], lexicon: Lexicon) -> None:
    assert split_caption(pattern["text"], lexicon) is None


@cache
def _lexicon() -> Lexicon:
    return Lexicon.load()


@example("(A)Fig. 1a(A)(a–c)")
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_spans_are_in_order_and_in_the_text(text: str) -> None:
    """Of any text: spans do not overlap, have words, and are at most the text."""
    split = split_caption(text, _lexicon())
    for spans in [] if split is None else split.segments.values():
        ends = [0]
        for span in spans:
            assert ends[-1] <= span.start < span.end <= len(text)
            ends.append(span.end)
