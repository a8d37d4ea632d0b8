"""The schema refuses what it should, and follows its models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, func, select, text

from tests.records.conftest import add_curation, downgrade
from udt.core.errors import DataError
from udt.records.database.base import Base
from udt.records.database.database import Database
from udt.records.database.models import (
    Caption,
    Case,
    ConceptRow,
    Image,
    Maker,
    Provenance,
    Role,
    Sample,
    SampleLabel,
    Source,
    Split,
)
from udt.records.database.schema import METADATA, revision_of, revisions

HASH = "0" * 64


def _fill(database: Database) -> None:
    with database.session() as session:
        case = Case(key="1", source=Source(name="set"))
        image = Image(case=case, path="a.png")
        sample = Sample(case=case, image=image, caption=Caption(text="A cyst.", sha256=HASH), digest=HASH)
        concept = ConceptRow(iri="x:cyst", task=3, dimension="diagnosis", role=Role.DIAGNOSIS, label="cyst", position=1)
        made = Provenance(maker=Maker.RULE, detail="test")
        label = SampleLabel(sample=sample, concept=concept, provenance=made)
        label.evidence_start, label.evidence_end, label.evidence_text = 2, 6, "cyst"
        session.add_all([sample, label])


def _count(database: Database, model: type[Base]) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def test_migrations_agree_with_models(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


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
    "UPDATE concepts SET task = 0",
    "UPDATE concepts SET role = 'verb'",
    "UPDATE concepts SET role = NULL",
    "UPDATE concepts SET dimension = NULL",
    "UPDATE sample_labels SET evidence_end = 2",
    "UPDATE sample_labels SET evidence_text = NULL",
    "UPDATE sample_labels SET certainty = 'sure'",
    "DELETE FROM captions",
    "DELETE FROM concepts",
    "UPDATE media SET state = 'left-out'",
    "UPDATE media SET reason = 'no ultrasound'",
    "UPDATE media SET score = 1.5",
    "UPDATE image_origins SET media_id = NULL",
    "UPDATE image_origins SET width = 10",
    "UPDATE flags SET detail = ''",
    "UPDATE reviews SET alignment = NULL",
    "UPDATE reviews SET role = 'judge'",
    "UPDATE review_confidences SET confidence = 6",
)


def test_the_schema_refuses(database: Database) -> None:
    _fill(database)
    with database.session() as session:
        add_curation(session, session.scalars(select(Sample)).one())
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


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004"])
def test_an_older_database_is_brought_up_to_date(url: str, revision: str) -> None:
    with Database.open(url, create=True) as database, database.writing() as connection:
        downgrade(connection, revision)
    with Database.open(url) as database, database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert revision_of(connection) == revisions()[-1]


_OLD_CONCEPTS = [
    (1, "x:abdomen", 1, "body_system", "Abdomen", 0, None),
    (2, "x:liver", 2, "organ", "Liver", 0, 1),
    (3, "x:cyst", 3, "diagnosis", "cyst", 1, None),
    (4, "x:avascular", 9, "vascularity", "no flow", None, None),
]


def test_labels_outlive_the_upgrade_to_open_dimensions(url: str) -> None:
    """The concepts that labels refer to keep their ids, and get the roles of the nine dimensions."""
    with Database.open(url, create=True) as database, database.writing() as connection:
        downgrade(connection, "0002")
        _fill_old(connection)
    with Database.open(url) as database:
        with database.reading() as connection:
            rows = connection.execute(select(ConceptRow.id, ConceptRow.task, ConceptRow.role, ConceptRow.parent_id))
            assert sorted(map(tuple, rows)) == [
                (1, 1, Role.PLACE, None),
                (2, 2, Role.PLACE, 1),
                (3, 3, Role.DIAGNOSIS, None),
                (4, 9, Role.ATTRIBUTE, None),
            ]
            labels = connection.execute(select(SampleLabel.sample_id, SampleLabel.concept_id))
            assert sorted(map(tuple, labels)) == [(1, 1), (1, 2), (1, 3)]
        assert _accepts(database, "UPDATE concepts SET task = 10 WHERE id = 4")
        assert _accepts(database, "UPDATE concepts SET task = NULL WHERE id = 4")
        assert [one for one in REFUSED if "concepts" in one and _accepts(database, one)] == []


def _fill_old(connection: Connection) -> None:
    for statement in (
        "INSERT INTO sources (id, name) VALUES (1, 'set')",
        "INSERT INTO cases (id, source_id, key) VALUES (1, 1, '1')",
        f"INSERT INTO captions (id, text, sha256) VALUES (1, 'A cyst.', '{HASH}')",
        f"INSERT INTO samples (id, case_id, caption_id, digest, review) VALUES (1, 1, 1, '{HASH}', 'unreviewed')",
        "INSERT INTO provenances (id, maker, detail) VALUES (1, 'rule', 'test')",
    ):
        connection.execute(text(statement))
    columns = ("id", "iri", "task", "dimension", "label", "position", "parent_id")
    statement = text(f"INSERT INTO concepts ({', '.join(columns)}) VALUES ({', '.join(f':{c}' for c in columns)})")
    connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in _OLD_CONCEPTS])
    for concept in 1, 2, 3:
        connection.execute(
            text(
                "INSERT INTO sample_labels (sample_id, concept_id, provenance_id, certainty) "
                f"VALUES (1, {concept}, 1, 'present')"
            )
        )


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


def test_makers_outlive_the_upgrade_to_findings_and_get_their_versions(url: str) -> None:
    """Everything that older tables hold stays as it is; the version of a rule moves to a column of its own."""
    makers = [
        (1, "rule", "udt 0.1.0, taxonomy 0.2.0 (0123456789abcdef)"),
        (2, "rule", "our rules"),
        (3, "human", "Dr Ward"),
    ]
    with Database.open(url, create=True) as database:
        _fill(database)
        with database.writing() as connection:
            downgrade(connection, "0003")
            connection.execute(text("DELETE FROM sample_labels"))
            connection.execute(text("DELETE FROM provenances"))
            for row in makers:
                values = dict(zip(("id", "maker", "detail"), row, strict=True))
                connection.execute(text("INSERT INTO provenances VALUES (:id, :maker, :detail)"), values)
            connection.execute(text("INSERT INTO sample_labels VALUES (1, 1, 1, 'present', 2, 6, 'cyst', NULL)"))
    with Database.open(url) as database, database.reading() as connection:
        query = select(Provenance.id, Provenance.maker, Provenance.detail, Provenance.version, Provenance.taxonomy)
        assert sorted(map(tuple, connection.execute(query))) == [
            (*makers[0], "0.1.0", "0.2.0"),
            (*makers[1], None, None),
            (*makers[2], None, None),
        ]
        labels = select(SampleLabel.sample_id, SampleLabel.provenance_id, SampleLabel.evidence_text)
        assert list(map(tuple, connection.execute(labels))) == [(1, 1, "cyst")]
        assert _count(database, Caption) == _count(database, Sample) == 1
