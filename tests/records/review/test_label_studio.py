"""Label Studio: tasks, configuration, and its documented JSON export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import select

from tests.records.review.conftest import answered
from udt.core.errors import DataError
from udt.records.database.curation_models import Review, ReviewRole
from udt.records.database.database import Database
from udt.records.review.assignment import assign_adjudications, assign_reviews
from udt.records.review.label_studio import from_export, labelling_config, tasks
from udt.records.review.sheet_data import Sheet, read_sheet
from udt.records.review.specialties import specialties
from udt.records.review.storing import store_decisions
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.fixture
def sheet(reviewable: Database, taxonomy: Taxonomy) -> Sheet:
    assign_reviews(reviewable, ["Ann", "Bo"], per_sample=2)
    with reviewable.reading() as connection:
        return read_sheet(connection, "Ann", taxonomy)


def choice(name: str, *values: str) -> dict[str, Any]:
    return {"id": "x", "from_name": name, "to_name": "image", "type": "choices", "value": {"choices": list(values)}}


def result(alignment: str, consistency: str) -> list[dict[str, Any]]:
    rating = {"from_name": "confidence_liver", "to_name": "image", "type": "rating", "value": {"rating": 4}}
    text = {"from_name": "comment", "to_name": "image", "type": "textarea", "value": {"text": ["blurred"]}}
    return [choice("alignment", alignment), choice("consistency", consistency), rating, text]


def exported(made: Sequence[dict[str, Any]], results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return tasks as Label Studio exports them, each with one annotation."""
    times = {"created_at": "2026-01-02T04:04:05.123456Z", "updated_at": "2026-01-02T04:04:06.123456+01:00"}
    annotation = {"completed_by": 10, "was_cancelled": False, "ground_truth": False, "result": results, **times}
    return [
        {"id": i, "project": 83, **task, "annotations": [annotation], "predictions": []} for i, task in enumerate(made)
    ]


def test_the_configuration_names_the_data_of_the_tasks(sheet: Sheet) -> None:
    root = fromstring(labelling_config(sheet))
    used = {value[1:] for one in root.iter() for value in one.attrib.values() if value.startswith("$")}
    assert used <= set(tasks(sheet)[0]["data"])
    names = {one.attrib["name"] for one in root.iter() if "toName" in one.attrib}
    assert names == {"alignment", "consistency", "confidence_liver", "comment"}
    assert [one.attrib["value"] for one in root.iter("Choice")] == ["yes", "no"] * 2


def test_an_export_is_stored_as_decisions(sheet: Sheet, reviewable: Database, taxonomy: Taxonomy) -> None:
    value = exported(tasks(sheet), result("yes", "no"))
    value[0]["annotations"] = []
    value[1]["annotations"][0] = {**value[1]["annotations"][0], "was_cancelled": True}
    stored = store_decisions(reviewable, from_export(value, "export.json"), specialties(taxonomy))
    assert stored.new == 10
    columns = (Review.alignment, Review.consistency, Review.comment, Review.decided)
    with reviewable.reading() as connection:
        rows = connection.execute(select(*columns).where(Review.reviewer == "Ann", Review.decided.is_not(None))).all()
    assert set(rows) == {(True, False, "blurred", "2026-01-02T03:04:06.123Z")}


def test_an_adjudicator_denies_labels(sheet: Sheet, reviewable: Database, taxonomy: Taxonomy) -> None:
    for name in ("Ann", "Bo"):
        store_decisions(reviewable, [answered(reviewable, name, lambda _: False)], specialties(taxonomy))
    assign_adjudications(reviewable, ["Ward"])
    with reviewable.reading() as connection:
        senior = read_sheet(connection, "Ward", taxonomy)
    assert senior.role is ReviewRole.ADJUDICATION and 'name="denied"' in labelling_config(senior)
    oval = taxonomy["oval"].iri
    assert oval in [one["value"] for one in tasks(senior)[0]["data"]["denied"]]
    (file,) = from_export(exported(tasks(senior), [*result("yes", "yes"), choice("denied", oval)]), "export.json")
    assert {one.denied for one in file.decisions} == {(oval,)}
    assert store_decisions(reviewable, [file], specialties(taxonomy)).outcomes == {"corrected": 12}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda task: task.pop("data"), "task 1 lacks the data sample, reviewer and role"),
        (lambda task: task["data"].pop("reviewer"), "task 1 lacks the data sample, reviewer and role"),
        (lambda task: task.update(annotations="none"), "has no list of annotations; export the project as JSON"),
        (lambda task: task["annotations"].append(task["annotations"][0]), "has 2 annotations"),
        (lambda task: task["annotations"][0]["result"].pop(0), "has no answer to alignment"),
        (
            lambda task: task["annotations"][0].update(result=result("perhaps", "yes")),
            r"answers alignment by \['perhaps'\]",
        ),
        (lambda task: task["annotations"][0].update(updated_at="noon"), "has the time 'noon', which is not ISO 8601"),
        (lambda task: task["data"].update(sample=7), "has to be of the type string"),
    ],
    ids=["no data", "no reviewer", "no annotations", "two", "unanswered", "other answer", "time", "sample"],
)
def test_refusals(sheet: Sheet, spoil: Any, message: str) -> None:
    value = exported(tasks(sheet)[:1], result("yes", "yes"))
    spoil(value[0])
    with pytest.raises(DataError, match=message):
        from_export(value, "export.json")
