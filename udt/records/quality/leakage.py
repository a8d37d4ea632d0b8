"""Does anything of the test samples stand among the training samples? Asked of the database, whoever made the split."""

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
    """Something that stands in several parts.

    :ivar kind: `case`, `path` or `image` (the same file, by name or by content), or `near-duplicate`.
    :ivar what: its name: source and case or path, hash, or number of the group.
    :ivar splits: how many parts it stands in.
    """

    kind: str
    what: str
    splits: int

    def __str__(self) -> str:
        """One line."""
        return f"{self.kind} {self.what} is in {self.splits} splits"


def find_leaks(connection: Connection) -> list[Leak]:
    """Every case, image and group of near-duplicates that stands in more than one part, sorted by kind and name."""
    cases = select().select_from(Sample).join(Case, Sample.case_id == Case.id).join(Source)
    images = cases.join(Image, Sample.image_id == Image.id)
    queries: dict[str, tuple[ColumnElement[Any], Query]] = {
        "case": (Source.name + "/" + Case.key, cases),
        "path": (Source.name + "/" + Image.path, images),
        "image": (Image.sha256.expression, images),
        "near-duplicate": (Image.near_duplicate_group.expression, images),
    }
    return [leak for kind, (what, query) in queries.items() for leak in _leaks(connection, kind, what, query)]


def _leaks(connection: Connection, kind: str, what: ColumnElement[Any], query: Query) -> list[Leak]:
    splits = func.count(Sample.split.distinct())
    whole = query.add_columns(what, splits).where(what.is_not(None)).group_by(what).having(splits > 1).order_by(what)
    return [Leak(kind, str(name), count) for name, count in connection.execute(whole)]


def refuse_leaks(connection: Connection) -> None:
    """Nothing, where the parts are clean.

    :raises DataError: with the first leaks and their number.
    """
    leaks = find_leaks(connection)
    if leaks:
        shown = "\n".join(f"  {leak}" for leak in leaks[:_MOST_SHOWN])
        more = f"\n  … and {len(leaks) - _MOST_SHOWN} more" if len(leaks) > _MOST_SHOWN else ""
        hint = "run 'udt data split' to divide the samples anew"
        raise DataError(f"the splits leak in {len(leaks)} places; {hint}:\n{shown}{more}")
