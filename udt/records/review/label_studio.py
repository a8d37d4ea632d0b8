"""Review in Label Studio: a labelling configuration with tasks, and decisions from its JSON export.

A task is one sample of one reviewer. Its data name the reviewer and the role, so that an export of several projects is
read back without a list of the users of the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from udt.core.errors import DataError
from udt.records.database.curation_models import ReviewRole
from udt.records.review.decisions import SCHEMA, DecisionFile, decision_file, listed
from udt.records.review.sheet_data import Sheet

_QUESTIONS = {
    "alignment": "The caption fits the image",
    "consistency": "The labels fit the caption and the image",
}
_ANSWERS = {"yes": True, "no": False}
_CONFIDENCE, _COMMENT, _DENIED = "confidence_", "comment", "denied"


def tasks(sheet: Sheet) -> list[dict[str, Any]]:
    """Return the tasks to import into a project of Label Studio, for `json.dumps`; images are in them as data URIs."""
    return [
        {
            "data": {
                "sample": one["id"],
                "reviewer": sheet.reviewer,
                "role": sheet.role.value,
                "image": one["image"],
                "caption": one["caption"],
                "labels": "\n".join(f"{label['dimension']}: {label['label']}" for label in one["labels"]) or "none",
                "denied": [{"value": label["iri"], "alias": label["label"]} for label in one["labels"]],
            }
        }
        for one in sheet.samples
    ]


def labelling_config(sheet: Sheet) -> str:
    """Return the labelling configuration of the project that the tasks go to (XML)."""
    view = Element("View")
    SubElement(view, "Image", name="image", value="$image", zoom="true")
    for name in ("caption", "labels"):
        SubElement(view, "Header", value=name.capitalize())
        SubElement(view, "Text", name=name, value=f"${name}")
    for name, question in _QUESTIONS.items():
        _choices(view, name, question, _ANSWERS)
    if sheet.role is ReviewRole.ADJUDICATION:
        SubElement(view, "Header", value="Labels that are wrong")
        SubElement(view, "Choices", name=_DENIED, toName="image", choice="multiple", value="$denied")
    for key, label in sheet.specialties.items():
        SubElement(view, "Header", value=f"Your confidence in the field {label}, once, 1 to 5")
        SubElement(view, "Rating", name=f"{_CONFIDENCE}{key}", toName="image", maxRating="5")
    SubElement(view, "Header", value="Comment")
    SubElement(view, "TextArea", name=_COMMENT, toName="image", rows="2", maxSubmissions="1", editable="true")
    indent(view)
    return tostring(view, encoding="unicode") + "\n"


def _choices(view: Element, name: str, question: str, answers: Mapping[str, bool]) -> None:
    SubElement(view, "Header", value=question)
    choices = SubElement(view, "Choices", name=name, toName="image", choice="single-radio", required="true")
    for key, answer in enumerate(answers, 1):
        SubElement(choices, "Choice", value=answer, hotkey=str(key) if name == "alignment" else str(key + 2))


def from_export(value: Sequence[Any], name: str) -> list[DecisionFile]:
    """Return the decisions in a JSON export of Label Studio, one file for each reviewer and role.

    Tasks without an annotation, and annotations that were cancelled, are open.

    :param name: of the export, for messages.
    :raises DataError: if a task was not made by `tasks`, or has several annotations or answers outside the set.
    """
    faults: list[str] = []
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for number, task in enumerate(value, 1):
        try:
            for document in _documents(task):
                key = (document["reviewer"], document["role"])
                one = found.setdefault(key, {**document, "decisions": [], "confidence": {}})
                one["decisions"] += document["decisions"]
                one["confidence"] |= document["confidence"]
        except DataError as error:
            faults.append(f"task {number} {error}")
    if faults:
        raise DataError(f"{name}: is no export of review tasks: {listed(faults)}")
    return [decision_file(one, name) for one in found.values()]


def _documents(task: object) -> Iterator[dict[str, Any]]:
    """Yield the decisions of a task: one document with one decision, or none.

    :raises DataError: if it cannot be read.
    """
    data = task.get("data") if isinstance(task, Mapping) else None
    if (
        not isinstance(task, Mapping)
        or not isinstance(data, Mapping)
        or not {"sample", "reviewer", "role"} <= set(data)
    ):
        raise DataError("lacks the data sample, reviewer and role; import the tasks of 'udt data review export'")
    listed_ones = task.get("annotations", [])
    if not isinstance(listed_ones, list) or not all(isinstance(one, Mapping) for one in listed_ones):
        raise DataError("has no list of annotations; export the project as JSON, not as JSON-MIN or CSV")
    given = [one for one in listed_ones if not one.get("was_cancelled")]
    if len(given) > 1:
        raise DataError(
            f"has {len(given)} annotations; a sample is decided once by {data['reviewer']}; delete the others"
        )
    for annotation in given:
        answers = _answers(annotation)
        decision = {"sample": data["sample"], "decided": _time(annotation), **answers["decision"]}
        document = {"schema": SCHEMA, "reviewer": data["reviewer"], "role": data["role"]}
        yield {**document, "confidence": answers["confidence"], "decisions": [decision]}


def _answers(annotation: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    decision: dict[str, Any] = {}
    confidence: dict[str, Any] = {}
    results = annotation.get("result")
    for result in results if isinstance(results, list) else []:
        name, value = result.get("from_name", ""), result.get("value", {})
        if name in _QUESTIONS:
            decision[name] = _answer(name, value.get("choices"))
        elif name == _DENIED:
            decision[_DENIED] = sorted(value.get("choices", []))
        elif name == _COMMENT:
            decision[_COMMENT] = "\n".join(value.get("text", []))
        elif name.startswith(_CONFIDENCE):
            confidence[name.removeprefix(_CONFIDENCE)] = value.get("rating")
    if missing := [name for name in _QUESTIONS if name not in decision]:
        raise DataError(f"has no answer to {' and '.join(missing)}; finish it in Label Studio, or leave it unsubmitted")
    return {"decision": decision, "confidence": confidence}


def _answer(name: str, choices: object) -> bool:
    if isinstance(choices, list) and len(choices) == 1 and choices[0] in _ANSWERS:
        return _ANSWERS[choices[0]]
    raise DataError(f"answers {name} by {choices!r}; allowed: yes or no")


def _time(annotation: Mapping[str, Any]) -> str:
    """Return the time of the last change of an annotation in UTC.

    :raises DataError: if it has none.
    """
    text = str(annotation.get("updated_at") or annotation.get("created_at") or "")
    try:
        time = datetime.fromisoformat(re.sub("Z$", "+00:00", text))
    except ValueError as error:
        raise DataError(f"has the time {text!r}, which is not ISO 8601") from error
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
