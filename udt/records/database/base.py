"""The base class of all tables, with text types of allowed values and of hashes."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum, MetaData, String
from sqlalchemy.orm import DeclarativeBase

HASH = String(64)
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def text_enum(kind: type[StrEnum]) -> Enum:
    """Return a text type with a CHECK constraint, the same in every database."""
    return Enum(
        kind,
        name=kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=12,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Base of all tables; its constraints have names, so that a migration can change them."""

    metadata = MetaData(naming_convention=_NAMES)
