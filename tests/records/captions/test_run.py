"""Captions are made for the samples of a database, once, and beside the captions that they have."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.records.conftest import Load, sample
from udt.core.errors import DataError
from udt.records.captions.engines import GrammarEngine
from udt.records.captions.run import CaptionOutcome, CaptionRequest, caption_samples
from udt.records.database.curation_models import MadeCaption
from udt.records.database.database import Database
from udt.records.database.effective_labels import label_certainties
from udt.records.database.models import Caption, Certainty, Maker, Provenance, Sample, SampleLabel
from udt.taxonomy.model.taxonomy import Taxonomy

LIVER = {"body_system": ["Abdomen and retroperitoneum"], "organ": ["Liver"]}


def _made(database: Database, taxonomy: Taxonomy, style: str = "report", **options: Any) -> CaptionOutcome:
    request = CaptionRequest(options.pop("language", "en"), **options)
    engine = GrammarEngine(taxonomy, request.language, style)
    return caption_samples(database, engine, request, taxonomy, lambda *_: None)


def _texts(database: Database) -> list[tuple[str, str, str]]:
    query = select(MadeCaption.language, MadeCaption.style, Caption.text).join(Caption).order_by(MadeCaption.sample_id)
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_captions_are_made_once(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load([sample(1, 1, **LIVER, diagnosis=["cyst"]), sample(2, 2), sample(3, 3, organ=["Liver"])])
    outcome = _made(database, taxonomy)
    assert (outcome.samples.read, dict(outcome.samples.left_out), outcome.used) == (
        1,
        {"also states Abdomen and retroperitoneum (present)": 1},
        0,
    )
    assert [(language, style) for language, style, _ in _texts(database)] == [("en", "report")]
    assert _made(database, taxonomy).samples.read == 0
    assert _made(database, taxonomy, overwrite=True).samples.read == 1
    assert _made(database, taxonomy, language="zh").samples.read == 1
    assert len(_texts(database)) == 2
    with database.session() as session:
        captions = {one.caption.text for one in session.scalars(select(Sample)) if one.caption}
        assert captions == {"caption 1", "caption 2", "caption 3"}


def test_a_sample_without_caption_may_get_one(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load([{"case": "1", "image": "1.png", **LIVER}, sample(2, 2, **LIVER)])
    assert _made(database, taxonomy, use=True).used == 1
    with database.session() as session:
        captions = [one.caption and one.caption.text for one in session.scalars(select(Sample).order_by(Sample.id))]
    assert captions == ["Sonography of the liver.", "caption 2"]


def test_a_data_set_has_to_exist(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load([sample(1, 1, **LIVER)])
    with pytest.raises(DataError, match="no data set 'other'"):
        _made(database, taxonomy, source="other")


def test_certainties_of_several_makers(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    """Present if one maker has it so; a denial counts alone, or if it is a person's."""
    names = ["cyst", "mass", "nodule", "fluid collection"]
    load([sample(1, 1, diagnosis=names)])
    vocabulary = taxonomy.vocabulary
    with database.session() as session:
        other, person = (Provenance(maker=maker, detail=maker.value) for maker in (Maker.MODEL, Maker.HUMAN))
        session.add_all([other, person])
        session.flush()
        by_name = {one.concept.label: one for one in session.scalars(select(SampleLabel))}
        sample_id = by_name["cyst"].sample_id
        for name, provenance, certainty in (
            ("cyst", other, Certainty.POSSIBLE),
            ("mass", person, Certainty.ABSENT),
            ("nodule", other, Certainty.ABSENT),
        ):
            label = SampleLabel(sample_id=sample_id, concept_id=by_name[name].concept_id, provenance_id=provenance.id)
            label.certainty = certainty
            session.add(label)
        by_name["fluid collection"].certainty = Certainty.POSSIBLE
    with database.reading() as connection:
        found = label_certainties(connection, vocabulary, [sample_id])[sample_id]
    dimension = vocabulary.keys.index("diagnosis")
    assert {name: found[dimension, vocabulary["diagnosis"].id(name)] for name in names} == {
        "cyst": Certainty.PRESENT,
        "mass": Certainty.ABSENT,
        "nodule": Certainty.PRESENT,
        "fluid collection": Certainty.POSSIBLE,
    }
