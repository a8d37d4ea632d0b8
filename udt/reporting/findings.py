"""Findings in words, for tables and lists: name, place, sizes and interpretations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from udt.core.errors import DataError
from udt.core.report import Certainty, Comparator, Finding, Interpretation, LabelSets, Measurement

_SIGNIFICANT = 4
_NO_NAME = "unnamed finding"
_FORMS: Mapping[Certainty, str] = {
    "present": "{}",
    "possible": "possible {}",
    "absent": "no {}",
    "unknown": "{} (certainty unknown)",
}
_UNNAMED_FORM = "{} ({certainty})"
_UNITS = {"mm2": "mm²", "cm/s2": "cm/s²", "mm[Hg]": "mmHg", "deg": "°", "%": "%", "1": ""}
_COMPARATORS: Mapping[Comparator, str] = {"<": "< ", ">": "> ", "<=": "≤ ", ">=": "≥ ", "~": "~ "}
_FOLLOWING = frozenset({"quadrant", "pole", "lobe", "third", "wall", "aspect", "portion", "layer", "zone"})
"""Keys of locations whose word follows a direction: `upper pole`, but `segment 7`."""
_DIRECTIONS = frozenset(
    {
        *("upper", "lower", "mid", "middle", "inner", "outer", "left", "right"),
        *("anterior", "posterior", "medial", "lateral", "superior", "inferior"),
    }
)
_SIZES = frozenset({"size", "length", "diameter", "thickness"})
"""Quantities that give the extent of a lesion."""


def name(finding: Finding) -> str:
    """Return the name of a finding: its concept, else its type, its structure, or its first label."""
    if finding.concept is not None:
        return finding.concept.label
    return ", ".join(named_by(finding)[1]) or _NO_NAME


def is_only_named(finding: Finding) -> bool:
    """Return whether a finding is no more than the name of a structure: nothing is measured, described or located."""
    if finding.kind != "organ" or finding.measurements or finding.attributes or finding.location:
        return False
    return all(key in {"body_system", "organ"} for key, values in finding.labels.items() if values)


def named_by(finding: Finding) -> tuple[str | None, tuple[str, ...]]:
    """Return the key of the labels that name a finding without a concept, and these labels; None if it is no dimension.

    An organ is named by the structure, another finding by its type, else by its first attribute.
    """
    if finding.kind == "organ":
        return None, tuple(site.label for site in finding.sites[:1]) or ((finding.organ,) if finding.organ else ())
    of_type = finding.labels.get("diagnosis")
    if of_type:
        return "diagnosis", of_type
    others = ((key, labels) for key, labels in finding.all_labels.items() if key not in {"body_system", "organ"})
    return next(((key, labels) for key, labels in others if labels), (None, ()))


def statement(finding: Finding) -> str:
    """Return the name of a finding with its number and certainty: `no cholelithiasis`, `possible cyst (3)`."""
    count = f" ({finding.count})" if finding.count is not None else ""
    named = name(finding)
    form = _UNNAMED_FORM if named == _NO_NAME and finding.certainty != "present" else _FORMS[finding.certainty]
    found = form.format(named + count, certainty=finding.certainty)
    notes: list[str] = [finding.time] if finding.time != "current" else []
    notes += ["of another person"] if finding.experiencer == "other" else []
    return f"{found} ({', '.join(notes)})" if notes else found


def place(finding: Finding) -> str:
    """Return organ, sites, side and location of a finding: `Breast, right, 3 o'clock`.

    Left out are a structure or location whose words a site contains, a side that the name of a site contains, and the
    structure by which the finding is named. Of a site and an organ of which one contains the other, the organ is left
    out.
    """
    named = name(finding) if finding.concept is None and finding.kind == "organ" else ""
    sites = _most_specific([site.label for site in finding.sites])
    organ, side = finding.organ, finding.laterality
    parts = [organ] if organ and not any(_within(organ, site) or _within(site, organ) for site in sites) else []
    parts = [part for part in (*parts, *sites) if part != named]
    if side and not any(side in part.lower().split() for part in (*sites, named)):
        parts.append(side)
    parts += [part for part in location(finding) if not any(_within(part, site) for site in sites)]
    return ", ".join(dict.fromkeys(parts))


def _most_specific(sites: Sequence[str]) -> list[str]:
    """Return the names whose words are not all in another one: `gallbladder wall` without `gallbladder`."""
    return [site for site in sites if not any(site != other and _within(site, other) for other in sites)]


def _within(words: str, others: str) -> bool:
    return set(words.lower().split()) <= set(others.lower().split())


def location(finding: Finding) -> list[str]:
    """Return the location within the organ in words: `3 o'clock`, `upper pole`, `segment 7`."""
    return [_located(key, value) for key, value in finding.location.items()]


def _located(key: str, value: str) -> str:
    word = key.replace("_", " ")
    if key == "clock":
        return f"{value} o'clock"
    if word in value.lower():
        return value
    if key not in _FOLLOWING:
        return f"{word} {value}"
    return f"{value} {word}" if _DIRECTIONS.issuperset(value.lower().split()) else value


def measurement(one: Measurement) -> str:
    """Return a measurement in words, in canonical units: `32 × 28 mm`, `PSV 120 cm/s`, `before: 25 mm (2021)`."""
    what = one.name or ("" if one.quantity in {"size", "diameter"} else one.quantity)
    when = f" ({one.examination})" if one.examination else ""
    found = f"{what} {quantity(one)}{when}".strip()
    words = {"previous": "before", "reference": "reference", "planned": "planned"}
    return f"{words[one.role]}: {found}" if one.role != "current" else found


def quantity(one: Measurement) -> str:
    """Return comparator, numbers and unit: `≤ 11 mm`, `3–8 mm`."""
    unit = _UNITS.get(one.canonical_unit, one.canonical_unit)
    blank = "" if unit in {"", "°", "%"} else " "
    ends, sign = both_ends(one), comparator(one)
    numbers = "–".join(map(number, ends)) if ends else " × ".join(map(number, one.canonical))
    return f"{_COMPARATORS[sign] if sign else ''}{numbers}{blank}{unit}"


def comparator(one: Measurement) -> Comparator | None:
    """Return the comparator of a measurement, or that of a range with one end; None for other ranges."""
    if both_ends(one) is not None:
        return None
    if one.comparator is not None or one.range is None:
        return one.comparator
    return "<=" if one.range[0] is None else ">="


def both_ends(one: Measurement) -> tuple[float, float] | None:
    """Return the ends of a range in the canonical unit; None if there is no range, or an end is open.

    :raises DataError: if an end is not among the values, and these are all zero.
    """
    low, high = canonical_range(one) or (None, None)
    return None if low is None or high is None else (low, high)


def canonical_range(one: Measurement) -> tuple[float | None, float | None] | None:
    """Return the ends of the range of a measurement in the canonical unit; an open end is None.

    :raises DataError: if an end is not among the values, and these are all zero.
    """
    if one.range is None:
        return None
    low, high = one.range
    return _canonical(one, low), _canonical(one, high)


def _canonical(one: Measurement, end: float | None) -> float | None:
    if not end:
        return end
    pairs = [(value, to) for value, to in zip(one.values, one.canonical, strict=True) if value]
    if not pairs:
        raise DataError(f"the end {end:g} of a range needs a value other than 0 beside it, which gives its unit")
    return next((to for value, to in pairs if value == end), end * pairs[0][1] / pairs[0][0])


def number(value: float) -> str:
    """Return a number with four significant digits, or all digits before the decimal point.

    >>> number(2.0), number(0.6789), number(12345.6)
    ('2', '0.6789', '12346')
    """
    return f"{value:.{_SIGNIFICANT}g}" if abs(value) < 10**_SIGNIFICANT - 1 else f"{value:.0f}"


def sizes(measurements: Iterable[Measurement], role: str = "current") -> list[Measurement]:
    """Return the measurements of this role that give an extent in millimetres."""
    return [one for one in measurements if one.role == role and one.quantity in _SIZES and one.values_mm]


def interpretation(one: Interpretation) -> str:
    """Return an interpretation in words: `possible endometrioma`."""
    return _FORMS[one.certainty].format(one.concept.label)


def details(finding: Finding) -> LabelSets:
    """Return the labels and attributes that are neither in the name of a finding nor in its location, number or change.

    A label that alone names the finding is kept, so that its dimension is shown.
    """
    named = finding.concept is not None or named_by(finding)[0] in {"diagnosis", None}
    shown = [name(finding)] if named else []
    shown += [*location(finding), *map(str, filter(None, (finding.count, finding.change)))]
    labels = {
        key: tuple(label for label in values if not any(_within(label, one) for one in shown))
        for key, values in finding.all_labels.items()
    }
    return {key: values for key, values in labels.items() if values}


def summary(finding: Finding) -> str:
    """Return a finding in one line: name and certainty, place, sizes, change, interpretations, and its earlier mention.

    Parts are separated by commas.
    """
    offered = " or ".join(map(interpretation, finding.interpretations))
    parts = [
        statement(finding),
        place(finding),
        *map(measurement, finding.measurements),
        finding.change or "",
        f"interpreted as {offered}" if offered else "",
        f"see {finding.same_as}" if finding.same_as else "",
    ]
    return ", ".join(part for part in parts if part)
