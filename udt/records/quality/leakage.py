"""Find leakage: cases and images that are in more than one split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from udt.core.errors import DataError
from udt.records.database.effective_labels import Query
from udt.records.database.models import Case, Image, Sample, Source

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Leak:
    """A case, an image or a group of near-duplicates that is in several splits.

    :ivar kind: `case`, `path` or `image` (the same file, by name or by content), or `near-duplicate`.
    :ivar name: source and case or path, hash, or number of the group.
    :ivar splits: number of splits that contain it.
    """

    kind: str
    name: str
    splits: int

    def __str__(self) -> str:
        """Return one line of text."""
        return f"{self.kind} {self.name} is in {self.splits} splits"


def find_leaks(connection: Connection) -> list[Leak]:
    """Return the cases, images and groups of near-duplicates in more than one split, sorted by kind and name."""
    cases = select().select_from(Sample).join(Case, Sample.case_id == Case.id).join(Source)
    images = cases.join(Image, Sample.image_id == Image.id)
    queries: dict[str, tuple[ColumnElement[Any], Query]] = {
        "case": (Source.name + "/" + Case.key, cases),
        "path": (Source.name + "/" + Image.path, images),
        "image": (Image.sha256.expression, images),
        "near-duplicate": (Image.near_duplicate_group.expression, images),
    }
    return [leak for kind, (name, query) in queries.items() for leak in _leaks(connection, kind, name, query)]


def _leaks(connection: Connection, kind: str, name: ColumnElement[Any], query: Query) -> list[Leak]:
    splits = func.count(Sample.split.distinct())
    leaks = query.add_columns(name, splits).where(name.is_not(None)).group_by(name).having(splits > 1).order_by(name)
    return [Leak(kind, str(value), count) for value, count in connection.execute(leaks)]


def refuse_leaks(connection: Connection) -> None:
    """Check that nothing is in more than one split.

    :raises DataError: with the number of leaks and the first of them.
    """
    leaks = find_leaks(connection)
    if leaks:
        shown = "\n".join(f"  {leak}" for leak in leaks[:_MOST_SHOWN])
        more = f"\n  … and {len(leaks) - _MOST_SHOWN} more" if len(leaks) > _MOST_SHOWN else ""
        hint = "run 'udt data split' to split the samples again"
        raise DataError(f"the splits leak in {len(leaks)} places; {hint}:\n{shown}{more}")
