"""The RDF store of a corpus, as `udt data to-rdf` makes it, as data to query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from udt.core.errors import DataError
from udt.query.answers import Answer, evaluate
from udt.query.engines.isolated import call
from udt.taxonomy.model.namespaces import PREFIXES

KIND = "udt-store"
SCHEMA = f"{KIND}/1"
MANIFEST, STORE = "manifest.json", "oxigraph"

_MAKE = "make it with: udt data to-rdf --db … --store DIR"


@dataclass(frozen=True, slots=True)
class StoreData:
    """A corpus store on disk.

    Outside `GRAPH` a query sees the taxonomy and the sources; records and findings are in named graphs.
    """

    path: Path

    has_records = True

    def answer(self, query: str, timeout: float) -> Answer:
        """Evaluate a query that only reads, in a process that is killed after `timeout` seconds.

        :raises DataError: where the folder holds no corpus store.
        :raises QueryError: where the query is malformed, fails or takes too long.
        """
        read_manifest(self.path)
        return call(timeout, _answer, query, self.path)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """What the store says of itself: schema, taxonomy, sources, prefixes and counts.

    :raises DataError: where `folder` holds no corpus store, or one of another schema.
    """
    path = folder / MANIFEST
    if not path.is_file() or not (folder / STORE).is_dir():
        raise DataError(f"{folder}: is no corpus store, it lacks {MANIFEST} or {STORE}/; {_MAKE}")
    try:
        manifest: Any = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: is not JSON: {error}; {_MAKE}") from error
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    if schema != SCHEMA:
        raise DataError(f"{path}: has the schema '{schema}', but this version reads '{SCHEMA}'; {_MAKE}")
    return dict(manifest)


def _answer(query: str, folder: Path) -> Answer:
    prefixes = {**read_manifest(folder)["prefixes"], **PREFIXES}
    try:
        store = ox.Store.read_only(str(folder / STORE))
    except OSError as error:
        raise DataError(f"{folder / STORE}: cannot be opened: {error}; {_MAKE}") from error
    return evaluate(store, query, prefixes)
