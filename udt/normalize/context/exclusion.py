"""Decides what a sentence names without saying it of the finding: landmarks, comparisons, instruments, history."""

from __future__ import annotations

from collections.abc import Iterator

from udt.lexicon.senses import Kind
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_NAMING: frozenset[Kind] = frozenset({"anatomy", "value", "finding", "head", "modifier"})
_DESCRIBING: frozenset[Kind] = frozenset({"value", "head", "modifier"})
_CUES: frozenset[Kind] = frozenset(
    {"patient", "modality", "instrument", "landmark", "comparison", "history", "non patient"}
)
_INSTRUMENT_GAP = 2
_INSTRUMENT_ENDS = frozenset({"Preposition", "And", "Of", "Verb", "Participle"})
_NAMES = frozenset({"anatomy", "value", "finding", "modifier"})
_PLACES: frozenset[Kind] = frozenset({"anatomy", "modifier"})
_PLACING = frozenset({"Preposition"})
_CLOSING = frozenset({"Copula", "Verb", "Participle", "Relative", "Anaphor", "With"})
_VERBS = frozenset({"Copula", "Verb", "Participle"})


def mark_exclusions(sentence: Sentence, words: list[str]) -> None:
    """Excludes what a cue makes a landmark, a comparison, an instrument's own, history, or another's."""
    kinds = sentence.kinds
    if "value" in kinds or not _CUES.isdisjoint(kinds):
        for k, mention in enumerate(sentence.mentions):
            if kinds[k] in _CUES or mention.sense.role == "To":
                _exclude_by(mention, k, sentence.mentions, words)
    if sentence.told:
        _exclude(iter(sentence.mentions), f"section {sentence.section}", _NAMING)


def _exclude_by(cue: Mention, k: int, mentions: list[Mention], words: list[str]) -> None:
    kind = cue.sense.kind
    if kind == "patient":
        _weaken(mentions, k, words)
    elif kind == "modality":
        _mark_modality(mentions, k, words)
    elif kind == "instrument":
        _exclude(_own_attributes(mentions, k, words), "instrument", _DESCRIBING)
    elif kind == "landmark":
        _exclude(_places_of(list(_phrase(mentions, k, words, _PLACING))), _reason(cue), _PLACES)
    elif (kind == "comparison" and not _before_number(cue, words)) or _compares(mentions, k):
        _exclude(_phrase(mentions, k, words, _PLACING), "comparison", _NAMING)
    elif kind == "history":
        _exclude(_phrase(mentions, k, words, frozenset()), _reason(cue), _NAMING)
    elif kind == "non patient" and cue.sense.role == "Clause":
        _exclude(_clause(mentions, k), "not the patient", _NAMING)


def _before_number(mention: Mention, words: list[str]) -> bool:
    """Whether a number follows, as in *less than 1 cm*."""
    return mention.last < len(words) and words[mention.last][:1].isdigit()


def _compares(mentions: list[Mention], k: int) -> bool:
    """Whether mention `k` is the *to* of `isoechoic to`."""
    before = mentions[k - 1]
    return (
        mentions[k].sense.role == "To" and k > 0 and before.sense.kind == "value" and before.last == mentions[k].first
    )


def _reason(cue: Mention) -> str:
    """`history` for `cue:history`, `hypothetical` for `cue:hypothetical`."""
    return cue.sense.curie.partition(":")[2].partition(".")[0]


def _places_of(phrase: list[Mention]) -> Iterator[Mention]:
    """The anatomy of a phrase, and the modifiers that stand before anatomy (*the normal parenchyma*)."""
    for i, mention in enumerate(phrase):
        before_anatomy = i + 1 < len(phrase) and phrase[i + 1].sense.kind == "anatomy"
        if mention.sense.kind == "anatomy" or before_anatomy:
            yield mention


def _exclude(mentions: Iterator[Mention], reason: str, kinds: frozenset[Kind]) -> None:
    for mention in mentions:
        if mention.sense.kind in kinds and not mention.excluded:
            mention.excluded = reason


def _phrase(mentions: list[Mention], k: int, words: list[str], stops: frozenset[str]) -> Iterator[Mention]:
    """Noun phrases behind cue `k`, up to a verb, a scope break, a comma that opens no list, or a role of `stops`."""
    last = mentions[k].last
    for j in range(k + 1, len(mentions)):
        mention = mentions[j]
        gap = words[last : mention.first]
        if ":" in gap or ("," in gap and not _lists_on(mentions, j)):
            return
        kind, role = mention.sense.kind, mention.sense.role
        if kind == "break" or (kind == "function" and (role in _CLOSING or (role in stops and j > k + 1))):
            return
        yield mention
        last = max(last, mention.last)


def _clause(mentions: list[Mention], k: int) -> Iterator[Mention]:
    """What follows mention `k` up to the next scope break."""
    for mention in mentions[k + 1 :]:
        if mention.sense.kind == "break":
            return
        yield mention


def _lists_on(mentions: list[Mention], j: int) -> bool:
    """Whether the comma before mention `j` continues a list of structures: no verb follows before the next break."""
    if mentions[j].sense.kind not in _NAMES:
        return False
    for mention in mentions[j + 1 : j + 6]:
        if mention.sense.kind == "function" and mention.sense.role in _VERBS:
            return False
        if mention.sense.kind == "function" and mention.sense.role in {"And", "Or"}:
            return True
    return False


def _own_attributes(mentions: list[Mention], k: int, words: list[str]) -> Iterator[Mention]:
    """Attributes of the instrument `k`: before it in its phrase, or said of it with a copula."""
    first = mentions[k].first
    for j in range(k - 1, -1, -1):
        mention = mentions[j]
        gap = words[mention.last : first]
        if mention.sense.kind not in _DESCRIBING or len(gap) > _INSTRUMENT_GAP or not {",", "("}.isdisjoint(gap):
            break
        yield mention
        first = mention.first
    last = mentions[k].last
    for mention in mentions[k + 1 :]:
        kind, gap = mention.sense.kind, words[last : mention.first]
        if kind == "landmark" or mention.sense.role in _INSTRUMENT_ENDS or len(gap) > 3 or "," in gap:
            return
        if kind in _DESCRIBING and not mention.diagnoses:
            yield mention
        last = mention.last


def _weaken(mentions: list[Mention], k: int, words: list[str]) -> None:
    """`patient with …` tells the diagnosis: it counts only where the text shows nothing else."""
    before = mentions[k - 1] if k else None
    if before is not None and before.last == mentions[k].first and before.sense.kind in {"finding", "value"}:
        before.weak = "told"
    following = mentions[k + 1] if k + 1 < len(mentions) else None
    if following is None or following.sense.role != "With" or following.first - mentions[k].last > 1:
        return
    for mention in _phrase(mentions, k + 1, words, frozenset()):
        mention.weak = "told"


def _mark_modality(mentions: list[Mention], k: int, words: list[str]) -> None:
    """What another modality showed: what stands before `on CT`, or all that follows where ultrasound is not named."""
    if k and mentions[k - 1].sense.role == "Preposition" and mentions[k].first - mentions[k - 1].last <= 2:
        last = mentions[k - 1].first
        for mention in reversed(mentions[: k - 1]):
            if mention.sense.role in {"Relative", "Anaphor"} or not {",", "("}.isdisjoint(words[mention.last : last]):
                return
            mention.weak = "told"
            last = mention.first
    elif not any(mention.sense.role == "Exam" for mention in mentions):
        for mention in mentions[k:]:
            mention.weak = "told"
