"""Quotes are verbatim but for case, accents and white space, and consist of whole words."""

from __future__ import annotations

import pytest

from udt.records.extraction.quotes import places_of

TEXT = "Left lobe:\n  Hypoechoic, well-defined nodule (12 mm). Nodules of Müller; 肝内囊肿。"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("Hypoechoic, well-defined nodule", ["Hypoechoic, well-defined nodule"]),
        ("lobe: hypoechoic", ["lobe:\n  Hypoechoic"]),
        ("  NODULE\n(12 mm).", ["nodule (12 mm)."]),
        ("muller", ["Müller"]),
        ("囊肿", ["囊肿"]),
        ("nodule", ["nodule"]),
        ("hypo", []),
        ("odules", []),
        ("well defined nodule", []),
        ("hypoechoic nodule", []),
        ("", []),
        (" \n", []),
        (".*", []),
    ],
    ids=repr,
)
def test_quotes_are_found(quote: str, found: list[str]) -> None:
    assert [TEXT[start:end] for start, end in places_of(quote, TEXT)] == found


def test_all_occurrences_are_found() -> None:
    assert list(places_of("cyst", "Cyst, cysts, cyst.")) == [(0, 4), (13, 17)]
