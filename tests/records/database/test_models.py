"""The schema refuses what it should, and follows its models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, select, text

from udt.core.errors import DataError
from udt.records.database.database import Database
from udt.records.database.models import (
    Base,
    Caption,
    Case,
    ConceptRow,
    Image,
    Maker,
    Provenance,
    Sample,
    SampleLabel,
    Source,
    Split,
)

HASH = "0" * 64


def _fill(database: Database) -> None:
    with database.session() as session:
        case = Case(key="1", source=Source(name="set"))
        image = Image(case=case, path="a.png")
        sample = Sample(case=case, image=image, caption=Caption(text="A cyst.", sha256=HASH), digest=HASH)
        concept = ConceptRow(iri="x:cyst", task=3, dimension="diagnosis", label="cyst", position=1)
        made = Provenance(maker=Maker.RULE, detail="test")
        label = SampleLabel(sample=sample, concept=concept, provenance=made)
        label.evidence_start, label.evidence_end, label.evidence_text = 2, 6, "cyst"
        session.add_all([sample, label])


def _count(database: Database, model: type[Base]) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def test_migrations_agree_with_models(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_deleting_a_source_takes_its_samples_and_labels(database: Database) -> None:
    _fill(database)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM sources"))
    assert [_count(database, model) for model in (Case, Image, Sample, SampleLabel)] == [0, 0, 0, 0]
    assert _count(database, Caption) == _count(database, ConceptRow) == 1


REFUSED = (
    "INSERT INTO sources (name) VALUES ('set')",
    "INSERT INTO sources (name) VALUES ('')",
    "INSERT INTO cases (source_id, key) VALUES (1, '1')",
    "INSERT INTO cases (source_id, key) VALUES (99, '2')",
    "UPDATE samples SET split = 'holdout'",
    "UPDATE samples SET review = 'seen'",
    "UPDATE samples SET image_id = NULL, caption_id = NULL",
    "UPDATE images SET sha256 = 'abc'",
    "UPDATE images SET frame_index = -1",
    "UPDATE concepts SET task = 10",
    "UPDATE sample_labels SET evidence_end = 2",
    "UPDATE sample_labels SET evidence_text = NULL",
    "UPDATE sample_labels SET certainty = 'sure'",
    "DELETE FROM captions",
    "DELETE FROM concepts",
)


def test_the_schema_refuses(database: Database) -> None:
    _fill(database)
    assert [statement for statement in REFUSED if _accepts(database, statement)] == []


def _accepts(database: Database, statement: str) -> bool:
    try:
        with database.writing() as connection:
            connection.execute(text(statement))
    except DataError as error:
        assert "refused by a rule" in str(error)
        return False
    return True


def test_enum_round_trip(database: Database) -> None:
    _fill(database)
    with database.session() as session:
        session.scalars(select(Sample)).one().split = Split.TEST
    with database.session() as session:
        assert session.scalars(select(Sample)).one().split is Split.TEST


def test_failed_transaction_is_rolled_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.session() as session:
        session.add(Source(name="lost"))
        session.flush()
        raise ZeroDivisionError
    assert _count(database, Source) == 0


def test_an_older_database_is_brought_up_to_date(url: str) -> None:
    with Database.open(url, create=True) as database, database.writing() as connection:
        for statement in (
            "DROP TABLE unmapped_labels",
            "DROP TABLE imports",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            connection.execute(text(statement))
    with Database.open(url) as database, database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_newer_database_is_refused(url: str) -> None:
    with Database.open(url, create=True) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataError, match=r"newer udt \(its tables are of version 9999\)"):
        Database.open(url)


def test_empty_database_is_refused_without_create(url: str) -> None:
    with pytest.raises(DataError, match=r"no such database|has no tables; fill it with"):
        Database.open(url)


def test_database_with_other_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (id INTEGER)"))
    engine.dispose()
    with pytest.raises(DataError, match=r"other tables \(recipes\)"):
        Database.open(path, create=True)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("mysql://host/name", "'mysql' is not supported"),
        ("://", "is not the URL of a database"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "cannot be opened"),
    ],
)
def test_database_that_cannot_be_opened(place: str, message: str) -> None:
    if place.startswith("postgresql"):
        pytest.importorskip("psycopg")
    with pytest.raises(DataError, match=message) as caught:
        Database.open(place, create=True)
    assert "secret" not in str(caught.value)


def test_a_text_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("just notes, " * 100)
    with pytest.raises(DataError, match="not a database"):
        Database.open(path)


def test_sqlite_writes_ahead_and_keeps_foreign_keys(tmp_path: Path) -> None:
    with Database.open(tmp_path / "records.db", create=True) as database, database.reading() as connection:
        found: list[Any] = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")
        ]
    assert found == ["wal", 1]
