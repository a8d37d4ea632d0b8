"""The certainty of a place in a text, by the rules: whether they affirm, hedge, deny or exclude it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from udt.core.report import Certainty, Evidence, Excluded, Report
from udt.records.extraction.stages import check_data
from udt.taxonomy.model.taxonomy import Taxonomy

_ORDER: tuple[Certainty, ...] = ("absent", "possible", "present")

Normalize = Callable[[str], Report]


class Verdict(NamedTuple):
    """The certainty of a label, or None with the reason to refuse it."""

    certainty: Certainty | None
    reason: str = ""


class AssertionCheck:
    """Checks quotes by the rules, also those whose words the rules do not know.

    For these, a finding that the rules know (the probe) is put in the place of the quote, and after it: the rules read
    its certainty from the words around it.
    """

    def __init__(self, taxonomy: Taxonomy, normalize: Normalize) -> None:
        self._normalize = normalize
        probe = taxonomy[check_data().probe]
        self._probes = {label.language: label.text for label in probe.labels if label.role == "pref"}
        self._places = {d.key for d in taxonomy.tasks if d.role == "place"}
        self._negations = {
            (d.key, v.label) for d in taxonomy.tasks for v in d.values if any(c.negated for c in v.compositions)
        }

    def check(self, claimed: Evidence, report: Report) -> Verdict:
        """Return the certainty of a label with its quote, or the reason to refuse it.

        :param claimed: the label, with the certainty that a model gives it.
        :param report: of the rules, of the same text.
        """
        same = {e.certainty for e in _over(report.label_evidence, claimed) if _names(e, claimed)} - {"unknown"}
        if same:
            return _follow(claimed.certainty, max(same, key=_ORDER.index))
        if reason := _excluded(report.excluded, claimed.start, claimed.end):
            return Verdict(None, reason)
        if claimed.dimension in self._places:
            affirmed = claimed.certainty != "absent"
            return Verdict(claimed.certainty) if affirmed else Verdict(None, "a place is not denied")
        if (claimed.dimension, claimed.label) in self._negations:
            return Verdict(claimed.certainty)
        word = self._probes.get(report.language)
        if report.language_support != "full" or word is None:
            return Verdict(_weakest([claimed.certainty, "possible"]))
        return self._probed(claimed, report.text, word)

    def _probed(self, claimed: Evidence, text: str, word: str) -> Verdict:
        """Return the verdict by the probe `word`."""
        found: list[Certainty] = ["present"]
        for probed, start in _with_probe(text, claimed, word):
            read = self._normalize(probed)
            if reason := _excluded(read.excluded, start, start + len(word)):
                return Verdict(None, reason)
            found += [e.certainty for e in read.evidence if _overlaps(e, start, start + len(word))]
        by_rules = _weakest([one for one in found if one != "unknown"])
        if by_rules == "absent" and claimed.certainty != "absent":
            return Verdict(None, "denied at its quote")
        return _follow(claimed.certainty, by_rules)


def _with_probe(text: str, claimed: Evidence, word: str) -> Iterator[tuple[str, int]]:
    """Yield (text, start of the probe) with the probe in the place of the quote, and after it."""
    gap = " " if word.isascii() else ""
    yield text[: claimed.start] + word + text[claimed.end :], claimed.start
    yield text[: claimed.end] + gap + word + text[claimed.end :], claimed.end + len(gap)


def _follow(claimed: Certainty, by_rules: Certainty) -> Verdict:
    """Return the weaker certainty, and refuse a denial of what the rules affirm."""
    if claimed == "absent" and by_rules != "absent":
        return Verdict(None, "affirmed at its quote")
    return Verdict(_weakest([claimed, by_rules]))


def _weakest(certainties: Sequence[Certainty]) -> Certainty:
    return min(certainties, key=_ORDER.index)


def _names(evidence: Evidence, claimed: Evidence) -> bool:
    return (evidence.dimension, evidence.label) == (claimed.dimension, claimed.label)


def _over(evidence: Iterable[Evidence], other: Evidence) -> list[Evidence]:
    return [one for one in evidence if _overlaps(one, other.start, other.end)]


def _overlaps(one: Evidence | Excluded, start: int, end: int) -> bool:
    return one.start < end and one.end > start


def _excluded(excluded: Iterable[Excluded], start: int, end: int) -> str:
    """Return the reason to refuse a span that the rules exclude, or an empty text."""
    found = next((one.reason for one in excluded if _overlaps(one, start, end)), None)
    return f"excluded by the rules ({found})" if found else ""
