"""Finds what the lexicon knows in a text: leftmost longest matches over its words."""

from __future__ import annotations

from udt.core.report import Certainty
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Sense, Value
from udt.lexicon.tokens import Tokens
from udt.lexicon.trie import TrieNode

COMPOSED = "composition"

_DIAGNOSIS = 2
_SHORTEST_DERIVED = 8
_HYPHEN_REACH = 5


class Mention:
    """One match, and what the rules have found out about it.

    :ivar first: index of its first word; `last`: index behind its last word.
    :ivar at: index of the word that stands for it: its first, or that of the head it is composed of.
    :ivar flags: how the form differs from the label: `ADJECTIVE`, `PLURAL`.
    :ivar values: the labels that it gives; the rules may add to those of its sense.
    :ivar certainty: present until a cue says otherwise.
    :ivar cue: the mention that hedges or negates it.
    :ivar excluded: why it gives no label, or "".
    :ivar weak: `faint` where it only counts if nothing else does, `told` where it is the patient's known diagnosis.
    """

    __slots__ = ("at", "certainty", "cue", "excluded", "first", "flags", "last", "reason", "sense", "values", "weak")

    def __init__(self, first: int, last: int, sense: Sense, flags: int = 0) -> None:
        self.first = self.at = first
        self.last = last
        self.sense = sense
        self.flags = flags
        self.values: tuple[Value, ...] = sense.values
        self.certainty: Certainty = "present"
        self.cue: Mention | None = None
        self.excluded = ""
        self.weak = sense.weak
        self.reason: str | None = None

    @property
    def composed(self) -> bool:
        """Whether it is a modifier and a head read as one, beside the mentions of the two."""
        return self.reason == COMPOSED

    @property
    def diagnoses(self) -> bool:
        """Whether it gives a label of the dimension of diagnoses."""
        return _DIAGNOSIS in [value.dimension for value in self.values]

    def __repr__(self) -> str:
        return f"Mention({self.first}, {self.last}, {self.sense.curie}, {self.certainty}, {self.excluded!r})"


def find_mentions(text: str, tokens: Tokens, lexicon: Lexicon) -> list[Mention]:
    """Every mention in `text`, in order and without overlap, except that one stretch may have several senses."""
    words, root, prefixes = tokens.words, lexicon.root, lexicon.prefixes
    found: list[Mention] = []
    behind = 0
    for i, met in enumerate(map(root.met.get, words)):
        if i < behind:
            continue
        node = root.behind(words[i]) if met is None and words[i] in root.following else met
        if node is not None and i + 1 < len(words) and words[i + 1] in node.following:
            behind = _add_longest(text, tokens, i, node, found)
        elif node is not None:
            for sense, flags, exact in node.entries:
                if exact is None or exact == text[tokens.starts[i] : tokens.ends[i]]:
                    found.append(Mention(i, i + 1, sense, flags))
                    behind = i + 1
        if behind <= i and (len(words[i]) >= _SHORTEST_DERIVED or words[i] in prefixes):
            _by_parts(i, words, lexicon, found)
    return found


def _add_longest(text: str, tokens: Tokens, first: int, node: TrieNode, found: list[Mention]) -> int:
    """Adds the senses of the longest match at `first`, or of a shorter one where its case does not fit.

    :param node: what the word at `first` leads to.
    :returns: the index behind the match, or `first` where none fits.
    """
    words = tokens.words
    behind = first + 1
    path = [node]
    while behind < len(words) and words[behind] in node.following:
        node = node.behind(words[behind])
        path.append(node)
        behind += 1
    for node in reversed(path):
        for sense, flags, exact in node.entries:
            if exact is None or exact == text[tokens.starts[first] : tokens.ends[behind - 1]]:
                found.append(Mention(first, behind, sense, flags))
        if found and found[-1].first == first:
            return behind
        behind -= 1
    return first


def _by_parts(i: int, words: list[str], lexicon: Lexicon, found: list[Mention]) -> None:
    """A word that no label matches, but whose parts tell what it is."""
    word = words[i]
    if word in lexicon.prefixes and words[i + 1 : i + 2] == ["-"]:
        _before_hyphen(i, words, lexicon, found)
    elif len(word) >= _SHORTEST_DERIVED:
        known = word.startswith(lexicon.joined_negations) and _negated(i, word, lexicon, found)
        known = known or _misspelled(i, word, lexicon, found)
        if not known and word.endswith(lexicon.endings):
            _by_suffix(i, word, lexicon, found)


def _before_hyphen(i: int, words: list[str], lexicon: Lexicon, found: list[Mention]) -> None:
    """The first of two joined prefixes: *hyper-* in `partly hyper- and partly hypoechoic`."""
    for word in words[i + 2 : i + 2 + _HYPHEN_REACH]:
        for prefix in lexicon.prefixes:
            entries = lexicon.entries(words[i] + word.removeprefix(prefix)) if word.startswith(prefix) else ()
            if entries:
                found += [Mention(i, i + 1, sense, flags) for sense, flags, _ in entries]
                return


def _negated(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> bool:
    """*nonshadowing*: a joined negation and a word that the lexicon knows."""
    for prefix in lexicon.joined_negations:
        entries = lexicon.entries(word.removeprefix(prefix)) if word.startswith(prefix) else ()
        if entries:
            for sense, flags, exact in entries:
                if exact is None:
                    mention = Mention(i, i + 1, sense, flags)
                    mention.certainty, mention.cue = "absent", mention
                    found.append(mention)
            return True
    return False


def _misspelled(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> bool:
    """A long word that is one letter away from one word of the lexicon, and from no other."""
    meant = lexicon.spelling.correct(word)
    if meant is None:
        return False
    for sense, flags, exact in lexicon.entries(meant):
        if exact is None:
            mention = Mention(i, i + 1, sense, flags)
            mention.reason = f"read as {meant}"
            found.append(mention)
    return True


def _by_suffix(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> None:
    """A word that no label matches but whose ending tells what it is (*chondrosarcoma*)."""
    for suffix, values in lexicon.suffixes.items():
        if word.endswith((suffix, suffix + "s", suffix + "ta")):
            sense = Sense(suffix, "finding", values, heads=(*(v.concept for v in values), "lex:lesion"))
            found.append(Mention(i, i + 1, sense))
            return
