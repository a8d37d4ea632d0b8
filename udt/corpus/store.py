"""Build the RDF store of a corpus: a folder with an Oxigraph store on disk and a manifest that describes it.

The default graph holds the taxonomy, `skos:broaderTransitive`, the sources and the makers; `udt.corpus.quads` describes
the graphs of each source.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from sqlalchemy import Connection

from udt.core.atomic import atomic_folder
from udt.core.errors import DataError
from udt.core.version import __version__
from udt.corpus.corpus import Corpus, CorpusSummary, as_stream
from udt.query.engines.store import KIND, MANIFEST, SCHEMA, STORE


def build_store(
    connection: Connection,
    out: Path,
    extensions: Iterable[Path] = (),
    *,
    base_iri: str | None = None,
    evidence: bool = True,
    overwrite: bool = False,
) -> CorpusSummary:
    """Write the records of a database as an RDF store to the folder `out`, atomically.

    :param overwrite: whether a store in `out` may be replaced.
    :raises DataError: if `out` exists and may not be replaced, there are no samples, or a record has a label that the
        taxonomy lacks; or as `Corpus`.
    :raises TaxonomyError: as `Corpus`.
    """
    corpus = Corpus(connection, extensions, base_iri, evidence=evidence)
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        summary = corpus.summary(_fill(folder / STORE, out, corpus))
        _write_manifest(folder / MANIFEST, corpus, summary)
    return summary


def _fill(path: Path, out: Path, corpus: Corpus) -> int:
    """Create the store at `path`, close its files, and return its number of quads.

    :param out: the final folder, for messages.
    :raises DataError: if the store cannot be written.
    """
    try:
        store = ox.Store(str(path))
        store.bulk_extend(corpus.default)
        store.bulk_load(as_stream(corpus.records()), format=ox.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()
    except OSError as error:  # without a number: Oxigraph gives the text alone
        reason = str(error).rpartition(": ")[2]
        hint = "check its disk for space and faults, or give another place, and run the command again"
        raise DataError(f"{out}: the store cannot be written ({reason}); {hint}") from error
    return len(store)


def _write_manifest(path: Path, corpus: Corpus, summary: CorpusSummary) -> None:
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "made_by": f"udt-toolkit {__version__}",
        "taxonomy": {"version": corpus.taxonomy.version, "digest": corpus.taxonomy.digest},
        "base_iri": corpus.iris.base,
        "prefixes": corpus.prefixes,
        **asdict(summary),
    }
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")
