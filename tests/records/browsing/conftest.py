"""A database of samples of all kinds to look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from tests.core.test_image_copies import MADE, image
from tests.records.conftest import Load, sample
from udt.records.database.database import Database
from udt.records.database.models import ReviewState, Sample, Split


@pytest.fixture
def varied(load: Load, database: Database, tmp_path: Path) -> Database:
    """Six samples of two sources; the third has no image, and the fifth is a mirrored copy of the first."""
    (tmp_path / "images").mkdir()
    for number in range(5):
        image(number, 80, 64).save(tmp_path / "images" / f"{number}.png")
    image(0, 80, 64).transpose(MADE["mirrored"]).save(tmp_path / "images" / "4.png")
    liver = {"body_system": ["Abdomen and retroperitoneum"], "organ": ["Liver"]}
    first = [sample(0, 0, **liver, shape=["oval"]), sample(0, 1, **liver), {"case": "1", "caption": "=A cyst, oval."}]
    load(first, images=tmp_path / "images")
    second = [sample(0, number, shape=["oval", "irregular"]) for number in (3, 4, 9)]
    load(second, source="other", images=tmp_path / "images")
    with database.writing() as connection:
        connection.execute(update(Sample).where(Sample.id.in_([1, 4])).values(split=Split.TEST))
        connection.execute(update(Sample).where(Sample.id == 2).values(review=ReviewState.REJECTED))
    return database
