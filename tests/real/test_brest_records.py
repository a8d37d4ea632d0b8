"""The BrEaST images with their BI-RADS descriptors: imported, validated, split, drawn, and read by the normaliser."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.locations import BREST
from udt import Normalizer
from udt.io.readers import stop
from udt.records.database.database import Database
from udt.records.database.models import Image, Sample, Split
from udt.records.importing.importer import ImportOutcome, Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import load_mapping
from udt.records.quality.duplicates import find_groups
from udt.records.quality.leakage import refuse_leaks
from udt.records.quality.plots import write_plots
from udt.records.quality.splitting import split_samples
from udt.records.quality.statistics import statistics
from udt.records.quality.validation import validate_records
from udt.taxonomy.model.taxonomy import Taxonomy

pytestmark = pytest.mark.skipif(not BREST.is_dir(), reason=f"the BrEaST images are not at {BREST}")

# Dimensions that the caption speaks of; what the reader thought of (diagnosis) is not in it.
_SAID = ("body_system", "organ", "shape", "margins", "echogenicity", "internal_characteristics", "posterior_acoustics")


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy.load()


def _import(database: Database, taxonomy: Taxonomy) -> ImportOutcome:
    mapping = load_mapping("brest", taxonomy)
    request = Request(
        "BrEaST", open_data_set(BREST / "brest.csv"), mapping, images=BREST / "images224", refuse_unknown=True
    )
    return run_import(database, request, taxonomy, stop, lambda *_: None)


def test_brest(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with Database.open(tmp_path / "records.db", create=True) as database:
        outcome = _import(database, taxonomy)
        assert (outcome.added, outcome.images, outcome.unknown, outcome.unseen) == (256, 256, {}, ())
        assert _import(database, taxonomy).unchanged == ["brest.csv"]
        assert validate_records(database, taxonomy, shacl=256) == []
        assert not find_groups(database)
        with database.writing() as connection:
            assert split_samples(connection) == {Split.TRAIN: 154, Split.VALID: 51, Split.TEST: 51}
            refuse_leaks(connection)
            numbers = statistics(connection)
        with database.session() as session:
            assert {(i.width, i.height) for i in session.scalars(select(Image))} == {(224, 224)}
    assert dict(numbers.organs) == {"Breast": 256}
    counts = dict(numbers.findings)
    assert (counts["shape: oval"], counts["echogenicity: hypoechoic"], counts["margins: well-defined"]) == (
        97,
        148,
        115,
    )
    assert (tmp_path / "stats" / "index.html") in write_plots(numbers, tmp_path / "stats")


def test_the_normaliser_reads_the_captions_as_the_mapping_does(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with Database.open(tmp_path / "records.db", create=True) as database:
        _import(database, taxonomy)
        with database.session() as session:
            samples = [
                (sample.caption.text, {(label.concept.dimension, label.concept.label) for label in sample.labels})
                for sample in session.scalars(select(Sample))
                if sample.caption
            ]
    normalizer, wrong = Normalizer(), []
    for text, labels in samples:
        read = normalizer.normalize(text).labels
        expected = {(key, label) for key, label in labels if key in _SAID}
        found = {(key, label) for key in _SAID for label in read[key]}
        if found != expected:
            wrong.append((text, sorted(found ^ expected)))
    assert wrong == []
