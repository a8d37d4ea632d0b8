"""Builds the RDF store of a corpus: a folder with an Oxigraph store on disk and a manifest that says what is in it.

The default graph holds the taxonomy, `skos:broaderTransitive` and what is known of the sources; the records of each
source are in a graph of their own, called like the source.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pyoxigraph as ox
from sqlalchemy import Connection

from udt.corpus.quads import RecordWriter, closure_quads, source_quads
from udt.corpus.samples import Alongside, SampleRow, denied, rejected, samples, sources
from udt.files import atomic_folder
from udt.query.store import MANIFEST, SCHEMA, STORE
from udt.query.taxonomy import load_store
from udt.taxonomy import Taxonomy
from udt.taxonomy.namespaces import compress
from udt.taxonomy.rules import Rules
from udt.version import __version__
from udt.vocabulary import Vocabulary

_BLOCK = 1000


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """What a store holds.

    :ivar rejected: samples that were left out because a person rejected them.
    :ivar findings: records that had a finding: see `udt.corpus.quads`.
    :ivar classes: CURIE of an inferred class to its number of findings, most first.
    """

    records: int
    rejected: int
    findings: int
    quads: int
    classes: dict[str, int]


def build_store(
    connection: Connection, out: Path, extensions: Iterable[Path] = (), *, overwrite: bool = False
) -> StoreSummary:
    """Write the records of a database as an RDF store to the folder `out`, whole or not at all.

    :param extensions: Turtle files that extend the taxonomy.
    :param overwrite: whether a store in `out` may be replaced.
    :raises DataError: where `out` is taken, or a record has a label that the taxonomy lacks.
    :raises TaxonomyError: where an extension is faulty, or has a definition that no rule can stand for.
    """
    paths = tuple(extensions)
    taxonomy = Taxonomy.load(*paths)
    writer = RecordWriter(Vocabulary.of(taxonomy), Rules(taxonomy))
    with atomic_folder(out, MANIFEST, overwrite=overwrite) as folder:
        store = ox.Store(str(folder / STORE))
        ontology, prefixes = load_store(paths)
        store.bulk_extend(ontology)
        known = sources(connection)
        store.bulk_load((closure_quads(taxonomy) + source_quads(known)).encode(), format=ox.RdfFormat.N_QUADS)
        counted = _Counted(samples(connection, Vocabulary.of(taxonomy), captions=False))
        store.bulk_load(_Stream(_blocks(connection, counted, writer)), format=ox.RdfFormat.N_QUADS)
        summary = StoreSummary(
            counted.count, rejected(connection), writer.findings, len(store), _named(writer, prefixes)
        )
        store.optimize()
        store.flush()
        del store  # lets go of the files, so that the folder can be moved
        _write_manifest(folder / MANIFEST, taxonomy, [source.name for source in known], prefixes, summary)
    return summary
