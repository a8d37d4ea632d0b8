"""Measurements in canonical units, for the formats that know quantities."""

from __future__ import annotations

from collections.abc import Mapping

from udt.core.errors import DataError
from udt.core.report import Measurement

Ends = tuple[float | None, float | None]

LOINC_OF_NAME: Mapping[str, tuple[str, str]] = {
    "PSV": ("11726-7", "Peak systolic velocity"),
    "EDV": ("11653-3", "End diastolic velocity"),
    "RI": ("12023-8", "Resistivity index"),
    "PI": ("12008-9", "Pulsatility index"),
}
"""Name of a Doppler quantity to the code and meaning of LOINC that DICOM uses for it."""


def canonical_range(measurement: Measurement) -> Ends | None:
    """Return the ends of the range in the canonical unit; an open end is None.

    :raises DataError: if an end is not among the values, and these are all zero.
    """
    if measurement.range is None:
        return None
    low, high = measurement.range
    return _canonical(measurement, low), _canonical(measurement, high)


def _canonical(measurement: Measurement, end: float | None) -> float | None:
    if not end:
        return end
    pairs = [(w, c) for w, c in zip(measurement.values, measurement.canonical, strict=True) if w]
    if not pairs:
        raise DataError(f"the end {end:g} of a range needs a value other than 0 beside it, which gives its unit")
    return next((c for w, c in pairs if w == end), end * pairs[0][1] / pairs[0][0])
