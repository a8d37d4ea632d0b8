"""All facts about one sample."""

from __future__ import annotations

import json

import pytest

from tests.records.conftest import Load, add_curation
from udt.core.errors import DataError
from udt.records.browsing.details import find_sample, sample_details
from udt.records.database.database import Database
from udt.records.database.models import Sample


def test_everything_is_there(varied: Database) -> None:
    with varied.session() as session:
        add_curation(session, session.get_one(Sample, 1))
    with varied.reading() as connection:
        found = sample_details(connection, 1)
    json.dumps(found)
    assert (found["source"], found["case"], found["split"], found["review"]) == ("set", "0", "test", "unreviewed")
    assert found["image"]["path"] == "0.png" and found["image"]["media"] == "a.png" and found["image"]["width"] == 80
    assert found["parts"] == [7] and "part_of" not in found
    assert found["effective_labels"]["shape"] == ["oval"]
    (oval,) = [one for one in found["labels"] if one["label"] == "oval"]
    assert (oval["dimension"], oval["certainty"], oval["by"]) == ("shape", "present", "set")
    assert found["flags"][0]["detail"] == "two panels"
    assert found["made_captions"][0]["style"] == "plain"
    (review,) = found["reviews"]
    assert (review["reviewer"], review["alignment"], review["consistency"]) == ("Ward", True, False)
    assert review["confidence"] == {"liver": 5}
    with varied.reading() as connection:
        assert sample_details(connection, 7)["part_of"] == 1


def test_evidence_and_findings_of_the_normaliser(load: Load, database: Database) -> None:
    load([{"case": "1", "caption": "Liver: no cyst. Hypoechoic mass."}], normalize=True)
    with database.reading() as connection:
        found = sample_details(connection, 1)
    (cyst,) = [one for one in found["labels"] if one["label"] == "cyst"]
    assert (cyst["certainty"], cyst["evidence"], cyst["cue"], cyst["maker"]) == ("absent", "cyst", "no", "rule")
    assert {one["certainty"] for one in found["findings"]} == {"present", "absent"}


def test_a_sample_is_found_by_id_or_digest(varied: Database) -> None:
    with varied.reading() as connection:
        digest = sample_details(connection, 4)["digest"]
        assert find_sample(connection, "4") == find_sample(connection, digest[:10]) == 4
        for name in ("99", "xyz", digest[:5] + "zz", "0000000000"):
            with pytest.raises(DataError, match=f"there is no sample '{name}'; give an id, or 6 characters"):
                find_sample(connection, name)
