"""Extract labels from the captions in a database: in batches, each a transaction, and resumable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from udt.core.errors import DataError
from udt.core.tally import Tally
from udt.records.database.database import Database
from udt.records.database.finding_models import Reading
from udt.records.database.models import Caption, Case, Maker, Provenance, Sample, SampleLabel, Source
from udt.records.extraction.costs import Prices, TokenUse, use_to_dict
from udt.records.extraction.engines import Engine, Extraction
from udt.records.extraction.store import MODEL_DETAIL, ExtractionWriter, SampleExtraction
from udt.taxonomy.model.taxonomy import Taxonomy

_BATCH = 200
_READ_BEFORE = "read before"
_LABELLED = "labelled by a person or another model"
_BEYOND = "beyond the limit of this run"
_PLANNED = (_READ_BEFORE, _LABELLED, _BEYOND)

OnProgress = Callable[[str, int], None]


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
) -> None:
    """Read the captions that this version of an engine has not read yet.

    Samples that a person labelled, or a model outside of extraction, are left out.

    :param outcome: receives the counts, also those of a run that fails or is interrupted.
    :param source: name of the only source to read, or None.
    :param limit: most samples to read in this run, or None.
    :raises DataError: if a model cannot be asked; what was read until then is stored.
    """
    with database.writing() as connection:
        writer = ExtractionWriter.of(connection, engine, taxonomy)
    run = _Run(database, engine, writer, _Choice(engine, writer.provenance_id, source), on_progress, outcome)
    run.count_left_out(limit)
    for page in run.pages(limit):
        run.read(page)
    with database.writing() as connection:
        writer.finish(connection)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The samples to read, as conditions of SQL."""

    engine: Engine
    provenance: int
    source: str | None

    def captioned(self) -> ColumnElement[bool]:
        """Select the samples with a caption."""
        found: ColumnElement[bool] = Sample.caption_id.is_not(None)
        return found if self.source is None else found & (Source.name == self.source)

    def read(self) -> ColumnElement[bool]:
        """Select the samples that the engine has read."""
        return select(Reading).where(Reading.sample_id == Sample.id, Reading.provenance_id == self.provenance).exists()

    def labelled(self) -> ColumnElement[bool]:
        """Select the samples that others labelled; the labels of a model by extraction are others to the rules."""
        others: list[ColumnElement[bool]] = [Provenance.maker.in_([Maker.HUMAN, Maker.MODEL])]
        if self.engine.model is not None:
            others.append(~Provenance.detail.startswith(MODEL_DETAIL))
        query = select(SampleLabel.sample_id).join(Provenance, SampleLabel.provenance_id == Provenance.id)
        return query.where(SampleLabel.sample_id == Sample.id, *others).exists()

    def count(self, connection: Connection, *conditions: ColumnElement[bool]) -> int:
        """Count the samples with a caption that meet the conditions."""
        query = select(func.count(Sample.id)).join(Case, Sample.case_id == Case.id).join(Source)
        return connection.scalar(query.where(self.captioned(), *conditions)) or 0

    def page(self, connection: Connection, last: int, size: int) -> list[tuple[int, str]]:
        """Return (sample id, caption) of the next samples to read."""
        query = (
            select(Sample.id, Caption.text)
            .join(Caption, Sample.caption_id == Caption.id)
            .join(Case, Sample.case_id == Case.id)
            .join(Source)
            .where(self.captioned(), ~self.read(), ~self.labelled(), Sample.id > last)
            .order_by(Sample.id)
            .limit(size)
        )
        return [(id, text) for id, text in connection.execute(query)]


@dataclass(slots=True)
class _Run:
    database: Database
    engine: Engine
    writer: ExtractionWriter
    choice: _Choice
    on_progress: OnProgress
    outcome: ExtractionOutcome

    def count_left_out(self, limit: int | None) -> None:
        """Count the samples that are not read."""
        choice = self.choice
        with self.database.reading() as connection:
            counts = {
                _READ_BEFORE: choice.count(connection, choice.read()),
                _LABELLED: choice.count(connection, ~choice.read(), choice.labelled()),
                _BEYOND: 0,
            }
            if limit is not None:
                counts[_BEYOND] = max(0, choice.count(connection) - sum(counts.values()) - limit)
        for reason, count in counts.items():
            if count:
                self.outcome.captions.leave_out(reason, count=count)

    def pages(self, limit: int | None) -> Iterator[list[tuple[int, str]]]:
        """Yield (sample id, caption) of the samples to read, a page at a time."""
        last, left = 0, limit
        while left is None or left > 0:
            with self.database.reading() as connection:
                page = self.choice.page(connection, last, _BATCH if left is None else min(_BATCH, left))
            if not page:
                return
            yield page
            last = page[-1][0]
            left = None if left is None else left - len(page)

    def read(self, page: Sequence[tuple[int, str]]) -> None:
        """Read a page, each text once, and write what was read, also if the engine fails on the way."""
        samples: dict[str, list[int]] = {}
        for id, text in page:
            samples.setdefault(text, []).append(id)
        batch: list[SampleExtraction] = []
        try:
            for own, found in zip(samples.values(), self.engine.read(list(samples)), strict=True):
                batch += [SampleExtraction(id, found) for id in own]
                self.outcome.count(found, own)
                self.on_progress("captions read", self.outcome.captions.read)
        finally:
            self.database.transact(partial(self._write, batch))

    def _write(self, batch: Sequence[SampleExtraction], connection: Connection) -> None:
        self.writer.write(connection, batch)
