"""Extract labels from the captions in a database: in batches, each a transaction, and resumable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection

from udt.core.errors import DataError
from udt.core.executors import Executor, InProcess, Prepare
from udt.core.tally import Tally
from udt.records.database.database import Database
from udt.records.database.sources import check_source
from udt.records.extraction.costs import Prices, TokenUse, use_to_dict
from udt.records.extraction.engines import Engine, Extraction
from udt.records.extraction.selection import SampleSelection
from udt.records.extraction.store import ExtractionWriter, SampleExtraction
from udt.taxonomy.model.taxonomy import Taxonomy

_BATCH = 200
_READ_BEFORE = "read before"
_LABELLED = "labelled by a person or another model"
_BEYOND = "beyond the limit of this run"
_PLANNED = (_READ_BEFORE, _LABELLED, _BEYOND)

OnProgress = Callable[[str, int], None]
Page = dict[str, list[int]]
"""Samples to read: the texts, each with the ids of the samples that have it as caption."""


@dataclass(slots=True)
class ExtractionOutcome:
    """Counts of one run.

    :ivar captions: samples with a caption; those left out with the reason.
    :ivar asked: captions about which a model was asked.
    :ivar labels: labels of the model that were accepted.
    :ivar refused: number of labels of the model that were refused, for each reason.
    :ivar flags: doubts for a person.
    """

    captions: Tally = field(default_factory=Tally)
    asked: int = 0
    labels: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    flags: int = 0
    use: TokenUse = field(default_factory=TokenUse)

    def count(self, found: Extraction, samples: Sequence[int]) -> None:
        """Count one caption and the samples with it."""
        self.use.add(found.use)
        self.asked += found.asked
        self.labels += len(found.model)
        self.refused.update(found.refused)
        self.flags += len(found.flags) * len(samples)
        if found.fault is None:
            self.captions.read += len(samples)
        else:
            self.captions.leave_out(found.fault, count=len(samples), example=f"sample {samples[0]}")

    def check(self) -> None:
        """Check that a model answered at least once if it was asked.

        :raises DataError: if no answer could be used.
        """
        faults = self.captions.left_out.total() - sum(self.captions.left_out[reason] for reason in _PLANNED)
        if faults and not self.captions.read:
            raise DataError(f"no answer could be used: {self.captions.reasons}; run the command again to retry")

    def to_dict(self, prices: Prices) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        return {
            "captions": self.captions.to_dict(),
            "asked": self.asked,
            "labels": self.labels,
            "refused": dict(self.refused),
            "flags": self.flags,
            "use": use_to_dict(self.use, prices),
        }


def extract(
    database: Database,
    engine: Engine,
    taxonomy: Taxonomy,
    outcome: ExtractionOutcome,
    *,
    source: str | None = None,
    limit: int | None = None,
    on_progress: OnProgress = lambda *_: None,
    executor: Executor | None = None,
    prepare: Prepare[Page, Extraction] | None = None,
) -> None:
    """Read the captions that this version of an engine has not read yet.

    Samples that a person labelled, or a model outside of extraction, are left out.

    :param outcome: receives the counts, also those of a run that fails or is interrupted.
    :param source: name of the only source to read, or None.
    :param limit: most samples to read in this run, or None.
    :param executor: reads the captions; by default, this process does. The rows are written by this process.
    :param prepare: opens an engine like `engine` in each worker of `executor`; by default, `engine` reads.
    :raises DataError: if there is no such source, or a model cannot be asked; what was read until then is stored.
    """
    with database.writing() as connection:
        check_source(connection, source)
        writer = ExtractionWriter.of(connection, engine, taxonomy)
    selection = SampleSelection(engine.model is not None, writer.provenance_id, source)
    run = _Run(database, writer, selection, on_progress, outcome)
    run.count_left_out(limit)
    reading = (executor or InProcess()).map_batches(prepare or partial(reader_of, engine), run.pages(limit))
    try:
        for page, found in reading:
            run.store(page, found)
    finally:
        with database.writing() as connection:
            writer.finish(connection)


def reader_of(engine: Engine) -> Callable[[Page], Iterator[Extraction]]:
    """Return the function that reads the texts of a page."""
    return lambda page: engine.read(list(page))


@dataclass(slots=True)
class _Run:
    database: Database
    writer: ExtractionWriter
    selection: SampleSelection
    on_progress: OnProgress
    outcome: ExtractionOutcome

    def count_left_out(self, limit: int | None) -> None:
        """Count the samples that are not read."""
        selection = self.selection
        with self.database.reading() as connection:
            counts = {
                _READ_BEFORE: selection.count(connection, selection.read()),
                _LABELLED: selection.count(connection, ~selection.read(), selection.labelled()),
                _BEYOND: 0,
            }
            if limit is not None:
                counts[_BEYOND] = max(0, selection.count(connection) - sum(counts.values()) - limit)
        for reason, count in counts.items():
            if count:
                self.outcome.captions.leave_out(reason, count=count)

    def pages(self, limit: int | None) -> Iterator[Page]:
        """Yield the samples to read, a page at a time."""
        last, left = 0, limit
        while left is None or left > 0:
            with self.database.reading() as connection:
                rows = self.selection.page(connection, last, _BATCH if left is None else min(_BATCH, left))
            if not rows:
                return
            page: Page = {}
            for id, text in rows:
                page.setdefault(text, []).append(id)
            yield page
            last = rows[-1][0]
            left = None if left is None else left - len(rows)

    def store(self, page: Page, extractions: Iterator[Extraction]) -> None:
        """Write what was read of a page, also if the engine fails on the way."""
        batch: list[SampleExtraction] = []
        try:
            for own, found in zip(page.values(), extractions, strict=True):
                batch += [SampleExtraction(id, found) for id in own]
                self.outcome.count(found, own)
                self.on_progress("captions read", self.outcome.captions.read)
        finally:
            self.database.transact(partial(self._write, batch))

    def _write(self, batch: Sequence[SampleExtraction], connection: Connection) -> None:
        self.writer.write(connection, batch)
