"""Decisions of persons about media files that the filter left in doubt, or decided wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from udt.core.errors import DataError
from udt.records.database.curation_models import ImageOrigin, Media, MediaState
from udt.records.database.models import Case, Source

REJECTED = "rejected by a person"


def media_rows(connection: Connection, state: MediaState) -> Iterator[dict[str, Any]]:
    """Yield the media files in a state: id, source, case, path, kind, frames, seconds, score and reason."""
    names = (Media.id, Source.name.label("source"), Case.key.label("case"), Media.path, Media.kind, Media.frames)
    query = select(*names, Media.seconds, Media.score, Media.reason).join(Source, Source.id == Media.source_id)
    query = query.outerjoin(Case, Case.id == Media.case_id).where(Media.state == state).order_by(Media.id)
    for row in connection.execute(query).mappings():
        yield {**row, "kind": str(row["kind"])}


def accept_media(connection: Connection, ids: Sequence[int]) -> int:
    """Take media files as ultrasound, and return their number.

    :raises DataError: if there is none with one of the ids.
    """
    return _decide(connection, ids, MediaState.TAKEN, None)


def reject_media(connection: Connection, ids: Sequence[int]) -> int:
    """Leave media files out, and return their number.

    :raises DataError: if there is none with one of the ids, or one of them has images in the database.
    """
    used = set(connection.scalars(select(ImageOrigin.media_id).where(ImageOrigin.media_id.in_(ids))))
    if used:
        shown = ", ".join(str(id) for id in sorted(id for id in used if id is not None))
        raise DataError(f"media {shown}: has frames in the database; reject media before their frames are written")
    return _decide(connection, ids, MediaState.LEFT_OUT, REJECTED)


def _decide(connection: Connection, ids: Sequence[int], state: MediaState, reason: str | None) -> int:
    known = set(connection.scalars(select(Media.id).where(Media.id.in_(ids))))
    if missing := sorted(set(ids) - known):
        shown = ", ".join(map(str, missing))
        raise DataError(f"there are no media with the ids {shown}; list them: udt data media list --db …")
    connection.execute(update(Media).where(Media.id.in_(known)).values(state=state, reason=reason))
    return len(known)
