"""Import a data set into the database: a batch is one transaction, and an interrupted import is resumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, delete, exists, select, update

from udt.core.errors import DataError
from udt.core.executors import Executor
from udt.core.hashing import parts_sha256
from udt.core.tally import Tally
from udt.core.texts import brief
from udt.io.rows import Row, Skipped
from udt.records.database.bulk import insert_new
from udt.records.database.concepts import ConceptIds, Resolver, adopt, sync_concepts
from udt.records.database.database import Database
from udt.records.database.models import Case, Import, Maker, Source
from udt.records.database.provenance import program_provenance, provenance_id
from udt.records.database.sources import add_source
from udt.records.importing.data_set import DataSet, RowSource
from udt.records.importing.image_files import read_image_files
from udt.records.importing.labelling import label_captions
from udt.records.importing.lesions import LesionReports
from udt.records.importing.mapping import ColumnMapping
from udt.records.importing.row_mapper import RowMapper
from udt.records.importing.sample import NewSample
from udt.records.importing.writer import SampleWriter
from udt.records.readings.writer import ReadingWriter
from udt.taxonomy.model.taxonomy import Taxonomy

_BATCH = 10_000
_MOST_SHOWN = 20
_FAULTY = "not readable"

OnError = Callable[[Skipped], None]
OnProgress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A data set to import, with options.

    :ivar source: name of the data set in the database.
    :ivar about: its version, licence and url, if known.
    :ivar images: folder that image paths are relative to, or None.
    :ivar extensions: Turtle files that extend the taxonomy.
    :ivar normalize: whether the normaliser labels captions without labels.
    :ivar workers: number of processes for the normaliser.
    :ivar executor: reads image files and captions instead of threads and processes of this machine, or None.
    :ivar refuse_unknown: import nothing if a label is not in the taxonomy.
    :ivar batch: rows in one transaction.
    """

    source: str
    data_set: DataSet
    mapping: ColumnMapping
    about: Mapping[str, str] = field(default_factory=dict)
    images: Path | None = None
    extensions: Sequence[Path] = ()
    normalize: bool = False
    workers: int = 1
    executor: Executor | None = None
    refuse_unknown: bool = False
    batch: int = _BATCH


@dataclass(slots=True)
class ImportOutcome:
    """Counts of one import.

    :ivar rows: rows of the files that were not imported before; those left out cannot be read.
    :ivar files: files of the folder, if the data set is a folder of images.
    :ivar image_files: all images of the source, with those that cannot be read.
    :ivar added: new samples.
    :ivar known: samples that were in the database.
    :ivar resumed: rows that an earlier, interrupted run had imported.
    :ivar unchanged: names of files that had been imported before.
    :ivar unknown: (dimension or column, label) pairs that the taxonomy does not have, with their counts in this run.
    :ivar adopted: labels of earlier imports that the taxonomy lacked then and has now.
    :ivar labelled: captions labelled by the normaliser.
    :ivar unseen: columns of the mapping that no row had; empty if no rows were read.
    :ivar folder: the image folder that was given, or None.
    """

    rows: Tally = field(default_factory=Tally)
    files: Tally = field(default_factory=Tally)
    image_files: Tally = field(default_factory=Tally)
    added: int = 0
    known: int = 0
    resumed: int = 0
    unchanged: list[str] = field(default_factory=list)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    adopted: int = 0
    labelled: int = 0
    unseen: tuple[str, ...] = ()
    folder: Path | None = None

    @property
    def images(self) -> int:
        """Number of images of the source that were read, by this import or an earlier one."""
        return self.image_files.read

    def check(self) -> None:
        """Check that something was read.

        :raises DataError: if there were no rows, every row was left out, or an image folder was given and no image in
            it could be read.
        """
        if self.is_empty:
            raise DataError(_nothing_read(self.rows))
        if self.folder is not None and self.image_files.found and not self.images:
            raise DataError(
                f"none of the {self.image_files.found:,} images could be read from {self.folder} "
                f"({self.image_files.reasons}), e.g. {'; '.join(self.image_files.first_examples())}. The rows are "
                "stored; give the folder that the image paths start from (--images DIR) and run the command again"
            )

    @property
    def is_empty(self) -> bool:
        """Whether no row was read, now or by an earlier run."""
        return not (self.rows.read or self.resumed or self.unchanged)


def _nothing_read(rows: Tally) -> str:
    if not rows.found:
        return "there are no rows to import; check that this is the right file, and that it has rows below its header"
    first = "; ".join(rows.first_examples())
    return f"none of the {rows.found:,} rows could be read, and nothing was imported, e.g. {first}"


def run_import(
    database: Database, request: Request, taxonomy: Taxonomy, on_error: OnError, on_progress: OnProgress
) -> ImportOutcome:
    """Import a data set; `ImportOutcome.check` checks that something was read.

    :param on_error: called with each row that cannot be read; if it raises, the batches before that row stay imported.
    :param on_progress: called with the noun of the items being processed and the number processed so far.
    :raises DataError: if a label is unknown and `request.refuse_unknown` is set, or from `on_error`.
    """
    vocabulary, resolver = taxonomy.full_vocabulary, Resolver(taxonomy)
    of_rows = vocabulary.select({*taxonomy.vocabulary.keys, *request.mapping.keys})
    run = _Run(database, request, RowMapper(request.mapping, of_rows, resolver), on_error, on_progress)
    run.outcome.files, run.outcome.folder = request.data_set.files, request.images
    if request.refuse_unknown:
        run.refuse_unknown()
    with database.writing() as connection:
        concepts = sync_concepts(connection, vocabulary)
        run.outcome.adopted = adopt(connection, resolver, vocabulary, concepts)
        root = {"root": str(request.images.resolve())} if request.images else {}
        source = add_source(connection, request.source, {**request.about, **root})
        origin = provenance_id(connection, request.mapping.maker, request.source)
    ids = dict(zip(vocabulary.keys, concepts, strict=True))
    lesions, readings = LesionReports(taxonomy, of_rows), ReadingWriter.of(origin, taxonomy, concepts)
    writer = SampleWriter(source, request.source, origin, tuple(ids[key] for key in of_rows.keys), lesions, readings)
    settings = parts_sha256(request.mapping.fingerprint(), vocabulary.digest)
    for row_source in request.data_set.sources:
        run.read(row_source, writer, settings)
    if run.outcome.is_empty:
        run.forget(source)
    run.outcome.unseen = tuple(sorted(request.mapping.columns - run.mapper.seen)) if run.mapper.seen else ()
    run.read_images()
    if request.normalize:
        run.label(taxonomy, concepts)
    return run.outcome


@dataclass(slots=True)
class _Run:
    database: Database
    request: Request
    mapper: RowMapper
    on_error: OnError
    on_progress: OnProgress
    outcome: ImportOutcome = field(default_factory=ImportOutcome)
    begun: list[int] = field(default_factory=list)

    def refuse_unknown(self) -> None:
        """Read all rows before anything is written.

        :raises DataError: if a label is not in the taxonomy.
        """
        unknown: Counter[tuple[str, str]] = Counter()
        for source in self.request.data_set.sources:
            for row in source.rows():
                sample = row if isinstance(row, Skipped) else self.mapper.map(row)
                unknown.update(() if isinstance(sample, Skipped) else sample.unmapped)
        if unknown:
            hint = (
                "add them in an extension (--taxonomy), map them (--mapping), or store them apart from the labels "
                "(--on-unknown report)"
            )
            shown = "\n".join(
                f"  {n} × {brief(label)} ({place})" for (place, label), n in unknown.most_common(_MOST_SHOWN)
            )
            more = f"\n  … and {len(unknown) - _MOST_SHOWN} more" if len(unknown) > _MOST_SHOWN else ""
            raise DataError(f"{len(unknown)} labels are not in the taxonomy; {hint}:\n{shown}{more}")

    def read(self, source: RowSource, writer: SampleWriter, settings: str) -> None:
        """Import one row source, from the row at which an earlier run stopped."""
        with self.database.writing() as connection:
            key, done, finished = _begin(connection, source, writer.source_id, settings)
        if finished:
            self.outcome.unchanged.append(source.name)
            return
        self.begun.append(key)
        self.outcome.resumed += done
        rows = islice(source.rows(), done, None)
        while batch := list(islice(rows, self.request.batch)):
            samples = list(self._samples(batch))
            done += len(batch)
            new = self.database.transact(partial(_write, writer=writer, samples=samples, key=key, done=done))
            self.outcome.added += new
            self.outcome.known += len(samples) - new
            self.on_progress(f"rows of {source.name}", done)
        with self.database.writing() as connection:
            writer.finish(connection)
            connection.execute(update(Import).where(Import.id == key).values(finished=True))

    def _samples(self, rows: Iterable[Row | Skipped]) -> Iterator[NewSample]:
        for row in rows:
            sample = row if isinstance(row, Skipped) else self.mapper.map(row)
            if isinstance(sample, Skipped):
                self.outcome.rows.leave_out(_FAULTY, str(sample))
                self.on_error(sample)
            else:
                self.outcome.rows.read += 1
                self.outcome.unknown.update(sample.unmapped)
                yield sample

    def forget(self, source: int) -> None:
        """Delete the state of this import, so that the next one does not take the files for imported."""
        with self.database.writing() as connection:
            connection.execute(delete(Import).where(Import.id.in_(self.begun)))
            connection.execute(delete(Source).where(Source.id == source, ~exists().where(Case.source_id == source)))

    def read_images(self) -> None:
        """Read the image files that were not read yet."""
        request = self.request
        for done in read_image_files(self.database, request.source, self.outcome.image_files, request.executor):
            self.on_progress("images read", done)

    def label(self, taxonomy: Taxonomy, concepts: ConceptIds) -> None:
        """Read the captions that nobody labelled by the normaliser."""
        vocabulary = taxonomy.full_vocabulary
        with self.database.writing() as connection:
            rule = program_provenance(connection, Maker.RULE, "", vocabulary.version, vocabulary.digest)
        request, writer = self.request, ReadingWriter.of(rule, taxonomy, concepts)
        for done in label_captions(
            self.database, request.source, writer, extensions=request.extensions, workers=request.workers,
            executor=request.executor,
        ):  # fmt: skip
            self.outcome.labelled = done
            self.on_progress("captions labelled", done)


def _begin(connection: Connection, source: RowSource, source_id: int, settings: str) -> tuple[int, int, bool]:
    """Return the id, the number of imported rows and the state (finished or not) of the import of a row source."""
    row = {"source_id": source_id, "sha256": source.sha256, "settings": settings}
    insert_new(connection, Import, [{**row, "name": source.name, "rows": 0, "finished": False}])
    query = select(Import.id, Import.rows, Import.finished).filter_by(**row)
    return connection.execute(query).one()


def _write(connection: Connection, writer: SampleWriter, samples: Sequence[NewSample], key: int, done: int) -> int:
    """Write a batch with the progress of its import; another run of the same import may be further."""
    new = writer.write(connection, samples)
    connection.execute(update(Import).where(Import.id == key, Import.rows < done).values(rows=done))
    return new
