"""Hard negative texts: the text of a sample with exactly one attribute changed to a similar label, or denied.

In a batch of random captions most negatives differ from the image in every attribute, so that a model need not read
them; texts with one changed word teach it to (NegCLIP, Yuksekgonul et al., ICLR 2023). The vocabulary and the label
similarities of the bundle give the changes:

- *near*: a label becomes the most similar other label of its dimension that the sample lacks, an organ another one of
  its body system: hypoechoic becomes isoechoic, the liver the spleen.
- *denied*: *a cyst with septations* becomes *no cyst with septations* or *a cyst with no septations*.

A caption is changed if it names the label as the vocabulary does, a text of prompts always. In a caption, a label is
denied only if it opens its phrase, after an article, *with*, a punctuation mark or nothing; places are not denied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, NamedTuple, get_args

import numpy as np

from udt.clip.data.prompts import prompts
from udt.clip.data.rows import Bools, Rows
from udt.core.errors import DataError
from udt.core.vocabulary import DimensionLabels, Vocabulary
from udt.similarity.matrices import SimilaritySet

NegativeKinds = Literal["near", "denied", "both"]

_ARTICLE = re.compile(r"^an?\b")
_PHRASE_START = re.compile(r"(?:^|[,;:.(]|\bwith)\s*$", re.IGNORECASE)
_DENIAL = "no"
# Similarities that differ by less are equal.
_EQUAL = 1e-6


class TextNegative(NamedTuple):
    """A text with one changed attribute.

    :ivar removed: column, of all V labels in task order, of the label that the text no longer has.
    :ivar added: column of the label that it has instead; None if `removed` is denied.
    """

    text: str
    removed: int
    added: int | None

    def labels(self, before: Bools) -> Bools:
        """Return the labels (V,) of the graph of the text, from those of the text before the change.

        A label that was not in the graph before is not exchanged there.
        """
        found = before.copy()
        if before[self.removed]:
            found[self.removed] = False
            if self.added is not None:
                found[self.added] = True
        return found


@dataclass(frozen=True, slots=True)
class _Label:
    """A label as a column.

    :ivar name: the words that it is written with.
    :ivar pattern: finds it in captions; group 1 is an article before it, group 2 the label.
    :ivar denial: its prompt as a denial; None for a label that is not denied.
    :ivar near: the other columns of its dimension, the most similar ones first, in groups of equal similarity.
    """

    name: str
    prompt: str
    pattern: re.Pattern[str]
    denial: str | None
    near: tuple[Rows, ...]


class HardNegatives:
    """Draws hard negative texts of samples.

    :param count: maximum number of texts of a sample.
    :param kinds: `near`, `denied`, or `both`.
    :raises DataError: if the similarities have other labels than the vocabulary, or there are no such kinds.
    """

    def __init__(
        self, vocabulary: Vocabulary, similarity: SimilaritySet, count: int, kinds: NegativeKinds = "both"
    ) -> None:
        if kinds not in get_args(NegativeKinds):
            raise DataError(f"the kinds of hard negatives are '{kinds}'; allowed: {', '.join(get_args(NegativeKinds))}")
        similarity.check_labels(vocabulary)
        self.count = count
        self._kinds = ("near", "denied") if kinds == "both" else (kinds,)
        self._labels = tuple(_labels(vocabulary, similarity))

    def draw(
        self, text: str, labels: Bools, prompt_labels: Bools, rng: np.random.Generator
    ) -> tuple[TextNegative, ...]:
        """Draw the hard negatives of a sample, all different; fewer than `count` if the text allows no more changes.

        :param text: of the sample.
        :param labels: (V,), the labels of its image.
        :param prompt_labels: (V,), the labels whose prompts make up the text; none for a caption.
        """
        columns = np.flatnonzero(prompt_labels if prompt_labels.any() else labels)
        possible = [(int(column), kind) for column in columns for kind in self._kinds]
        found: list[TextNegative] = []
        for index in rng.permutation(len(possible)):
            if len(found) == self.count:
                break
            column, kind = possible[index]
            added = self._near(column, labels, rng) if kind == "near" else None
            changed = self._changed(text, column, added, kind, np.flatnonzero(prompt_labels))
            if changed is not None:
                found.append(TextNegative(changed, column, added))
        return tuple(found)

    def _near(self, column: int, labels: Bools, rng: np.random.Generator) -> int | None:
        """Draw one of the most similar labels that the sample lacks; None if it has all."""
        groups = (group[~labels[group]] for group in self._labels[column].near)
        allowed = next((group for group in groups if len(group)), None)
        return None if allowed is None else int(rng.choice(allowed))

    def _changed(self, text: str, column: int, added: int | None, kind: str, prompted: Rows) -> str | None:
        """Return the changed text; None if it cannot be changed so."""
        label = self._labels[column]
        if (added if kind == "near" else label.denial) is None:
            return None
        if len(prompted):
            other = label.denial if added is None else self._labels[added].prompt
            return ", ".join(str(other if n == column else self._labels[n].prompt) for n in prompted)
        return (
            _denied(text, label.pattern) if added is None else _exchanged(text, label.pattern, self._labels[added].name)
        )


def _labels(vocabulary: Vocabulary, similarity: SimilaritySet) -> Iterator[_Label]:
    start = 0
    texts = prompts(vocabulary)
    for dimension in vocabulary.dimensions:
        for own, name in enumerate(dimension.labels):
            forms = _forms(name)
            prompt = texts[start + own]
            deniable = dimension.role != "place" and not name.startswith(f"{_DENIAL} ")
            denied = _ARTICLE.sub(_DENIAL, prompt) if deniable else prompt
            near = tuple(start + group for group in _nearest(dimension, own, similarity[dimension.key][own]))
            yield _Label(forms[0], prompt, _pattern(forms), None if denied == prompt else denied, near)
        start += len(dimension)


def _forms(label: str) -> list[str]:
    """Return the ways to write a label with alternatives.

    >>> _forms("reduced/diminished vascularity")
    ['reduced vascularity', 'diminished vascularity']
    """
    return [" ".join(words) for words in product(*(word.split("/") for word in label.split()))]


def _pattern(forms: Sequence[str]) -> re.Pattern[str]:
    either = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:(an?)\s+)?({either})(?![\w-])", re.IGNORECASE)


def _nearest(dimension: DimensionLabels, own: int, similarities: np.ndarray) -> Iterator[Rows]:
    """Yield the other label ids, the most similar ones first, in groups of equal similarity.

    Places within others are those of the same outer place alone, if it has more than one.
    """
    others = np.array([n for n in range(len(dimension)) if n != own], dtype=np.int64)
    if dimension.parents:
        siblings = others[np.array(dimension.parents)[others] == dimension.parents[own]]
        others = siblings if len(siblings) else others
    while len(others):
        equal = similarities[others] >= similarities[others].max() - _EQUAL
        yield others[equal]
        others = others[~equal]


def _exchanged(text: str, pattern: re.Pattern[str], name: str) -> str | None:
    """Replace a label in a text by another name, and adapt the article before it; None if it is not there."""

    def put(match: re.Match[str]) -> str:
        new = name.lower() if match[2].islower() else name[:1].upper() + name[1:]
        return new if match[1] is None else f"{match[1][0]}{'n' if new[:1].lower() in 'aeiou' else ''} {new}"

    changed, times = pattern.subn(put, text)
    return changed if times else None


def _denied(text: str, pattern: re.Pattern[str]) -> str | None:
    """Return the text with its label denied; None if it is not there exactly once, or does not open its phrase."""
    found = list(pattern.finditer(text))
    if len(found) != 1:
        return None
    before, label, after = text[: found[0].start()], found[0][2], text[found[0].end() :]
    if found[0][1] is None and not _PHRASE_START.search(before):
        return None
    opens = found[0][0][:1].isupper()
    return f"{before}{_DENIAL.capitalize() if opens else _DENIAL} {label.lower() if opens else label}{after}"
