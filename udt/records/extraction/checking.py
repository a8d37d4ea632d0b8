"""Check the claims of a model: labels of the closed sets, quotes of the text, organs in their system, denials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from udt.core.report import Certainty, Evidence, Report
from udt.records.extraction.answers import Claim
from udt.records.extraction.assertion import AssertionCheck, Normalize, Verdict
from udt.records.extraction.quotes import places_of, words_in
from udt.records.extraction.stages import prompt_words
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.taxonomy import Taxonomy

_AFFIRMED = ("present", "possible")
_IMPLIED = "the organ is in it"


@dataclass(frozen=True, slots=True)
class CheckedLabels:
    """The labels of an answer that passed all checks, and the reasons for which others did not.

    :ivar labels: each label once, with its quote as evidence.
    :ivar refused: a reason for each label that was refused.
    """

    labels: tuple[Evidence, ...] = ()
    refused: tuple[str, ...] = ()


class ClaimCheck:
    """Checks claims against a taxonomy and the text that they are about."""

    def __init__(self, taxonomy: Taxonomy, normalize: Normalize) -> None:
        self._values: Mapping[str, Mapping[str, Concept]] = {
            d.key: {value.label: value for value in d.values} for d in taxonomy.tasks
        }
        self._outer = {d.key: outer for d in taxonomy.tasks if (outer := taxonomy.enclosing(d)) is not None}
        self._taxonomy = taxonomy
        self._assertion = AssertionCheck(taxonomy, normalize)

    def check(self, claims: Sequence[Claim], report: Report) -> CheckedLabels:
        """Return the labels that hold.

        :param report: of the rules, of the text without instructions.
        """
        found: dict[tuple[str, str], Evidence] = {}
        refused = []
        for claim in claims:
            checked = self._checked(claim, claims, report)
            if isinstance(checked, str):
                refused.append(checked)
            elif _replaces(checked, found.get((claim.dimension, claim.label))):
                found[claim.dimension, claim.label] = checked
        return CheckedLabels(tuple(self._with_outer(found)), tuple(refused))

    def _checked(self, claim: Claim, claims: Iterable[Claim], report: Report) -> Evidence | str:
        """Return the evidence of a claim, or the reason to refuse it."""
        value = self._values.get(claim.dimension, {}).get(claim.label)
        if value is None:
            return "label outside the taxonomy"
        if self._is_elsewhere(claim, value, claims):
            return "organ outside the body systems of the answer"
        if words_in(claim.quote) > prompt_words().longest_quote:
            return "quote longer than allowed"
        return self._with_place(claim, value, report)

    def _with_place(self, claim: Claim, value: Concept, report: Report) -> Evidence | str:
        """Return the evidence at the first occurrence of the quote that is not refused."""
        reason = "quote that is not in the text"
        text, certainty = report.text, cast(Certainty, claim.certainty)
        for start, end in places_of(claim.quote, text):
            claimed = Evidence(
                claim.dimension, claim.label, value.curie, start, end, text[start:end], certainty
            )  # fmt: skip
            verdict: Verdict = self._assertion.check(claimed, report)
            if verdict.certainty is not None:
                return claimed._replace(certainty=verdict.certainty)
            reason = verdict.reason
        return reason

    def _is_elsewhere(self, claim: Claim, value: Concept, claims: Iterable[Claim]) -> bool:
        """Return whether the answer gives body systems, and not that of this organ."""
        outer = self._outer.get(claim.dimension)
        if outer is None:
            return False
        given = {one.label for one in claims if one.dimension == outer.key and one.label in outer.labels}
        return bool(given) and self._taxonomy[value.broader[0]].label not in given

    def _with_outer(self, found: Mapping[tuple[str, str], Evidence]) -> Iterator[Evidence]:
        """Yield the labels, with the body system of each affirmed organ."""
        yield from found.values()
        added = set(found)
        for (key, label), evidence in found.items():
            if key in self._outer and evidence.certainty in _AFFIRMED:
                system = self._taxonomy[self._values[key][label].broader[0]]
                name = self._outer[key].key, system.label
                if name not in added:
                    added.add(name)
                    yield evidence._replace(
                        dimension=name[0], label=name[1], concept=system.curie, reason=_IMPLIED
                    )  # fmt: skip


def _replaces(new: Evidence, old: Evidence | None) -> bool:
    """Return whether a label takes the place of the same one: the first goes, unless it is denied and this is not."""
    return old is None or (old.certainty not in _AFFIRMED and new.certainty in _AFFIRMED)
