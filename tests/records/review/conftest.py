"""A database with images that can be reviewed, and decisions of reviewers."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from sqlalchemy import select

from tests.records.conftest import Load, sample
from udt.records.database.curation_models import Review, ReviewRole
from udt.records.database.database import Database
from udt.records.database.models import Sample
from udt.records.review.decisions import SCHEMA, DecisionFile, decision_file

REVIEWERS = ("Ann", "Bo", "Cy", "Di")
TIME = "2026-01-02T03:04:05Z"
LABELS = {"body_system": ["Abdomen and retroperitoneum"], "organ": ["Liver"], "shape": ["oval"]}


def picture(seed: int, size: int = 96) -> bytes:
    """A PNG file of smooth noise."""
    small = np.random.default_rng(seed).integers(0, 255, (8, 8), dtype=np.uint8)
    stream = io.BytesIO()
    Pillow.fromarray(small).resize((size, size), Pillow.Resampling.BICUBIC).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def reviewable(load: Load, database: Database, tmp_path: Path) -> Database:
    """Twelve samples of six cases with images, captions and labels."""
    (tmp_path / "images").mkdir()
    for number in range(12):
        (tmp_path / "images" / f"{number}.png").write_bytes(picture(number))
    load([sample(i // 2, i, **LABELS) for i in range(12)], images=tmp_path / "images")
    return database


def digests(database: Database, reviewer: str, role: ReviewRole = ReviewRole.REVIEW) -> list[str]:
    """Return the digests of the samples of a reviewer, by sample."""
    query = select(Sample.digest).join(Review, Review.sample_id == Sample.id).order_by(Sample.id)
    with database.reading() as connection:
        return list(connection.scalars(query.where(Review.reviewer == reviewer, Review.role == role)))


def document(reviewer: str, decisions: Iterable[Mapping[str, Any]], **changes: Any) -> dict[str, Any]:
    """Return a file of decisions as JSON has it."""
    plain = {"schema": SCHEMA, "reviewer": reviewer, "role": "review", "confidence": {}, "decisions": list(decisions)}
    return plain | changes


def decided(digest: str, alignment: bool = True, consistency: bool = True, **more: Any) -> dict[str, Any]:
    return {"sample": digest, "alignment": alignment, "consistency": consistency, "decided": TIME, **more}


def answered(database: Database, reviewer: str, answer: Callable[[int], bool], **changes: Any) -> DecisionFile:
    """Return the decisions of a reviewer on all of his or her samples; `answer` gets their numbers."""
    role = ReviewRole(changes.get("role", "review"))
    found = enumerate(digests(database, reviewer, role))
    return decision_file(document(reviewer, [decided(one, answer(i)) for i, one in found], **changes), "a.json")
