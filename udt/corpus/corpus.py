"""The records of a database as quads: what a store and a file of a corpus contain, and in what order."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from sqlalchemy import Connection

from udt.core.errors import DataError
from udt.corpus.default_graph import closure_quads, maker_quads, source_quads
from udt.corpus.iris import CorpusIris
from udt.corpus.quads import RecordWriter
from udt.corpus.records import sourced_records
from udt.corpus.samples import maker_rows, rejected, sources
from udt.query.engines.taxonomy import load_store
from udt.taxonomy.model.namespaces import compress
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.rules import Rules

_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class CorpusSummary:
    """Numbers of records, cases, findings and quads of a corpus.

    :ivar rejected: samples left out because a person rejected them.
    :ivar findings: findings that records affirm or hold possible; see `udt.corpus.quads`.
    :ivar denied: findings that records deny.
    :ivar mentioned: findings that records only mention.
    :ivar measurements: measurements of all of them.
    :ivar classes: CURIE of an inferred class to its number of findings, most frequent first.
    """

    records: int
    rejected: int
    cases: int
    findings: int
    denied: int
    mentioned: int
    measurements: int
    quads: int
    classes: dict[str, int]


class Corpus:
    """The records of a database as quads."""

    def __init__(
        self,
        connection: Connection,
        extensions: Iterable[Path] = (),
        base_iri: str | None = None,
        *,
        evidence: bool = True,
    ) -> None:
        """Prepare the quads; nothing is read before they are written.

        :param extensions: Turtle files that extend the taxonomy.
        :param base_iri: begins the IRIs of records, cases and sources; without one they are names under `urn:x-udt:`.
        :param evidence: whether the spans in the texts, the evidence and the excluded mentions are written.
        :raises DataError: if the base cannot be used.
        :raises TaxonomyError: if an extension is faulty, or has a definition that cannot be expressed as a rule.
        """
        self._connection = connection
        self.iris = CorpusIris.of(base_iri)
        self.taxonomy = Taxonomy.load(*(paths := tuple(extensions)))
        self._writer = RecordWriter(self.taxonomy, Rules(self.taxonomy), self.iris, evidence=evidence)
        self.default, self.prefixes = load_store(paths)
        about = sources(connection), maker_rows(connection)
        texts = (closure_quads(self.taxonomy), source_quads(about[0], self.iris), maker_quads(about[1], self.iris))
        self.default.load("".join(texts), format=ox.RdfFormat.N_QUADS)

    def records(self) -> Iterator[str]:
        """Yield the statements of the records and then of the cases as N-Quads."""
        yield from map(self._writer.record, sourced_records(self._connection, self._writer.vocabulary))
        yield from self._writer.cases()

    def summary(self, quads: int) -> CorpusSummary:
        """Return the numbers of what was written.

        :raises DataError: if there were no records.
        """
        writer, left_out = self._writer, rejected(self._connection)
        if not writer.records:
            reason = f", and {left_out:,} were rejected in review" if left_out else ""
            raise DataError(f"there are no samples to write{reason}; fill the database with 'udt data import'")
        return CorpusSummary(
            writer.records,
            left_out,
            writer.case_count,
            writer.findings,
            writer.denied,
            writer.mentioned,
            writer.measurements,
            quads,
            {compress(iri, self.prefixes): count for iri, count in writer.classes.most_common()},
        )


def as_stream(texts: Iterator[str]) -> io.BufferedReader:
    """Return concatenated texts as a binary file in UTF-8."""
    return io.BufferedReader(_Stream(texts), _BUFFER)


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
