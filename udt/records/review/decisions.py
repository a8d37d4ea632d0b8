"""Files of decisions, which reviewers download from their sheets: `udt-review-decisions/1`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from udt.core.errors import DataError
from udt.core.report_schema import faults_of, place_of
from udt.core.strict_json import parse_json
from udt.core.texts import brief, fault_of_text, one_line
from udt.records.database.curation_models import ReviewRole

SCHEMA = "udt-review-decisions/1"

_MOST_FAULTS = 10


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on one sample.

    :ivar sample: digest of the sample.
    :ivar alignment: whether the caption fits the image.
    :ivar consistency: whether the labels fit the caption and the image.
    :ivar decided: time in UTC, ISO 8601.
    :ivar denied: IRIs of the labels that an adjudicator found wrong.
    """

    sample: str
    alignment: bool
    consistency: bool
    decided: str
    comment: str | None = None
    denied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """The decisions of one reviewer.

    :ivar name: of the file, for messages.
    :ivar confidence: key of a specialty to a confidence from 1 to 5.
    """

    name: str
    reviewer: str
    role: ReviewRole
    confidence: Mapping[str, int]
    decisions: tuple[Decision, ...]


def decisions_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `udt-review-decisions/1`; a new copy at each call.

    >>> decisions_schema()["title"]
    'udt-review-decisions/1'
    """
    name = f"{SCHEMA.replace('/', '-')}.schema.json"
    found: dict[str, Any] = json.loads(files("udt.records.review").joinpath(name).read_text("utf-8"))
    return found


def read_json(path: Path) -> Any:
    """Read a JSON file.

    :raises DataError: if it cannot be read, or is not JSON.
    """
    try:
        return parse_json(path.read_text("utf-8-sig"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    except ValueError as error:
        raise DataError(f"{path}: is not JSON ({one_line(str(error))}); download it from the sheet again") from error


def decision_file(value: object, name: str) -> DecisionFile:
    """Return the decisions in a JSON value.

    :param name: of its file, for messages.
    :raises DataError: if it has another schema or version, or breaks the schema; the message lists the faults.
    """
    found = value.get("schema") if isinstance(value, Mapping) else None
    if found != SCHEMA:
        without = "has no 'schema'" if isinstance(value, Mapping) else "is no JSON object"
        got = f"has the schema '{brief(str(found))}'" if found else without
        hint = "download the decisions from a sheet of this version of udt"
        raise DataError(f"{name}: {got}; allowed: {SCHEMA}; {hint}")
    assert isinstance(value, Mapping)  # noqa: S101 - it has a schema
    if faults := list(_faults(value)):
        raise DataError(f"{name}: is no file of decisions: {listed(faults)}")
    decisions = tuple(map(_decision, value["decisions"]))
    return DecisionFile(name, value["reviewer"], ReviewRole(value["role"]), value["confidence"], decisions)


def listed(faults: list[str]) -> str:
    """Join faults for a message, the first of them if there are many."""
    more = f"; and {len(faults) - _MOST_FAULTS:,} more" if len(faults) > _MOST_FAULTS else ""
    return "; ".join(faults[:_MOST_FAULTS]) + more


def _faults(value: Mapping[str, Any]) -> Iterator[str]:
    from jsonschema import Draft202012Validator

    broken = False
    for error in Draft202012Validator(decisions_schema()).iter_errors(value):
        broken = True
        yield from (f"{place_of(error.absolute_path)} {fault}" for fault in faults_of(error))
    if not broken:
        counts = Counter(one["sample"] for one in value["decisions"])
        yield from (f"the sample {digest[:12]} is decided {n} times" for digest, n in counts.items() if n > 1)
        texts = [(f"the comment on {one['sample'][:12]}", one.get("comment", "")) for one in value["decisions"]]
        for place, text in [("'reviewer'", value["reviewer"]), *texts]:
            if fault := fault_of_text(text):
                yield f"{place} {fault}"
        if value["role"] != ReviewRole.ADJUDICATION and any(one.get("denied") for one in value["decisions"]):
            yield "only an adjudicator can deny labels"


def _decision(value: Mapping[str, Any]) -> Decision:
    comment = value.get("comment", "").strip() or None
    return Decision(
        value["sample"], value["alignment"], value["consistency"], value["decided"], comment,
        tuple(sorted(value.get("denied", ()))),
    )  # fmt: skip
