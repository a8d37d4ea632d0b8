"""A database of a dozen different records, written without the importer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from udt.core.vocabulary import Vocabulary
from udt.records.database.database import Database
from udt.records.database.models import (
    Caption,
    Case,
    Certainty,
    ConceptRow,
    Image,
    Maker,
    Provenance,
    ReviewState,
    Sample,
    SampleLabel,
    Source,
    Split,
)

BREAST = ("Breast and Axilla", "Breast")
URINARY = ("Urinary Tract and male reproductive system", "Kidney and ureter")
LIVER = ("Abdomen and retroperitoneum", "Liver")


@dataclass(frozen=True)
class Example:
    """A sample; labels and denied labels by dimension key."""

    source: str
    case: str
    split: Split | None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    denied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    caption: str | None = "A caption."
    image: str | None = "a.png"
    review: ReviewState = ReviewState.UNREVIEWED


def _at(place: tuple[str, str], **labels: tuple[str, ...] | str) -> dict[str, tuple[str, ...]]:
    found = {key: (value,) if isinstance(value, str) else value for key, value in labels.items()}
    return {"body_system": (place[0],), "organ": (place[1],), **found}


SIMPLE = {
    "diagnosis": "cyst",
    "echogenicity": "anechoic",
    "margins": "well-defined",
    "posterior_acoustics": "enhancement",
}
BOTH = {"body_system": (LIVER[0], URINARY[0]), "organ": (LIVER[1], URINARY[1])}

EXAMPLES = (
    Example("one", "c/1", Split.TRAIN, _at(URINARY, **SIMPLE), caption="Kidney: simple cyst, 雲."),
    Example("one", "c/1", Split.TRAIN, _at(LIVER, **SIMPLE, internal_characteristics="septations")),
    Example(
        "one",
        "c2",
        Split.VALID,
        _at(BREAST, diagnosis="mass", shape="irregular", echogenicity="hypoechoic", posterior_acoustics="shadowing"),
    ),
    Example(
        "one",
        "c2",
        Split.VALID,
        _at(BREAST, diagnosis="nodule", echogenicity="hypoechoic", posterior_acoustics="shadowing"),
        {"internal_characteristics": ("calcifications",)},
    ),
    Example(
        "one",
        "c3",
        Split.TEST,
        _at(URINARY, diagnosis="cyst", echogenicity="anechoic", internal_characteristics="solid components"),
    ),
    Example("one", "c3", Split.TEST, _at(LIVER, vascularity=("no vascularity", "increased vascularity"))),
    Example("one", "c4", Split.TEST, {}, caption=None),
    Example("two", "c/1", None, {**BOTH, **{key: (value,) for key, value in SIMPLE.items()}}),
    Example(
        "two", "c/1", None, _at(LIVER, diagnosis=("cyst", "mass"), internal_characteristics="septations"), image=None
    ),
    Example("two", "c5", None, {}, {"diagnosis": ("cyst",), "organ": ("Liver",)}),
    Example("two", "c6", None, {"body_system": ("Thorax",)}),
    Example("two", "c7", None, _at(LIVER, **SIMPLE), review=ReviewState.REJECTED),
)
KEPT = tuple(one for one in EXAMPLES if one.review != ReviewState.REJECTED)


@pytest.fixture(scope="session")
def db(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Path:
    """The file of a database with the samples of `EXAMPLES`, ids from 1."""
    path = tmp_path_factory.mktemp("db") / "records.db"
    with Database.open(path, create=True) as database, database.writing() as connection:
        fill(connection, vocabulary, path.parent)
    return path


@pytest.fixture
def connection(db: Path) -> Iterator[Connection]:
    with Database.open(db) as database, database.reading() as found:
        yield found


def fill(connection: Connection, vocabulary: Vocabulary, root: Path) -> None:
    """Write `EXAMPLES`, with `root` as the image folder of their sources."""
    sources = list(dict.fromkeys(example.source for example in EXAMPLES))
    cases = list(dict.fromkeys((example.source, example.case) for example in EXAMPLES))
    concepts = [(d, label) for d in vocabulary.dimensions for label in range(len(d))]
    ids = {(d.key, d.labels[label]): id for id, (d, label) in enumerate(concepts, 1)}
    rows: dict[type, list[dict[str, object]]] = {
        Source: [{"id": n, "name": name, "licence": "CC0", "root": str(root)} for n, name in enumerate(sources, 1)],
        Case: [{"id": n, "source_id": sources.index(s) + 1, "key": key} for n, (s, key) in enumerate(cases, 1)],
        ConceptRow: [
            {
                "id": id,
                "iri": d.iris[n],
                "task": d.task,
                "dimension": d.key,
                "role": d.role,
                "label": d.labels[n],
                "position": n,
            }
            for id, (d, n) in enumerate(concepts, 1)
        ],
        Provenance: [{"id": 1, "maker": Maker.RULE, "detail": "test"}],
        **{table: [] for table in (Image, Caption, Sample, SampleLabel)},
    }
    texts = list(dict.fromkeys(example.caption for example in EXAMPLES if example.caption))
    rows[Caption] = [
        {"id": n, "text": text, "sha256": sha256(text.encode()).hexdigest()} for n, text in enumerate(texts, 1)
    ]
    for id, example in enumerate(EXAMPLES, 1):
        case = cases.index((example.source, example.case)) + 1
        if example.image:
            rows[Image].append({"id": id, "case_id": case, "path": f"{id}-{example.image}"})
        rows[Sample].append({
            "id": id, "case_id": case, "digest": f"{id:064d}", "split": example.split,
            "image_id": id if example.image else None,
            "caption_id": texts.index(example.caption) + 1 if example.caption else None, "review": example.review,
        })  # fmt: skip
        for certainty, labels in ((Certainty.PRESENT, example.labels), (Certainty.ABSENT, example.denied)):
            found = [(key, label) for key, values in labels.items() for label in values]
            rows[SampleLabel] += [
                {"sample_id": id, "concept_id": ids[one], "provenance_id": 1, "certainty": certainty} for one in found
            ]
    for table, values in rows.items():
        connection.execute(insert(table), values)
