"""Select the samples that extraction has still to read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from udt.records.database.finding_models import Reading
from udt.records.database.models import Caption, Case, Maker, Provenance, Sample, SampleLabel, Source
from udt.records.extraction.store import MODEL_DETAIL


@dataclass(frozen=True, slots=True)
class SampleSelection:
    """The samples to read, as conditions of SQL.

    :ivar by_model: whether a model reads them.
    :ivar provenance: provenance whose readings mark the samples that are read.
    :ivar source: name of the only source to read, or None.
    """

    by_model: bool
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
        if self.by_model:
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
