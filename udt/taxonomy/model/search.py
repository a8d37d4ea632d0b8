"""Search of concepts by words in any language, by identifiers of other vocabularies, and by misspelt names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from unicodedata import combining, normalize

from udt.taxonomy.model.concept import Concept, Label, Role
from udt.taxonomy.model.document import part_of
from udt.taxonomy.model.namespaces import MATCHES, OBO, compress
from udt.taxonomy.model.taxonomy import Taxonomy

PARTS = ("anatomy", "dimensions", "findings", "words")
"""Parts of the taxonomy, in the order in which equal hits are listed."""

_ROLES: Mapping[Role, float] = {"pref": 4, "alt": 3, "abbreviation": 3, "adjective": 1, "hidden": 0}
_EXACT, _STARTS, _WORDS, _PREFIXES, _WITHIN, _CORRECTED, _SOME = 100.0, 80.0, 65.0, 50.0, 40.0, 30.0, 15.0
_MOST_EXTRA_WORDS = 5
_CLOSE = 0.8
"""Least similarity (Ratcliff-Obershelp, 0 to 1) of a misspelt word to a known one."""
_CORRECTIONS = 3
_LONGEST = 100
_BREAK = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept that a search found.

    :ivar label: the name that matched.
    :ivar score: above 0; 100 or more if the whole name is the one that was searched for.
    """

    concept: Concept
    label: Label
    score: float


def fold(text: str) -> str:
    """Return `text` in lower case, without accents, and with single blanks for punctuation.

    >>> fold("Ménière-like  DISEASE")
    'meniere like disease'
    """
    plain = "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
    return _BREAK.sub(" ", plain.replace("'", "").replace("’", "")).strip()


def search(taxonomy: Taxonomy, words: str, *, kinds: Collection[str] = (), limit: int = 20) -> list[Hit]:
    """Search the labels of all languages, best first; each concept is found once, by its best name.

    A whole name comes before the beginning of a name, that before names with all words in any order, then names with
    words that begin so, names that contain the words, and names with corrected words or with some of the words.
    Deprecated concepts are left out.

    :param words: at most 100 characters are used.
    :param kinds: kinds (`Organ`) and parts (`findings`) to search; empty for all.
    :param limit: the most hits to return.
    """
    index = _Index(taxonomy, kinds)
    query = fold(words[:_LONGEST])
    if not query:
        return []
    best = index.hits(query)
    if sum(hit.score > _SOME for hit in best.values()) < limit:
        for corrected in index.corrections(query):
            for hit in index.hits(corrected).values():
                lower = Hit(hit.concept, hit.label, hit.score * _CORRECTED / _EXACT)
                if hit.concept.curie not in best or best[hit.concept.curie].score < lower.score:
                    best[hit.concept.curie] = lower
    return sorted(best.values(), key=_order)[:limit]


def suggestions(taxonomy: Taxonomy, name: str, count: int = 5) -> list[Hit]:
    """Return the concepts with the names closest to `name`, which no concept has; best first."""
    index = _Index(taxonomy, ())
    query = fold(name[:_LONGEST])
    labels = {fold(entry.label.text): entry for entry in reversed(index.entries)} if query else {}
    close = get_close_matches(query, labels, n=count * 2, cutoff=0.6) if query else []
    found = [labels[text] for text in close] + search(taxonomy, name, limit=count)
    found.sort(key=lambda hit: SequenceMatcher(None, fold(hit.label.text), query).ratio())
    unique = {hit.concept.curie: hit for hit in found}
    return sorted(unique.values(), key=found.index, reverse=True)[:count]


def mapped_to(taxonomy: Taxonomy, identifier: str) -> list[tuple[str, Concept]]:
    """Return the concepts that map to a term of another vocabulary, with the SKOS predicate; exact matches first.

    :param identifier: CURIE (`MONDO:0005148`), IRI, or local identifier with digits (`RID187`, `D005704`), in any case.
    """
    wanted = _identifier(identifier)
    local = wanted if re.fullmatch(r"[a-z]+\d+", wanted) else None
    found = [
        (predicate, concept)
        for concept in taxonomy.all_concepts
        for predicate, target in concept.mappings
        if (short := _short(target)) == wanted or (local and short.rpartition(":")[2] == local)
    ]
    return sorted(found, key=lambda pair: (MATCHES.index(pair[0]), pair[1].curie))


def _identifier(name: str) -> str:
    """Return the CURIE of an identifier, in lower case; for an unknown OBO vocabulary, that of its IRI."""
    return _short(compress(name.strip()))


def _short(target: str) -> str:
    if target.startswith(OBO):
        target = target.removeprefix(OBO).replace("_", ":", 1)
    return target.casefold()


def _order(hit: Hit) -> tuple[float, int, str]:
    return (-hit.score, PARTS.index(part_of(hit.concept)), hit.concept.curie)


@lru_cache(maxsize=1)
def _named(taxonomy: Taxonomy) -> tuple[list[Hit], list[str]]:
    """Return every label of the concepts in use, and its folded form."""
    entries = [Hit(concept, label, 0) for concept in taxonomy for label in concept.labels]
    return entries, [fold(entry.label.text) for entry in entries]


class _Index:
    """The names of the concepts of some kinds, by their words."""

    def __init__(self, taxonomy: Taxonomy, kinds: Collection[str]) -> None:
        chosen = {kind.casefold() for kind in kinds}
        self.entries, self._names = _named(taxonomy)
        if chosen:
            pairs = zip(self.entries, self._names, strict=True)
            left = [pair for pair in pairs if chosen & {pair[0].concept.kind.casefold(), part_of(pair[0].concept)}]
            self.entries, self._names = [entry for entry, _ in left], [name for _, name in left]

    def hits(self, query: str) -> dict[str, Hit]:
        """Return the best hit of each concept by CURIE."""
        best: dict[str, Hit] = {}
        words = query.split()
        for entry, name in zip(self.entries, self._names, strict=True):
            score = _score(query, words, name)
            if score:
                hit = Hit(entry.concept, entry.label, score + _ROLES[entry.label.role])
                if hit.concept.curie not in best or best[hit.concept.curie].score < hit.score:
                    best[hit.concept.curie] = hit
        return best

    def corrections(self, query: str) -> Iterator[str]:
        """Yield the query with each unknown word replaced by a known one that is close to it."""
        names = (n for n, entry in zip(self._names, self.entries, strict=True) if entry.label.role != "hidden")
        known = {word: None for name in names for word in name.split()}
        options: dict[str, list[str]] = defaultdict(list)
        for word in query.split():
            same = word in known
            options[word] = [word] if same else get_close_matches(word, known, n=_CORRECTIONS, cutoff=_CLOSE)
        texts = [""]
        for word in query.split():
            texts = [f"{text} {option}".strip() for text in texts for option in options[word]][: _CORRECTIONS**2]
        yield from (text for text in texts if text != query)


def _score(query: str, words: list[str], name: str) -> float:
    """Return how well a name fits a query, both folded: 0 if not at all, else as the constants."""
    if name == query:
        return _EXACT
    parts = name.split()
    extra = min(max(len(parts) - len(words), 0), _MOST_EXTRA_WORDS)
    if f"{name} ".startswith(f"{query} "):
        return _STARTS - extra
    if set(words) <= set(parts):
        return _WORDS - extra
    if all(any(part.startswith(word) for part in parts) for word in words):
        return _PREFIXES - extra
    if all(word in name and len(word) > 1 for word in words):
        return _WITHIN - extra
    shared = len(set(words) & set(parts))
    return _SOME * shared / max(len(words), len(parts)) if shared else 0
