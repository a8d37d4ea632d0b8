"""Read gold records: one JSON object a line with `id`, `text`, `labels` and, optionally, `skip`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from udt.core.errors import DataError
from udt.core.texts import brief
from udt.io.rows import Row, Skipped, json_rows

_MOST_FAULTS = 20


class LabelledDimension(Protocol):
    """A dimension, by the two properties that reading gold records needs."""

    @property
    def key(self) -> str:
        """Field name in JSON."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Exact label strings."""


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """A text and its gold labels.

    :ivar labels: dimension key to labels; empty for a dimension that the file leaves out.
    """

    id: str
    text: str
    labels: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Gold:
    """The records to score, and the number of records marked `"skip": true`."""

    records: tuple[GoldRecord, ...]
    skipped: int


def read_gold(path: Path, dimensions: Sequence[LabelledDimension]) -> Gold:
    """Read the records of a JSON Lines file and check that their labels belong to `dimensions`.

    :raises DataError: listing the first 20 faults with their lines, or if there is no record to score.
    """
    faults: list[Skipped] = []
    records: list[GoldRecord] = []
    skipped = 0
    for row in rows_of(path):
        if isinstance(row, Skipped):
            faults.append(row)
        elif row.cells.get("skip") is True:
            skipped += 1
        else:
            record = _record(row, dimensions)
            faults += [Skipped(row.place, reason) for reason in record] if isinstance(record, list) else []
            records += [record] if isinstance(record, GoldRecord) else []
    raise_faults(faults)
    if not records:
        raise DataError(f'{path}: no record to score; give at least one that is not marked "skip"')
    return Gold(tuple(records), skipped)


def rows_of(path: Path) -> Iterator[Row | Skipped]:
    """Yield the rows of a JSON Lines file; a file that cannot be read gives one `Skipped`."""
    try:
        with path.open("rb") as stream:
            yield from json_rows(stream, str(path))
    except OSError as error:
        yield Skipped(str(path), f"cannot be read ({error.strerror}); check the path")


def raise_faults(faults: Sequence[Skipped]) -> None:
    """Raise an error if there are faults.

    :raises DataError: listing the first 20.
    """
    if faults:
        raise DataError("\n".join(map(str, faults[:_MOST_FAULTS])) + _more(len(faults) - _MOST_FAULTS))


def _more(count: int) -> str:
    return f"\n… and {count} more faults" if count > 0 else ""


def _record(row: Row, dimensions: Sequence[LabelledDimension]) -> GoldRecord | list[str]:
    """Parse a record; return it, or its faults."""
    text, name, labels = row.text("text"), row.name("id"), row.cells.get("labels")
    faults = [part.reason for part in (text, name) if isinstance(part, Skipped)]
    if not isinstance(labels, dict):
        return [*faults, "has no object 'labels'; give each dimension with a list of labels"]
    faults += [fault for key, values in labels.items() for fault in faults_of_labels(key, values, dimensions)]
    if faults or isinstance(text, Skipped) or isinstance(name, Skipped):
        return faults
    return GoldRecord(name, text, {d.key: frozenset(labels.get(d.key, ())) for d in dimensions})


def faults_of_labels(key: str, values: object, dimensions: Sequence[LabelledDimension]) -> Iterator[str]:
    """Yield each fault of the labels of one dimension: of its key, or a label that the taxonomy lacks."""
    allowed = {d.key: d.labels for d in dimensions}
    if key not in allowed:
        hint = closest(key, list(allowed))
        yield f"has the unknown dimension '{brief(key)}'{hint}; allowed: {', '.join(allowed)}"
    elif not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        yield f"'{key}' is not a list of texts"
    else:
        for value in values:
            if value not in allowed[key]:
                yield f"the taxonomy has no label '{brief(value)}' in '{key}'{closest(value, allowed[key])}"


def closest(name: str, allowed: Sequence[str]) -> str:
    """Return the part of a message that gives the closest of the allowed names, or all of them."""
    close = get_close_matches(name, allowed, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; allowed: {', '.join(allowed)}"
