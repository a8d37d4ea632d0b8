"""Exclusion of mentions that are no findings: landmarks, comparisons, instruments, history, and other subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Final

from udt.core.report import Excluded
from udt.lexicon.senses import PRIOR, Kind
from udt.normalize.context.clauses import EXCLUDING, excluded_by
from udt.normalize.match.compositions import ADVERB_ENDING
from udt.normalize.match.headings import ULTRASOUND
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage, Sentence

NOT_THE_PATIENT: Final = "not the patient"
NOT_SEEN: Final = "not seen"
_HISTORY: Final = "history"
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_REASON: Final = "for"
_STOPS: Final = frozenset({".", ";"})
# Reasons of exclusion of what a request reports of the patient.
_OF_PATIENT: Final = frozenset({"section history", "section indication"})

_CUES: Final[frozenset[Kind]] = frozenset(
    {"patient", "modality", "instrument", "landmark", "comparison", "history", "non patient", "length unit"}
)
# Kinds with words for what was not examined (*not seen*, *not assessed*).
_UNEXAMINED: Final[frozenset[Kind]] = frozenset({"negation", "neutral"})
_CONTENT: Final[frozenset[Kind]] = frozenset({"anatomy", "value", "finding", "head", "modifier"})
_DESCRIBING: Final[frozenset[Kind]] = frozenset({"value", "head", "modifier"})
_LABELLING: Final[frozenset[Kind]] = frozenset({"anatomy", "value", "finding"})
_LIST_ITEMS: Final[frozenset[Kind]] = frozenset({"anatomy", "value", "finding", "modifier"})
_LANDMARKS: Final[frozenset[Kind]] = frozenset({"anatomy", "modifier"})
_ANATOMY: Final[frozenset[Kind]] = frozenset({"anatomy"})
_WHERE: Final = "cue:function.where"
_LANDMARK: Final = "landmark"
# Words for a part of what is seen, apart from adverbs like *clearly*.
_IN_PART: Final = frozenset({"well", "fully"})
# Signs that separate the subject of *not seen* from anatomy before it (`PANCREAS: head not seen`).
_LIST_SIGNS: Final = frozenset({":", "(", ")"})
# Roles of function words.
_FIGURE: Final = "Figure"
_TO: Final = "To"
_NO_ROLES: Final[frozenset[str]] = frozenset()
_PREPOSITIONS: Final = frozenset({"Preposition"})
_OBJECT: Final = frozenset({"Preposition", "Of"})
_ARTICLES: Final = frozenset({"Article", "Definite", "Anaphor"})
_PHRASE_ENDS: Final = frozenset({"Copula", "Verb", "Participle", "Relative", "Anaphor", "With"})
_INSTRUMENT_ENDS: Final = frozenset({"Preposition", "And", "Of", "Verb", "Participle"})
_VERBS: Final = frozenset({"Copula", "Verb", "Participle"})


def apply_exclusions(sentence: Sentence, words: list[str]) -> None:
    """Exclude mentions in the scope of a cue, in an excluded section, or of another modality.

    The weight of diagnoses known before is reduced.
    """
    kinds, roles = sentence.kind_set, sentence.role_set
    if "anatomy" in kinds and (_FIGURE in roles or not _UNEXAMINED.isdisjoint(kinds)):
        _exclude_anatomy(sentence, words)
    if not _CUES.isdisjoint(kinds) or ("value" in kinds and _TO in roles):
        for k, mention in enumerate(sentence.mentions):
            if sentence.divided and sentence.kinds[k] in EXCLUDING:
                _exclude(excluded_by(sentence, k, words), _reason(mention), _CONTENT)
            elif sentence.kinds[k] in _CUES or sentence.roles[k] == _TO:
                _apply_cue(mention, k, sentence.mentions, words)
    if sentence.section_excluded:
        _exclude(sentence.mentions, f"section {sentence.section}", _CONTENT)
    if sentence.modality is not None and sentence.modality != ULTRASOUND:
        _exclude(sentence.mentions, f"modality {sentence.modality}", _CONTENT)


def exclude_references(passage: Passage, measurements: Sequence[ReadMeasurement]) -> None:
    """Exclude the words that only state that a number is a normal value: *11 mm (normal < 6 mm)*."""
    terms = iter([m.role_term for m in measurements if m.role_term is not None and m.measurement.role == "reference"])
    term = next(terms, None)
    for sentence in passage.sentences:
        while term is not None and term.first < sentence.end:
            _exclude([m for m in sentence.mentions if term.first <= m.first < term.end], "reference value", _CONTENT)
            term = next(terms, None)


def is_history(mention: Mention) -> bool:
    """Return whether a mention is excluded as the history of the patient: by a cue, or as an operation among it."""
    if mention.excluded == _HISTORY:
        return True
    return mention.excluded in _OF_PATIENT and bool(mention.sense.attributes.get("treatment"))


def is_earlier_disease(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether the history of the patient dates a disease, or names it as the reason of an operation.

    *DVT of the left leg in 2016*, *thyroidectomy for papillary carcinoma*; other diseases there are why the patient
    comes.
    """
    if mention.excluded not in _OF_PATIENT or mention.certainty != "present":
        return False
    if any(map(_YEAR.fullmatch, takewhile(lambda word: word not in _STOPS, words[mention.end : sentence.end]))):
        return True
    operations = [m for m in sentence.mentions if m.end <= mention.first and m.sense.attributes.get("treatment")]
    return bool(operations) and _REASON in words[operations[-1].end : mention.first]


def exclude_all(passage: Passage) -> None:
    """Exclude everything that the text labels, since its subject is not a patient."""
    for sentence in passage.sentences:
        _exclude(sentence.mentions, NOT_THE_PATIENT, _LABELLING)


def excluded_mentions(passage: Passage) -> list[Excluded]:
    """Return the excluded mentions that would give a label, with their reasons."""
    found: list[Excluded] = []
    for sentence in passage.sentences:
        for mention in [m for m in sentence.mentions if m.excluded]:
            if mention.sense.kind in _LABELLING:
                start, end = passage.span(mention)
                text = passage.text[start:end]
                found.append(Excluded(mention.sense.curie, start, end, text, mention.excluded))
    return found


def _exclude_anatomy(sentence: Sentence, words: list[str]) -> None:
    """Exclude anatomy that only gives a shape its name (*heart-shaped*), and anatomy that was not examined."""
    mentions = sentence.mentions
    for k, mention in enumerate(mentions):
        if mention.sense.role == _FIGURE:
            _exclude([m for m in mentions[:k] if m.end == mention.first], "comparison", _ANATOMY)
        elif mention.sense.kind in _UNEXAMINED and mention.sense.one("unexamined"):
            _exclude(_unexamined(mentions, k, words), NOT_SEEN, _ANATOMY)


def _unexamined(mentions: list[Mention], k: int, words: list[str]) -> Iterator[Mention]:
    """Yield the anatomy that is the subject of *not seen*, with what is joined to it by *and*, *or* or a comma.

    Nothing if it was seen in part (*not clearly seen*, *partly obscured*), or if a finding is the subject.
    """
    cue = mentions[k]
    if any(word in _IN_PART or word.endswith(ADVERB_ENDING) for word in words[max(cue.first - 1, 0) : cue.end]):
        return
    first = cue.first
    found = False
    for mention in reversed(mentions[:k]):
        kind, gap = mention.sense.kind, words[mention.end : first]
        if kind == "break" or kind in _DESCRIBING or kind == "finding" or (found and not _LIST_SIGNS.isdisjoint(gap)):
            return
        if kind == "anatomy":
            if ":" in gap[:-1]:  # the words after the colon name a part
                return
            yield mention
            found = True
        elif kind == "function" and found and mention.sense.role not in {"And", "Or", "Definite"}:
            return
        first = mention.first


def _apply_cue(cue: Mention, k: int, mentions: list[Mention], words: list[str]) -> None:
    kind = cue.sense.kind
    if kind == "patient":
        _mark_diagnoses_of_patient(mentions, k, words)
    elif kind == "modality":
        _mark_other_modality(mentions, k, words)
    elif kind == "instrument":
        _exclude(_attributes_of_instrument(mentions, k, words), "instrument", _DESCRIBING)
    elif kind == "landmark":
        phrase = list(_phrase_after(mentions, k, words, _PREPOSITIONS))
        if not _is_where(phrase, mentions):
            _exclude(_anatomy_of(phrase), _reason(cue), _LANDMARKS)
    elif (kind == "comparison" and not _precedes_number(cue, words)) or _compares(mentions, k):
        _exclude(_phrase_after(mentions, k, words, _PREPOSITIONS), "comparison", _CONTENT)
    elif kind == "history":
        _exclude(_phrase_after(mentions, k, words, _NO_ROLES), _reason(cue), _CONTENT)
    elif kind == "non patient" and cue.sense.role == "Clause":
        _exclude_clause(cue, k, mentions)
    elif kind == "non patient" and cue.sense.role == "Sentence":
        if any(mention.sense.role == "Exam" for mention in mentions[:k]):
            _exclude(mentions, _reason(cue), _CONTENT)
    elif kind == "length unit" and words[cue.end : cue.end + 1] == [cue.sense.one("distanceWord")]:
        _exclude(_anatomy_of(list(_phrase_after(mentions, k, words, _PREPOSITIONS))), _LANDMARK, _LANDMARKS)


def _is_where(phrase: list[Mention], mentions: list[Mention]) -> bool:
    """Return whether a clause with *where* is about the structure before: *at the pancreatic head, where …*."""
    end = phrase[-1].end if phrase else 0
    after = next((mention for mention in mentions if mention.first >= end), None)
    return bool(phrase) and after is not None and after.sense.curie == _WHERE and after.first - end <= 1


def _exclude_clause(cue: Mention, k: int, mentions: list[Mention]) -> None:
    """Exclude the clause of a relative or of a fetus: what follows, and what precedes *in her sister*."""
    reason = _reason(cue)
    if reason != "experiencer":
        _exclude(_clause_from(mentions, k), NOT_THE_PATIENT, _CONTENT)
        return
    _exclude(_clause_from(mentions, k), reason, _CONTENT)
    if _preposition_before(mentions, k, _OBJECT) is not None:
        _exclude(takewhile(lambda m: m.sense.kind != "break", reversed(mentions[:k])), reason, _CONTENT)


def _preposition_before(mentions: list[Mention], k: int, roles: frozenset[str]) -> int | None:
    """Return the index of the preposition before cue `k`, within its reach, or None: *on a prior CT*."""
    i = k - 1
    while i >= 0 and mentions[i].sense.role in _ARTICLES:
        i -= 1
    if i < 0 or mentions[i].sense.role not in roles or mentions[k].first - mentions[i].end > mentions[k].sense.reach:
        return None
    return i


def _exclude(mentions: Iterable[Mention], reason: str, kinds: frozenset[Kind]) -> None:
    for mention in mentions:
        if mention.sense.kind in kinds and not mention.excluded:
            mention.excluded = reason


def _reason(cue: Mention) -> str:
    """Return the first part of the local name of a cue: `history` for `cue:history`."""
    return cue.sense.curie.partition(":")[2].partition(".")[0]


def _precedes_number(mention: Mention, words: list[str]) -> bool:
    """Return whether a number follows, as in *less than 1 cm*."""
    return mention.end < len(words) and words[mention.end][:1].isdigit()


def _compares(mentions: list[Mention], k: int) -> bool:
    """Return whether mention `k` is the *to* of `isoechoic to`, and not that of a range (*oval to round*)."""
    before = mentions[k - 1]
    if mentions[k].sense.role != _TO or k == 0 or before.sense.kind != "value" or before.end != mentions[k].first:
        return False
    following = [m for m in mentions[k + 1 : k + 2] if m.first == mentions[k].end and m.sense.kind == "value"]
    return all(m.sense.values[0].dimension != before.sense.values[0].dimension for m in following)


def _anatomy_of(phrase: list[Mention]) -> Iterator[Mention]:
    """Yield the anatomy of a phrase, and the modifiers directly before anatomy (*the normal parenchyma*)."""
    for i, mention in enumerate(phrase):
        before_anatomy = i + 1 < len(phrase) and phrase[i + 1].sense.kind == "anatomy"
        if mention.sense.kind == "anatomy" or before_anatomy:
            yield mention


def _phrase_after(mentions: list[Mention], k: int, words: list[str], stops: frozenset[str]) -> Iterator[Mention]:
    """Yield the noun phrases after cue `k`, up to a verb, a scope break, or a comma that is not part of a list.

    :param stops: roles of function words that end the phrase as well, unless they directly follow the cue.
    """
    end = mentions[k].end
    for j in range(k + 1, len(mentions)):
        mention = mentions[j]
        gap = words[end : mention.first]
        if ":" in gap or ("," in gap and not _continues_list(mentions, j)):
            return
        kind, role = mention.sense.kind, mention.sense.role
        if kind == "break" or (kind == "function" and (role in _PHRASE_ENDS or (role in stops and j > k + 1))):
            return
        yield mention
        end = max(end, mention.end)


def _clause_from(mentions: list[Mention], k: int) -> Iterator[Mention]:
    """Yield the mentions after mention `k` up to the next scope break."""
    for mention in mentions[k + 1 :]:
        if mention.sense.kind == "break":
            return
        yield mention


def _continues_list(mentions: list[Mention], j: int) -> bool:
    """Return whether mention `j` after a comma continues a list: *and* or *or* follows, and no verb before."""
    if mentions[j].sense.kind not in _LIST_ITEMS:
        return False
    for mention in mentions[j + 1 :]:
        if mention.sense.kind == "function" and mention.sense.role in _VERBS:
            return False
        if mention.sense.kind == "function" and mention.sense.role in {"And", "Or"}:
            return True
    return False


def _attributes_of_instrument(mentions: list[Mention], k: int, words: list[str]) -> Iterator[Mention]:
    """Yield the attributes of the instrument `k`: those before it in its phrase, and those after a copula."""
    first, reach = mentions[k].first, mentions[k].sense.reach
    for j in range(k - 1, -1, -1):
        mention = mentions[j]
        gap = words[mention.end : first]
        too_far = len(gap) > reach or not {",", "("}.isdisjoint(gap)
        if mention.sense.kind not in _DESCRIBING or too_far:
            break
        yield mention
        first = mention.first
    end = mentions[k].end
    for mention in mentions[k + 1 :]:
        kind, gap = mention.sense.kind, words[end : mention.first]
        too_far = len(gap) > reach or "," in gap
        if kind == "landmark" or mention.sense.role in _INSTRUMENT_ENDS or too_far:
            return
        if kind in _DESCRIBING and not mention.diagnoses:
            yield mention
        end = mention.end


def _mark_diagnoses_of_patient(mentions: list[Mention], k: int, words: list[str]) -> None:
    """Mark diagnoses known beforehand: `patient with …` and the finding directly before *patient*."""
    before = mentions[k - 1] if k else None
    if before is not None and before.end == mentions[k].first and before.sense.kind in {"finding", "value"}:
        before.weight = PRIOR
    following = mentions[k + 1] if k + 1 < len(mentions) else None
    if (
        following is None
        or following.sense.role != "With"
        or following.first - mentions[k].end > mentions[k].sense.reach
    ):
        return
    for mention in _phrase_after(mentions, k + 1, words, _NO_ROLES):
        mention.weight = PRIOR


def _mark_other_modality(mentions: list[Mention], k: int, words: list[str]) -> None:
    """Mark the results of another modality: those before `on CT` or, in a sentence without ultrasound, all after it."""
    before = _preposition_before(mentions, k, _PREPOSITIONS)
    if before is not None:
        first = mentions[before].first
        for mention in reversed(mentions[:before]):
            if mention.sense.role in {"Relative", "Anaphor"} or not {",", "("}.isdisjoint(words[mention.end : first]):
                return
            mention.weight = PRIOR
            first = mention.first
    elif "Exam" not in [mention.sense.role for mention in mentions]:
        for mention in mentions[k:]:
            mention.weight = PRIOR
