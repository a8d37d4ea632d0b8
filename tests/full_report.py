"""A report with everything that a report can have, made by hand, so that it does not depend on reading."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from udt.core.report import (
    Evidence,
    Excluded,
    Finding,
    Interpretation,
    Measurement,
    NamedConcept,
    PatientInfo,
    Report,
    Section,
)

TEXT = (
    "45-year-old woman. FINDINGS: Uterus: two well-defined fibriods in the left uterine fundus, the larger 32 x 28 mm, "
    "previously 25 mm (March 2023), increased. Possibly an adenomyoma. No gallstones. Both ovaries are enlarged. "
    "Right kidney 100 x 40 x 50 mm. Left breast: 3 to 8 mm cyst at 3 o'clock. Aorta up to 20 mm, PSV > 120 cm/s. "
    "Compared with the spleen. IMPRESSION: Uterine fibroid."
)

FIBROID = NamedConcept("finding:uterine-fibroid", "uterine fibroid", ("MONDO:0007886", "SCTID:95315005"))
GALLSTONE = NamedConcept("finding:cholelithiasis", "cholelithiasis", ("MONDO:0005300",))
ADENOMYOMA = NamedConcept("finding:adenomyoma", "adenomyoma")
ENLARGED = NamedConcept("finding:ovarian-enlargement", "ovarian enlargement")
FUNDUS = NamedConcept("uhat:uterus_fundus", "fundus of uterus", ("UBERON:0013769",))
KIDNEY = NamedConcept("uhat:kidney-ureter_right-kidney", "right kidney")


def full_report(tasks: Sequence[str], id: str = "case 1") -> Report:
    """Return the report.

    :param tasks: keys of the dimensions with a classification task.
    """
    findings = tuple(_findings(tasks))
    return Report(
        id=id,
        text=TEXT,
        language="en",
        text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
        labels=_labels(
            tasks,
            organ=("Uterus", "Adnexa", "Kidney and ureter", "Breast", "Aorta"),
            diagnosis=("mass", "cyst"),
            margins=("well-defined",),
        ),
        possible=_labels(tasks),
        absent=_labels(tasks),
        sections=(Section("findings", 19, TEXT.index("IMPRESSION")), Section("impression", *_span("IMPRESSION: "))),
        findings=findings,
        taxonomy_version="0.1.0",
        tool_version="0.1.0",
        taxonomy_digest="0" * 64,
        excluded=(Excluded("uhat:spleen", *_span("spleen"), "spleen", "comparison"),),
        attributes={"severity": ("mild",)},
        patient=PatientInfo(45.0, "female"),
    )


def first_document(tasks: Sequence[str] = ("organ", "diagnosis")) -> dict[str, Any]:
    """Return a document of `udt-report/1`: a cyst with a size, and a kidney that is only named."""
    nothing: dict[str, list[str]] = {key: [] for key in tasks}
    size = {"values": [2.3], "unit": "cm", "values_mm": [23.0], "start": 5, "end": 11}
    evidence = {
        "dimension": "diagnosis", "label": "cyst", "concept": "udaf:diagnosis.cyst", "start": 0, "end": 4,
        "text": "cyst", "certainty": "present", "cue": None, "reason": None,
    }  # fmt: skip
    finding: dict[str, Any] = {
        "id": "f1", "certainty": "present", "section": None, "organ": "Liver", "laterality": None,
        "labels": nothing | {"organ": ["Liver"], "diagnosis": ["cyst"]}, "attributes": {"severity": ["mild"]},
        "measurements": [size], "evidence": [evidence], "start": 0, "end": 11,
    }  # fmt: skip
    kidney = finding | {"id": "f2", "organ": "Kidney and ureter", "measurements": [], "evidence": [], "attributes": {}}
    kidney["labels"] = nothing | {"organ": ["Kidney and ureter"]}
    return {
        "schema": "udt-report/1", "id": "old", "language": "en", "text_sha256": "0" * 64,
        "labels": nothing | {"organ": ["Liver", "Kidney and ureter"], "diagnosis": ["cyst"]},
        "possible": nothing, "absent": nothing, "attributes": {"severity": ["mild"]},
        "sections": [{"label": "findings", "start": 0, "end": 40}], "findings": [finding, kidney],
        "provenance": {"tool": "udt", "version": "0.2.0", "taxonomy": "0.2.0"},
    }  # fmt: skip


def _findings(tasks: Sequence[str]) -> list[Finding]:
    def finding(id: str, words: str, organ: str | None, **fields: Any) -> Finding:
        start, end = _span(words)
        given = {"certainty": "present", "section": "findings", "laterality": None, "measurements": (), "evidence": ()}
        given["labels"] = _labels(tasks, organ=(organ,)) if organ else _labels(tasks)
        return Finding(id=id, organ=organ, start=start, end=end, **given | fields)  # type: ignore[arg-type]

    fibroid = finding(
        "f1",
        "two well-defined fibriods in the left uterine fundus, the larger 32 x 28 mm",
        "Uterus",
        concept=FIBROID,
        laterality="left",
        labels=_labels(tasks, organ=("Uterus",), diagnosis=("mass",), margins=("well-defined",)),
        attributes={"severity": ("mild",)},
        measurements=(
            Measurement((32.0, 28.0), "mm", (32.0, 28.0), *_span("32 x 28 mm")),
            Measurement((25.0,), "mm", (25.0,), *_span("25 mm"), role="previous", examination="March 2023"),
        ),
        interpretations=(Interpretation(ADENOMYOMA, "possible", "Possibly", *_span("adenomyoma"), "adenomyoma"),),
        sites=(FUNDUS,),
        count=2,
        change="increased",
        evidence=(
            _evidence("concept", FIBROID.label, FIBROID.concept, "fibriods", reason="read as fibroids"),
            _evidence("diagnosis", "mass", "udaf:diagnosis.mass", "fibriods", reason="implied by finding:fibroid"),
            _evidence("margins", "well-defined", "udaf:margins.well-defined", "well-defined"),
            _evidence("site", FUNDUS.label, FUNDUS.concept, "uterine fundus"),
            _evidence("laterality", "left", "udaf:laterality.left", "left"),
        ),
    )
    gallstones = finding(
        "f2",
        "No gallstones",
        "Gallbladder and bile ducts",
        concept=GALLSTONE,
        certainty="absent",
        evidence=(_evidence("concept", GALLSTONE.label, GALLSTONE.concept, "gallstones", "absent", cue="No"),),
    )
    ovaries = finding(
        "f3",
        "Both ovaries are enlarged",
        "Adnexa",
        kind="state",
        concept=ENLARGED,
        laterality="bilateral",
        evidence=(_evidence("concept", ENLARGED.label, ENLARGED.concept, "enlarged"),),
    )
    kidney = finding(
        "f4",
        "Right kidney 100 x 40 x 50 mm",
        "Kidney and ureter",
        kind="organ",
        laterality="right",
        sites=(KIDNEY,),
        measurements=(Measurement((100.0, 40.0, 50.0), "mm", (100.0, 40.0, 50.0), *_span("100 x 40 x 50 mm")),),
        evidence=(_evidence("site", KIDNEY.label, KIDNEY.concept, "Right kidney"),),
    )
    cyst = finding(
        "f5",
        "3 to 8 mm cyst at 3 o'clock",
        "Breast",
        concept=NamedConcept("udaf:diagnosis.cyst", "cyst"),
        laterality="left",
        labels=_labels(tasks, organ=("Breast",), diagnosis=("cyst",)),
        measurements=(Measurement((3.0, 8.0), "mm", (3.0, 8.0), *_span("3 to 8 mm"), range=(3.0, 8.0)),),
        location={"clock": "3"},
        evidence=(_evidence("diagnosis", "cyst", "udaf:diagnosis.cyst", "cyst"),),
    )
    aorta = finding(
        "f6",
        "Aorta up to 20 mm, PSV > 120 cm/s",
        "Aorta",
        kind="organ",
        measurements=(
            Measurement((2.0,), "cm", (20.0,), *_span("up to 20 mm"), quantity="diameter", range=(None, 2.0)),
            Measurement(
                (120.0,),
                "cm/s",
                (120.0,),
                *_span("> 120 cm/s"),
                canonical_unit="cm/s",
                quantity="velocity",
                comparator=">",
                name="PSV",
            ),
        ),
        evidence=(_evidence("organ", "Aorta", "uhat:aorta", "Aorta"),),
    )
    again = finding(
        "f7",
        "Uterine fibroid",
        "Uterus",
        section="impression",
        concept=FIBROID,
        same_as="f1",
        evidence=(_evidence("concept", FIBROID.label, FIBROID.concept, "Uterine fibroid"),),
    )
    return [fibroid, gallstones, ovaries, kidney, cyst, aorta, again]


def _labels(tasks: Sequence[str], **labels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {key: labels.get(key, ()) for key in tasks}


def _span(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


def _evidence(
    key: str,
    label: str,
    concept: str,
    words: str,
    certainty: Any = "present",
    cue: str | None = None,
    reason: str | None = None,
) -> Evidence:
    return Evidence(key, label, concept, *_span(words), words, certainty, cue, reason)
