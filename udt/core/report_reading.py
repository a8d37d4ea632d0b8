"""Reports from their JSON objects, of `udt-report/2` and of the version before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from udt.core.report import (
    FIRST_SCHEMA,
    Evidence,
    Excluded,
    Finding,
    Interpretation,
    LabelSets,
    Measurement,
    NamedConcept,
    PatientInfo,
    Report,
    Section,
)


def report_from_dict(data: Mapping[str, Any]) -> Report:
    """Return the report of a JSON object that `udt.core.report_schema.report_faults` finds no fault with.

    The text is not in the object, so `Report.text` is empty. A finding of `udt-report/1` has no concept, site or link,
    and its sizes are current ones.
    """
    first = data["schema"] == FIRST_SCHEMA
    no_words = {"text": "", "cue": None} if "private" in data else {}
    patient = data.get("patient", {})
    return Report(
        id=data["id"],
        text="",
        language=data["language"],
        text_sha256=data["text_sha256"],
        labels=_labels(data["labels"]),
        possible=_labels(data["possible"]),
        absent=_labels(data["absent"]),
        sections=tuple(Section(**section) for section in data["sections"]),
        findings=tuple((_first_finding if first else _finding)(one, no_words) for one in data["findings"]),
        taxonomy_version=data["provenance"]["taxonomy"],
        tool_version=data["provenance"]["version"],
        taxonomy_digest=data["provenance"].get("taxonomy_sha256", ""),
        excluded=tuple(Excluded(**{"text": "", **one}) for one in data.get("excluded", ())),
        private="private" in data,
        attributes=_labels(data.get("attributes", {})),
        language_support=data.get("language_support", "full"),
        patient=PatientInfo(patient.get("age_years"), patient.get("sex")),
    )


def _labels(data: Mapping[str, list[str]]) -> LabelSets:
    return {key: tuple(values) for key, values in data.items()}


def _first_finding(data: Mapping[str, Any], no_words: Mapping[str, Any]) -> Finding:
    """Return a finding of `udt-report/1`; one that has only a place is an organ."""
    labels = _labels(data["labels"])
    attributes = _labels(data.get("attributes", {}))
    described = attributes or any(values for key, values in labels.items() if key not in {"body_system", "organ"})
    lists = {
        "labels": labels,
        "attributes": attributes,
        "measurements": tuple(
            Measurement(tuple(m["values"]), m["unit"], tuple(m["values_mm"]), m["start"], m["end"])
            for m in data["measurements"]
        ),
        "evidence": tuple(Evidence(**{**one, **no_words}) for one in data["evidence"]),
    }
    return Finding(**{**data, **lists}, kind="lesion" if described else "organ")


def _finding(data: Mapping[str, Any], no_words: Mapping[str, Any]) -> Finding:
    fields = {name: value for name, value in data.items() if name != "site"}
    return Finding(
        **{
            **fields,
            "concept": _concept(data["concept"]) if data["concept"] is not None else None,
            "interpretations": tuple(
                Interpretation(**{**one, **no_words, "concept": _concept(one["concept"])})
                for one in data["interpretations"]
            ),
            "sites": tuple(map(_concept, data["site"])),
            "labels": _labels(data["labels"]),
            "attributes": _labels(data["attributes"]),
            "measurements": tuple(map(_measurement, data["measurements"])),
            "evidence": tuple(Evidence(**{**one, **no_words}) for one in data["evidence"]),
        }
    )


def _concept(data: Mapping[str, Any]) -> NamedConcept:
    return NamedConcept(data["concept"], data["label"], tuple(data["codes"]))


def _measurement(data: Mapping[str, Any]) -> Measurement:
    canonical = data["canonical"]
    ends = data["range"]
    return Measurement(
        **{
            **data,
            "values": tuple(data["values"]),
            "canonical": tuple(canonical["values"]),
            "canonical_unit": canonical["unit"],
            "range": tuple(ends) if ends is not None else None,
        }
    )
