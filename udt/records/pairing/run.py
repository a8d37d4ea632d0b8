"""Divide the composite samples of a database into their parts; an interrupted run is resumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image as Pillow
from sqlalchemy import Connection, func, select

from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError, decode_image
from udt.core.tally import Tally
from udt.lexicon.lexicon import Lexicon
from udt.normalize.normalizer import Normalizer
from udt.records.database.composites import has_parts
from udt.records.database.curation_models import SampleOrigin
from udt.records.database.database import Database
from udt.records.database.models import Sample
from udt.records.database.sources import check_source
from udt.records.importing.image_files import image_facts
from udt.records.pairing.assign import PairingDoubt, assign_panels
from udt.records.pairing.composites import (
    CompositeRow,
    composite_pages,
    folder_in_sources,
    set_image_folder,
)
from udt.records.pairing.cutting import cut_panel, panel_name, write_panel
from udt.records.pairing.panels import find_layouts
from udt.records.pairing.plans import PairingPlan, PlannedPart, SourceLabels, divide_labels, source_labels
from udt.records.pairing.segments import split_caption
from udt.records.pairing.store import PartWriter, WrittenPart
from udt.taxonomy.model.taxonomy import Taxonomy

Planned = tuple[PairingPlan, Pillow.Image]
OnProgress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """A request to divide composite samples.

    :ivar out: folder for the images of panels; None to write nothing.
    :ivar source: name of the data set, or None for all.
    :ivar images: image folder of data sets that were imported without one, or None.
    :ivar extensions: Turtle files that extend the taxonomy.
    """

    out: Path | None
    source: str | None = None
    images: Path | None = None
    extensions: Sequence[Path] = ()


@dataclass(slots=True)
class PairingOutcome:
    """Counts of one run.

    :ivar samples: those examined; left out are those whose image cannot be read.
    :ivar whole: samples that are no composite figures, and are left as they are.
    :ivar paired: composite samples that were divided.
    :ivar parts: their parts.
    :ivar flagged: composite samples that were left whole for a person to look at, by the doubt.
    :ivar known: composite samples that earlier runs had divided.
    """

    samples: Tally = field(default_factory=Tally)
    whole: int = 0
    paired: int = 0
    parts: int = 0
    flagged: Counter[str] = field(default_factory=Counter)
    known: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        counts = {name: getattr(self, name) for name in ("whole", "paired", "parts", "known")}
        return {**self.samples.to_dict(), **counts, "flagged": dict(self.flagged.most_common())}


def pair_samples(
    database: Database, request: PairingRequest, taxonomy: Taxonomy, on_progress: OnProgress
) -> PairingOutcome:
    """Divide composite samples into their parts.

    :param on_progress: called with a noun and the number of samples that are done.
    :raises udt.core.errors.DataError: if there is no such data set, or `request.out` is not in its image folder.
    """
    outcome = PairingOutcome()
    with database.reading() as connection:
        check_source(connection, request.source)
        outcome.known = connection.scalar(select(func.count(SampleOrigin.parent_id.distinct()))) or 0
    writing = None if request.out is None else _Writing.begin(database, request, request.out, taxonomy)
    planner = _Planner(database, Normalizer(request.extensions), Lexicon.load(request.extensions), request.images)
    done = 0
    for page in composite_pages(database, request.source, writing.writer.provenance_id if writing else None):
        plans, doubts = planner.plan(page, outcome)
        if writing is not None:
            writing.write(plans, doubts)
        outcome.paired += len(plans)
        outcome.parts += sum(len(plan.parts) for plan, _ in plans)
        outcome.flagged.update(doubts.values())
        done += len(page)
        on_progress("samples examined", done)
    return outcome


@dataclass(frozen=True, slots=True)
class _Planner:
    """Plans the parts of samples, and writes nothing."""

    database: Database
    normalizer: Normalizer
    lexicon: Lexicon
    images: Path | None

    def plan(self, page: Sequence[CompositeRow], outcome: PairingOutcome) -> tuple[list[Planned], dict[int, str]]:
        """Return the plans for a page of samples with their figures, and the doubts about others by sample id."""
        with self.database.reading() as connection:
            labels = source_labels(connection, [row.id for row in page])
        plans, doubts = [], dict[int, str]()
        for row in page:
            try:
                plan = self._plan(
                    row if row.root or not self.images else row._replace(root=str(self.images)), labels[row.id]
                )
            except ImageError as error:
                outcome.samples.leave_out(error.refusal, f"sample {row.id}: {error}")
                continue
            except PairingDoubt as doubt:
                doubts[row.id] = str(doubt)
                plan = None
            else:
                outcome.whole += plan is None
            outcome.samples.read += 1
            if plan is not None:
                plans.append(plan)
        return plans, doubts

    def _plan(self, row: CompositeRow, labels: SourceLabels) -> Planned | None:
        content = row.content()
        figure = decode_image(content, "RGB", f"sample {row.id}")
        figures = assign_panels(find_layouts(figure), split_caption(row.caption, self.lexicon))
        if not figures:
            return None
        reports = [self.normalizer.normalize(one.caption) for one in figures]
        divided = divide_labels(labels.stated, reports)
        parts = tuple(PlannedPart(*one) for one in zip(figures, reports, divided, strict=True))
        return PairingPlan(row, bytes_sha256(content), parts, labels.by_rules), figure


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes plans: the files of the panels first, then their rows.

    :ivar out: name of a data set to the folder for panels, relative to its image folder.
    """

    database: Database
    writer: PartWriter
    out: Mapping[str, str]

    @classmethod
    def begin(cls, database: Database, request: PairingRequest, out: Path, taxonomy: Taxonomy) -> _Writing:
        """Check the folder for panels, and add the provenances."""
        with database.writing() as connection:
            if request.images is not None:
                set_image_folder(connection, request.source, request.images)
            folders = folder_in_sources(connection, request.source, out)
            return cls(database, PartWriter.of(connection, taxonomy), folders)

    def write(self, plans: Sequence[Planned], doubts: Mapping[int, str]) -> None:
        """Write a page of samples in one transaction."""
        files = [self._panels(plan, figure) for plan, figure in plans]
        self.database.transact(partial(self._rows, plans=plans, files=files, doubts=doubts))

    def _panels(self, plan: PairingPlan, figure: Pillow.Image) -> list[WrittenPart]:
        root, folder = Path(plan.row.root or ""), self.out[plan.row.source]
        (root / folder).mkdir(parents=True, exist_ok=True)
        written = []
        for part in plan.parts:
            name = panel_name(plan.sha256, part.figure.box)
            write_panel(root / folder, name, cut_panel(figure, part.figure.box))
            path = PurePosixPath(folder, name).as_posix()
            written.append(WrittenPart(path, image_facts(root, path)))
        return written

    def _rows(
        self,
        connection: Connection,
        plans: Sequence[Planned],
        files: Sequence[Sequence[WrittenPart]],
        doubts: Mapping[int, str],
    ) -> None:
        """Write the rows of samples that no other run has divided since they were read."""
        samples = [plan.row.id for plan, _ in plans]
        divided = set(connection.scalars(select(Sample.id).where(has_parts(), Sample.id.in_(samples))))
        for (plan, _), own in zip(plans, files, strict=True):
            if plan.row.id not in divided:
                self.writer.write(connection, plan, own)
        self.writer.flag(connection, doubts)
