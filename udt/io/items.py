"""Texts as the readers yield them: with their names and, if known, data of the patient and the examination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Sex = Literal["male", "female", "other", "unknown"]


@dataclass(frozen=True, slots=True)
class TextSource:
    """Data that come with a text, in the forms of FHIR R4; None if they are not given or not valid.

    They are identifying data of a patient: no message, log or report holds them unless its format asks for them.

    :ivar subject_reference: reference to the patient, e.g. `Patient/7`, as an output can repeat it.
    :ivar subject_identifier: identifier of the patient, e.g. a medical record number.
    :ivar subject_system: system or authority that assigned the identifier.
    :ivar effective: date or time of the examination: `2026`, `2026-03`, `2026-03-01` or `2026-03-01T08:30:00+01:00`.
    :ivar sex: administrative gender of the patient.
    :ivar birth_date: `1970`, `1970-01` or `1970-01-02`.
    """

    subject_reference: str | None = None
    subject_identifier: str | None = None
    subject_system: str | None = None
    effective: str | None = None
    sex: Sex | None = None
    birth_date: str | None = None


NO_SOURCE = TextSource()
"""The source of a text that comes alone."""


class _Pair(NamedTuple):
    id: str
    text: str


class TextItem(_Pair):
    """One text and its name: a pair, which may be unpacked.

    Two items are equal if their names and texts are.

    :ivar source: data that come with the text.
    """

    source: TextSource

    def __new__(cls, id: str, text: str, source: TextSource = NO_SOURCE) -> TextItem:
        """Make an item without data, unless they are given."""
        item = super().__new__(cls, id, text)
        item.source = source
        return item
