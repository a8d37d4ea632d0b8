"""The three groups of findings, which are paired and counted apart from each other."""

from __future__ import annotations

from enum import StrEnum

from udt.scoring.findings.terms import Label

FLOW: Label = ("vascularity", "indeterminate/inhomogeneous vascularity")
"""There is flow; of a vessel that is no sign of disease."""
_NORMAL = frozenset({("diagnosis", "normal appearance"), ("vascularity", "normal/regular vascularity")})


class Group(StrEnum):
    """The group of a finding.

    ABNORMAL: lesions, signs and abnormal states, affirmed or denied. NORMAL: states without anything but a normal
    appearance or flow. ORGAN: organs that are named or measured. ANY: a finding of a document that is too bare for
    any of these.
    """

    ABNORMAL = "abnormal"
    NORMAL = "normal"
    ORGAN = "organ"
    ANY = "any"


def group_of(
    kind: str | None, certainty: str, affirmed: frozenset[Label], denied: frozenset[Label], named: bool
) -> Group:
    """Return the group of a finding.

    :param kind: `lesion`, `state`, `organ`, or None if it is not stated.
    :param affirmed: labels of the finding that are present or possible.
    :param denied: labels of the finding that are denied.
    :param named: whether it has a concept that is not generic.
    """
    if kind == "organ":
        return Group.ORGAN
    if kind is None and not (affirmed or denied or named):
        return Group.ANY
    if certainty == "absent" or denied or named:
        return Group.ABNORMAL
    is_normal = affirmed <= (_NORMAL | {FLOW} if kind == "state" else _NORMAL)
    return Group.NORMAL if is_normal and (affirmed or kind == "state") else Group.ABNORMAL
