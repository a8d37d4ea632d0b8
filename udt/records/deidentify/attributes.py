"""The attributes of a DICOM file without identifiers: those of an allow-list, in all sequences."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from udt.core.toml_files import read_toml
from udt.records.deidentify.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

_STANDARD_UID = re.compile(r"1\.2\.840\.10008\.[0-9.]{1,40}")
_NUMBERS = {"US", "SS", "UL", "SL", "FL", "FD", "IS", "DS", "AT", "OB", "OW", "US or SS"}
_DATE = re.compile(r"\d{8}")

Keep = Callable[["DataElement"], Any]


@dataclass(frozen=True, slots=True)
class DicomProfile:
    """The lists of `profile.toml`, by keyword."""

    lists: Mapping[str, frozenset[str]]
    codes: Mapping[str, frozenset[str]]

    @classmethod
    @cache
    def load(cls) -> DicomProfile:
        """Return the profile of this package."""
        data = read_toml(files("udt.records.deidentify") / "profile.toml")
        codes = {name: frozenset(words) for name, words in data.pop("codes").items()}
        return cls({name: frozenset(words) for name, words in data.items()}, codes)


@dataclass(frozen=True, slots=True)
class AttributeCleaner:
    """Makes the attributes of a file without identifiers.

    :ivar shift_dates: whether dates are moved instead of emptied.
    """

    pseudonyms: Pseudonyms
    shift_dates: bool = False

    def clean(self, data: Dataset) -> tuple[Dataset, int]:
        """Return a new data set with the attributes that are kept, and the number of those removed or replaced.

        Pixels are not among them.
        """
        run = _Cleaning(self.pseudonyms, str(data.get("PatientID") or ""), self.shift_dates)
        return run.clean(data), run.changed


@dataclass(slots=True)
class _Cleaning:
    pseudonyms: Pseudonyms
    patient: str
    shift_dates: bool
    changed: int = 0

    def clean(self, data: Dataset) -> Dataset:
        from pydicom.dataset import Dataset

        kept = Dataset()
        for element in data:
            if element.tag.group in (0x0002, 0x7FE0):
                continue
            value = None if element.tag.is_private else self.value(element)
            if value is None:
                self.changed += 1
            else:
                kept.add_new(element.tag, element.VR, value)
        return kept

    def value(self, element: DataElement) -> Any:
        """Return the new value of an attribute; None to remove it."""
        name, lists = element.keyword, DicomProfile.load().lists
        rules: dict[str, Keep] = {
            "uids": self.uid, "pseudonyms": self.pseudonym, "dates": self.date, "empty": self.empty,
            "classes": _standard_uid, "numbers": _number, "coded": _code, "sequences": self.sequence,
        }  # fmt: skip
        return next((rule(element) for kind, rule in rules.items() if name in lists[kind]), None)

    def uid(self, element: DataElement) -> Any:
        self.changed += 1
        return self.pseudonyms.uid(str(element.value))

    def pseudonym(self, element: DataElement) -> Any:
        self.changed += 1
        return self.pseudonyms.name("patient", str(element.value)) if element.value else ""

    def empty(self, element: DataElement) -> Any:
        self.changed += bool(element.value)
        return ""

    def date(self, element: DataElement) -> Any:
        self.changed += 1
        text = str(element.value or "")
        if not self.shift_dates or not _DATE.fullmatch(text):
            return "" if element.keyword in DicomProfile.load().lists["empty"] else None
        return _moved(text, self.pseudonyms.days(self.patient))

    def sequence(self, element: DataElement) -> Any:
        return [self.clean(item) for item in element.value] if element.VR == "SQ" else None


def _moved(text: str, days: int) -> str:
    try:
        before = datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return ""
    return (before - datetime.timedelta(days=days)).strftime("%Y%m%d") if before.toordinal() > days else ""


def _standard_uid(element: DataElement) -> Any:
    return element.value if _STANDARD_UID.fullmatch(str(element.value)) else None


def _number(element: DataElement) -> Any:
    """Return a value that holds numbers only; a number as text is written anew, so that nothing can hide in it."""
    if element.VR not in _NUMBERS or element.value is None:
        return None
    if element.VR in ("OB", "OW"):  # look-up tables
        return element.value if element.keyword == "LUTData" else None
    try:
        numbers = [float(one) for one in (element.value if element.VM > 1 else [element.value])]
    except (TypeError, ValueError):
        return None
    return element.value if numbers else None


def _code(element: DataElement) -> Any:
    """Return the words of a code that are in its list; a code without them is removed."""
    allowed = DicomProfile.load().codes[element.keyword]
    given = [str(one) for one in (element.value if element.VM > 1 else [element.value])]
    words = [word for word in given if word in allowed]
    return (words if len(words) > 1 else words[0]) if words else None
