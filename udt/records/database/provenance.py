"""Rows of provenances, added on first use."""

from __future__ import annotations

from sqlalchemy import Connection, select

from udt.core.version import __version__
from udt.records.database.bulk import insert_new
from udt.records.database.models import Maker, Provenance


def provenance_id(connection: Connection, maker: Maker, detail: str, **versions: str) -> int:
    """Return the id of a provenance, which is added if there is none.

    :param versions: the columns `version`, `taxonomy` and `taxonomy_sha256` of a new one.
    """
    insert_new(connection, Provenance, [{"maker": maker.value, "detail": detail, **versions}])
    query = select(Provenance.id).where(Provenance.maker == maker, Provenance.detail == detail)
    return connection.execute(query).scalar_one()


def program_provenance(connection: Connection, maker: Maker, what: str, taxonomy: str, digest: str) -> int:
    """Return the id of the provenance of what this version of `udt` reads with a taxonomy.

    :param what: the method beside the normaliser, or an empty text.
    :param taxonomy: version of the taxonomy.
    :param digest: SHA-256 of its files.
    """
    detail = f"{what}udt {__version__}, taxonomy {taxonomy} ({digest[:16]})"
    return provenance_id(
        connection, maker, detail, version=__version__, taxonomy=taxonomy, taxonomy_sha256=digest
    )  # fmt: skip
