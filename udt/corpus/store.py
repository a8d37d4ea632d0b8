"""Build the RDF store of a corpus: a folder with an Oxigraph store on disk and a manifest that describes it.

The default graph holds the taxonomy, `skos:broaderTransitive` and the sources; `udt.corpus.quads` describes the graphs
of each source.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from sqlalchemy import Connection

from udt.core.atomic import atomic_folder
from udt.core.errors import DataError
from udt.core.version import __version__
from udt.corpus.quads import RecordWriter, closure_quads, source_quads
from udt.corpus.samples import MergeJoin, denied, rejected, samples, sources
from udt.query.engines.store import KIND, MANIFEST, SCHEMA, STORE
from udt.query.engines.taxonomy import load_store
from udt.taxonomy.model.namespaces import compress
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.rules import Rules

_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """Numbers of records, cases, findings and quads in a store.

    :ivar rejected: samples left out because a person rejected them.
    :ivar findings: records with a finding; see `udt.corpus.quads`.
    :ivar classes: CURIE of an inferred class to its number of findings, most frequent first.
    """

    records: int
    rejected: int
    cases: int
    findings: int
    quads: int
    classes: dict[str, int]


def build_store(
    connection: Connection, out: Path, extensions: Iterable[Path] = (), *, overwrite: bool = False
) -> StoreSummary:
    """Write the records of a database as an RDF store to the folder `out`, atomically.

    :param extensions: Turtle files that extend the taxonomy.
    :param overwrite: whether a store in `out` may be replaced.
    :raises DataError: if `out` exists and may not be replaced, there are no samples, or a record has a label that the
        taxonomy lacks.
    :raises TaxonomyError: if an extension is faulty, or has a definition that cannot be expressed as a rule.
    """
    paths = tuple(extensions)
    taxonomy = Taxonomy.load(*paths)
    writer = RecordWriter(taxonomy, Rules(taxonomy))
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        ontology, prefixes = load_store(paths)
        ontology.load(closure_quads(taxonomy) + source_quads(sources(connection)), format=ox.RdfFormat.N_QUADS)
        quads = _fill(folder / STORE, out, ontology, chain(_records(connection, writer), writer.cases()))
        classes = {compress(iri, prefixes): count for iri, count in writer.classes.most_common()}
        counts = (writer.records, rejected(connection), writer.case_count, writer.findings)
        summary = StoreSummary(*counts, quads, classes)
        if not summary.records:
            left_out = f", and {summary.rejected:,} were rejected in review" if summary.rejected else ""
            raise DataError(f"there are no samples to write{left_out}; fill the database with 'udt data import'")
        _write_manifest(folder / MANIFEST, taxonomy, prefixes, summary)
    return summary


def _records(connection: Connection, writer: RecordWriter) -> Iterator[str]:
    absent = MergeJoin(denied(connection), frozenset())
    for sample in samples(connection, writer.vocabulary, captions=False):
        yield writer.record(sample, absent.get(sample.id))


def _fill(path: Path, out: Path, ontology: ox.Store, lines: Iterator[str]) -> int:
    """Create the store at `path`, close its files, and return its number of quads.

    :param out: the final folder, for messages.
    :raises DataError: if the store cannot be written.
    """
    try:
        store = ox.Store(str(path))
        store.bulk_extend(ontology)
        store.bulk_load(io.BufferedReader(_Stream(lines), _BUFFER), format=ox.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()
    except OSError as error:  # without a number: Oxigraph gives the text alone
        reason = str(error).rpartition(": ")[2]
        hint = "check its disk for space and faults, or give another place, and run the command again"
        raise DataError(f"{out}: the store cannot be written ({reason}); {hint}") from error
    return len(store)


def _write_manifest(path: Path, taxonomy: Taxonomy, prefixes: dict[str, str], summary: StoreSummary) -> None:
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "made_by": f"udt-toolkit {__version__}",
        "taxonomy": {"version": taxonomy.version, "digest": taxonomy.digest},
        "prefixes": prefixes,
        **asdict(summary),
    }
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")


class _Stream(io.RawIOBase):
    """A binary file of concatenated texts in UTF-8."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with the rest of one text and return the number of bytes; 0 at the end."""
        while not self._rest and (text := next(self._texts, None)) is not None:
            self._rest = text.encode()
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
