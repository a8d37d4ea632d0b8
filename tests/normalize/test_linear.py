"""Work that grows with the length of a text, and no faster: counted, not timed."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from typing import Any

import pytest

from udt import Normalizer
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match import legend
from udt.normalize.match.mentions import LEGEND, Mention, find_mentions
from udt.normalize.match.passage import split_passage

_LONG = 20_000


class CountedKinds(list[Any]):
    """A list that counts how often it is searched."""

    searched = 0

    def __contains__(self, item: object) -> bool:
        self.searched += 1
        return super().__contains__(item)

    def __iter__(self) -> Iterator[Any]:
        self.searched += 1
        return super().__iter__()


class CountedPattern:
    """A pattern that counts the characters that it searches."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.characters = 0

    def search(self, text: str, start: int, end: int | None = None) -> re.Match[str] | None:
        end = len(text) if end is None else end
        found = self._pattern.search(text, start, end)
        self.characters += (found.end() if found else end) - start
        return found


class CountedMention(Mention):
    """A mention that counts how often any of them is excluded."""

    __slots__ = ("reasons",)
    tested = 0

    @property
    def excluded(self) -> str:
        CountedMention.tested += 1
        return self.reasons

    @excluded.setter
    def excluded(self, reason: str) -> None:
        self.reasons = reason


@pytest.mark.parametrize("sentences", [1, 100])
def test_kinds_are_searched_as_often_for_many_sentences(sentences: int, lexicon: Lexicon) -> None:
    text = "- cyst\n" * sentences
    tokens = tokenize(text)
    mentions, _ = find_mentions(text, tokens, lexicon)
    kinds = CountedKinds(mention.sense.kind for mention in mentions)
    split_passage(text, tokens, mentions, kinds, lexicon)
    assert kinds.searched == 1


@pytest.mark.parametrize("pattern", ["C: cyst ", "arrow: cyst "])
def test_the_ends_of_meanings_are_searched_once(
    pattern: str, lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = pattern * (_LONG // len(pattern))
    counted = CountedPattern(legend._STOP)
    monkeypatch.setattr(legend, "_STOP", counted)
    tokens = tokenize(text)
    mentions, _ = find_mentions(text, tokens, lexicon)
    legend.exclude_legend(text, tokens, mentions, [m.sense.kind for m in mentions], [])
    assert 0 < counted.characters <= 2 * len(text)


def test_a_legend_within_another_is_not_excluded_again(lexicon: Lexicon) -> None:
    text = "arrow: cyst " * 200
    tokens = tokenize(text)
    mentions = [CountedMention(m.first, m.end, m.sense) for m in find_mentions(text, tokens, lexicon)[0]]
    CountedMention.tested = 0
    legend.exclude_legend(text, tokens, mentions, [m.sense.kind for m in mentions], [])  # type: ignore[arg-type]
    assert {m.reasons for m in mentions[1:]} == {LEGEND}
    assert CountedMention.tested <= 2 * len(mentions)


@pytest.fixture
def collector() -> Iterator[None]:
    yield
    gc.enable()


def test_the_collector_pauses_for_a_long_text(collector: None, monkeypatch: pytest.MonkeyPatch) -> None:
    states = []
    read = Normalizer._read

    def spy(self: Normalizer, text: str) -> Any:
        states.append(gc.isenabled())
        return read(self, text)

    monkeypatch.setattr(Normalizer, "_read", spy)
    normalizer = Normalizer()
    normalizer.normalize("cyst. ")
    normalizer.normalize("cyst. " * 2000)
    assert states == [True, False] and gc.isenabled()
    gc.disable()
    normalizer.normalize("cyst. " * 2000)
    assert not gc.isenabled()
