"""Values that are read as attributes: matched in a second pass, which leaves the mentions of the first one alone.

A word may thus be an attribute and something else as well: *irregular* is a shape and the surface of a plaque. Of the
values of one dimension, the longest match counts. Words before a number may be skipped (*BI-RADS category: 4*), and
values may share words (*segments V and VI*, *upper and lower poles*).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from operator import attrgetter
from typing import Final

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Sense
from udt.lexicon.tokens import Tokens
from udt.lexicon.trie import TrieNode
from udt.normalize.distances import CATEGORY_GAP, LONGEST_PLACE
from udt.normalize.match.mentions import Mention
from udt.normalize.match.order import index_at
from udt.normalize.match.passage import Sentence

_FIRST: Final = attrgetter("first")
_NAMES: Final = frozenset({"anatomy", "finding"})
_SEPARATORS: Final = frozenset({",", "/", "&", "-", "+"})
_JOINING: Final = frozenset({"And", "Or", "To"})
_UNIT: Final = "length unit"
# Kinds that an attribute of several words may overlap (*no interval change*, *decrease in size of*,
# *improved compared*).
_CROSSED: Final = frozenset({"negation", "neutral", "comparison"})
# Signs after the name of an item.
_ITEM_SIGNS: Final = frozenset({",", ":", "(", "-", "="})
# Words and signs before the first word of a line or sentence, and the number of an item.
_LINE_STARTS: Final = frozenset({"\n", "."})
_ITEM_NUMBER: Final = re.compile(r"[a-z]?\d{1,2}|[a-z]")
_NUMBER: Final = re.compile(r"\d|[ivx]+[a-f]?\Z")


def find_attributes(
    text: str, tokens: Tokens, mentions: list[Mention], starts: list[int], lexicon: Lexicon
) -> list[Mention]:
    """Return the attributes in `text` in order; those of several dimensions may overlap.

    :param mentions: the other mentions, in order. An attribute may include them, but lies inside one only if its
        dimension allows it.
    :param starts: indices of the words at which attributes may start, from `find_mentions`.
    """
    words, root = tokens.words, lexicon.attribute_root
    known, last = lexicon.attribute_words, len(words) - 1
    found: list[Mention] = []
    ends: dict[int, int] = {}
    for i in starts:
        word = words[i]
        second = known[word]
        following = words[i + 1] if i < last else ""
        skipped = following in lexicon.number_words
        if second is None or skipped or following in second:
            node = root.children.get(word) or root.child(word)
            _add_longest(i, text, tokens, node, ends, found, lexicon.number_words)
    found = _with_shared_words(found, tokens, mentions, root)
    return [a for a in found if _is_free(a, mentions) and not _is_in_place(a, found)]


def add_structures_of_places(
    words: list[str], mentions: list[Mention], attributes: list[Mention], lexicon: Lexicon
) -> list[Mention]:
    """Return the mentions with the structures that lines are about which open with a place: *L level II, 9 x 5 mm*.

    The words of the place name its structure; a line that names that itself is left alone (*level II node*).
    """
    added: list[Mention] = []
    for place in attributes:
        structure = place.sense.rules.structure if place.sense.rules is not None else None
        if structure is None or not _is_item(place, words, mentions):
            continue
        if _opens_line(place, words, mentions) and not _names(structure, place, words, mentions):
            added.append(Mention(place.first, place.end, lexicon.senses[structure]))
    if not added:
        return mentions
    covered = {i for place in added for i in range(place.first, place.end)}
    return sorted([*added, *(m for m in mentions if m.first not in covered)], key=_FIRST)


def _is_item(place: Mention, words: list[str], mentions: list[Mention]) -> bool:
    """Return whether a place is the name of an item: a side, a sign or a number follows it, and no other word."""
    if place.end == len(words):
        return False
    k = index_at(mentions, place.end)
    sided = k < len(mentions) and mentions[k].first == place.end and mentions[k].sense.kind == "side"
    return sided or words[place.end] in _ITEM_SIGNS or words[place.end].isdecimal()


def _opens_line(place: Mention, words: list[str], mentions: list[Mention]) -> bool:
    """Return whether nothing but a side, a bullet or the number of an item is before a place in its line."""
    k = index_at(mentions, place.first) - 1
    i = place.first - 1
    while i >= 0 and words[i] not in _LINE_STARTS:
        while k >= 0 and mentions[k].first > i:
            k -= 1
        if k >= 0 and mentions[k].sense.kind == "side" and mentions[k].end == i + 1:
            i = mentions[k].first
        elif words[i][0].isalnum() and not _ITEM_NUMBER.fullmatch(words[i]):
            return False
        i -= 1
    return True


def _names(structure: str, place: Mention, words: list[str], mentions: list[Mention]) -> bool:
    """Return whether the line of a place names its structure, or something else in the words of the place."""
    k = index_at(mentions, place.first)
    if k and mentions[k - 1].end > place.first:
        return True
    for mention in mentions[k:]:
        if not _LINE_STARTS.isdisjoint(words[place.end : mention.first]):
            return False
        named = structure in mention.sense.line and mention.sense.counted
        if named or (mention.first < place.end and mention.sense.kind in _NAMES):
            return True
    return False


def assign_attributes(sentences: list[Sentence], attributes: list[Mention]) -> None:
    """Assign attributes, in order, to the sentences of their first words."""
    remaining = iter(sentences)
    end = 0
    own: list[Mention] = []
    for attribute in attributes:
        while end <= attribute.first:
            sentence = next(remaining)
            end, own = sentence.end, []
        sentence.attributes = own
        own.append(attribute)


def _add_longest(
    first: int,
    text: str,
    tokens: Tokens,
    node: TrieNode,
    ends: dict[int, int],
    found: list[Mention],
    number_words: Collection[str],
) -> None:
    """Add the longest match of each dimension at the word `first` that no earlier match of the dimension overlaps.

    :param node: node of the word at `first`.
    :param ends: exclusive end index of the last match by dimension; it is updated.
    :param number_words: words that may be skipped before a number.
    """
    words = tokens.words
    end = first + 1
    path = [(node, end)]
    while end < len(words):
        if words[end] not in node.following:
            end = _number_at(end, words, number_words)
            if end >= len(words) or words[end] not in node.following:
                break
        word = words[end]
        node = node.children.get(word) or node.child(word)
        end += 1
        path.append((node, end))
    for node, end in reversed(path):
        _add_entries(first, end, text, tokens, node, ends, found)


def _number_at(first: int, words: list[str], number_words: Collection[str]) -> int:
    """Return the index of the number after the skipped words at an index, or the index after the text."""
    for i in range(first, min(first + CATEGORY_GAP, len(words) - 1)):
        if words[i] not in number_words:
            break
        if _NUMBER.match(words[i + 1]):
            return i + 1
    return len(words)


def _add_entries(
    first: int, end: int, text: str, tokens: Tokens, node: TrieNode, ends: dict[int, int], found: list[Mention]
) -> None:
    """Add the values that the words from `first` to `end` mean, one of each dimension without an overlapping match."""
    for sense, flags, exact in node.entries:
        if exact is None or exact == text[tokens.starts[first] : tokens.ends[end - 1]]:
            dimension = sense.values[0].dimension
            if ends.get(dimension, 0) <= first:
                ends[dimension] = end
                found.append(Mention(first, end, sense, flags))


def _with_shared_words(found: list[Mention], tokens: Tokens, mentions: list[Mention], root: TrieNode) -> list[Mention]:
    """Return the attributes with those that share words with them: *levels II and III*, *upper and lower poles*."""
    words = tokens.words
    complete: list[Mention] = []
    for attribute in found:
        complete.append(attribute)
        if attribute.end - attribute.first == 1:
            continue
        complete += _shared(attribute, range(attribute.end, len(words)), words, mentions, root)
        before = _shared(attribute, range(attribute.first - 1, -1, -1), words, mentions, root)
        for other in before:
            complete.insert(index_at(complete, other.first), other)
    return complete


def _shared(
    attribute: Mention, places: range, words: list[str], mentions: list[Mention], root: TrieNode
) -> list[Mention]:
    """Return the values joined to an attribute: those after it share its first words, those before it its last ones.

    A word or sign has to join them, unless they are numbers: *upper and lower poles*, but not *has nearly resolved*.

    :param places: indices of the words after the attribute, or of those before it from the last to the first.
    """
    forward = places.step > 0
    own = words[attribute.first : attribute.end]
    shared = own[:-1] if forward else own[1:]
    found: list[Mention] = []
    joined = False
    for i in places:
        if words[i].isdecimal() and _is_size(i, words, mentions):
            break
        whole = [*shared, words[i]] if forward else [words[i], *shared]
        sense = _sense_of(whole, attribute, root) if joined or _NUMBER.match(words[i]) else None
        if sense is not None:
            found.append(Mention(i, i + 1, sense))
            joined = False
            continue
        joined = _joins(i, words, mentions)
        if not joined:
            break
    return found


def _sense_of(words: list[str], attribute: Mention, root: TrieNode) -> Sense | None:
    """Return the sense that words have in the dimension of an attribute, or None."""
    node = root
    for word in words:
        if word not in node.following:
            return None
        node = node.child(word)
    return next((s for s, _, exact in node.entries if exact is None and _is_of_dimension(s, attribute)), None)


def _is_size(i: int, words: list[str], mentions: list[Mention]) -> bool:
    """Return whether a number is the first one of a size: *level IV, 6 x 4 mm*."""
    if words[i + 1 : i + 2] in (["x"], ["×"]):
        return True
    k = index_at(mentions, i + 1)
    return k < len(mentions) and mentions[k].first == i + 1 and mentions[k].sense.kind == _UNIT


def _is_of_dimension(sense: Sense, attribute: Mention) -> bool:
    return sense.values[0].dimension == attribute.sense.values[0].dimension


def _joins(i: int, words: list[str], mentions: list[Mention]) -> bool:
    """Return whether a word or sign joins the values beside it."""
    if words[i] in _SEPARATORS:
        return True
    k = index_at(mentions, i)
    return k < len(mentions) and mentions[k].first == i and mentions[k].sense.role in _JOINING


def _is_in_place(attribute: Mention, found: list[Mention]) -> bool:
    """Return whether a place is a part of the name of a longer one (*mid* in *mid pole*)."""
    if _place_key(attribute) is None:
        return False
    k = index_at(found, attribute.first - LONGEST_PLACE)
    while k < len(found) and found[k].first <= attribute.first:
        longer = found[k].end - found[k].first > attribute.end - attribute.first
        if longer and found[k].end >= attribute.end and _place_key(found[k]) is not None:
            return True
        k += 1
    return False


def _place_key(attribute: Mention) -> str | None:
    return attribute.sense.rules.location_key if attribute.sense.rules is not None else None


def _is_free(attribute: Mention, mentions: list[Mention]) -> bool:
    """Return whether an attribute includes every mention that it overlaps.

    It may lie in a name, if its dimension allows that, a phrase in a longer negation (*was not visualised*), and a word
    at the end of one (*no new*). A number with a unit is a size instead (*TR 4 cm*).
    """
    first, end = attribute.first, attribute.end
    rules = attribute.sense.rules
    start = index_at(mentions, end)
    if start < len(mentions) and mentions[start].first == end and mentions[start].sense.kind == _UNIT:
        return False
    inside, phrase = rules is not None and rules.inside_names, end - first > 1
    for k in range(start - 1, -1, -1):
        mention = mentions[k]
        if mention.end <= first:
            return True
        included = first <= mention.first and mention.end <= end
        kind = mention.sense.kind
        denied = kind == "negation" and mention.first < first and mention.end == end
        if not (included or denied or (inside and kind in _NAMES) or (phrase and kind in _CROSSED)):
            return False
    return True
