"""Query the RDF store of a corpus, as `udt data to-rdf` builds it."""

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

_BUILD = "build it with: udt data to-rdf --db … --store DIR"


@dataclass(frozen=True, slots=True)
class StoreData:
    """A corpus store on disk.

    The default graph holds the taxonomy and the sources; records and findings are in named graphs.
    """

    path: Path

    has_records = True

    def answer(self, query: str, timeout: float) -> Answer:
        """Evaluate a read-only query, in a process that is killed after `timeout` seconds.

        :raises DataError: if the folder is not a corpus store.
        :raises QueryError: if the query is malformed, fails or takes too long.
        """
        read_manifest(self.path)
        return call(timeout, _answer, query, self.path)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Read the manifest of a store: schema, taxonomy, prefixes and counts.

    :raises DataError: if `folder` is not a corpus store, or one of another schema.
    """
    path = folder / MANIFEST
    missing = MANIFEST if not path.is_file() else f"{STORE}/" if not (folder / STORE).is_dir() else ""
    if missing:
        raise DataError(f"{folder}: not a corpus store: {missing} is missing; {_BUILD}")
    try:
        manifest: Any = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: is not JSON: {error}; {_BUILD}") from error
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    if schema != SCHEMA:
        raise DataError(f"{path}: has the schema '{schema}', but this version reads '{SCHEMA}'; {_BUILD}")
    return dict(manifest)


def _answer(query: str, folder: Path) -> Answer:
    prefixes = {**read_manifest(folder)["prefixes"], **PREFIXES}
    try:
        store = ox.Store.read_only(str(folder / STORE))
    except OSError as error:
        raise DataError(f"{folder / STORE}: cannot be opened: {error}; {_BUILD}") from error
    return evaluate(store, query, prefixes)
