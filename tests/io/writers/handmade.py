"""A report with a value in every field, made by hand in the terms of the built-in taxonomy."""

from __future__ import annotations

import hashlib
from dataclasses import replace
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
from udt.io.writers.vocabulary import DimensionKeys

TEXT = (
    "UTERUS: Two intramural fibroids of the myometrium, the larger 5.8 x 4.4 cm, previously 5 cm (2024), severe. "
    "Possibly an adenomyoma. GALLBLADDER: No gallstones. Right kidney measures 10 x 4 x 5 cm. "
    "Bilateral hydronephrosis without calcifications. Stenosis of the left internal carotid artery of 50-69 %, "
    "PSV > 200 cm/s, normal up to 125 cm/s. Sister with hepatic cyst. Previous appendicitis. "
    "IMPRESSION: Fibroids, larger."
)

FIBROID = NamedConcept("finding:fibroid", "fibroid", ("NCIT:C3434", "RADLEX:RID4484"))
GALLSTONE = NamedConcept(
    "finding:cholelithiasis",
    "cholelithiasis",
    ("MONDO:0012672", "NCIT:C122822", "MESH:D002769", "RADLEX:RID4989", "HP:0001081"),
)
HYDRONEPHROSIS = NamedConcept("finding:hydronephrosis", "hydronephrosis", ("MONDO:0005510",))
STENOSIS = NamedConcept("finding:carotid-stenosis", "carotid stenosis")
ADENOMYOMA = NamedConcept("finding:adenomyoma", "adenomyoma")
APPENDICITIS = NamedConcept("finding:appendicitis", "appendicitis")
CYST = NamedConcept("udaf:diagnosis.cyst", "cyst")
MYOMETRIUM = NamedConcept("uhat:uterus_myometrium", "myometrium", ("UBERON:0001296",))
RIGHT_KIDNEY = NamedConcept("uhat:kidney-ureter_right-kidney", "right kidney")
CAROTID = NamedConcept("uhat:peripheral-arteries_internal-carotid-artery", "internal carotid artery")

PLACES = {
    "Uterus": "Gynaecology",
    "Gallbladder and bile ducts": "Abdomen and retroperitoneum",
    "Kidney and ureter": "Urinary Tract and male reproductive system",
}


def at(words: str) -> tuple[int, int]:
    """Return the first place of some words."""
    start = TEXT.index(words)
    return start, start + len(words)


def label_sets(**labels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {**dict.fromkeys(DimensionKeys.load().tasks, ()), **labels}


def evidence(dimension: str, label: str, concept: str, words: str, **others: Any) -> Evidence:
    return Evidence(dimension, label, concept, *at(words), words, **{"certainty": "present", **others})


def finding(id: str, words: str, organ: str | None = None, **fields: Any) -> Finding:
    start, end = at(words)
    own = fields.pop("own", {})
    labels = label_sets(**({"organ": (organ,), "body_system": (PLACES[organ],)} if organ else {}), **own)
    base = Finding(id, "present", None, organ, None, labels, (), (), start, end)
    return replace(base, **fields)


def size(words: str, *values: float, **others: Any) -> Measurement:
    return Measurement(values, "cm", tuple(10 * value for value in values), *at(words), **others)


FINDINGS = (
    finding(
        "f1",
        "Two intramural fibroids",
        "Uterus",
        own={"diagnosis": ("mass",)},
        section="uterus",
        concept=FIBROID,
        sites=(MYOMETRIUM,),
        location={"clock": "3", "figo": "intramural"},
        count=2,
        change="increased",
        attributes={"severity": ("severe",)},
        interpretations=(Interpretation(ADENOMYOMA, "possible", "Possibly", *at("adenomyoma"), "adenomyoma"),),
        measurements=(
            size("5.8 x 4.4 cm", 5.8, 4.4),
            size("5 cm (2024)", 5.0, role="previous", examination="2024"),
        ),
        evidence=(
            evidence("concept", "fibroid", FIBROID.concept, "fibroids"),
            evidence("site", "myometrium", MYOMETRIUM.concept, "myometrium"),
            evidence("diagnosis", "mass", "udaf:diagnosis.mass", "fibroids", reason="implied"),
            evidence("severity", "severe", "udaf:severity.severe", "severe"),
        ),
    ),
    finding(
        "f2",
        "No gallstones",
        "Gallbladder and bile ducts",
        certainty="absent",
        kind="state",
        concept=GALLSTONE,
        evidence=(
            evidence("concept", "cholelithiasis", GALLSTONE.concept, "gallstones", certainty="absent", cue="No"),
            evidence("organ", "Gallbladder and bile ducts", "uhat:gallbladder-bile-ducts", "GALLBLADDER"),
        ),
    ),
    finding(
        "f3",
        "Right kidney measures 10 x 4 x 5 cm",
        "Kidney and ureter",
        kind="organ",
        laterality="right",
        sites=(RIGHT_KIDNEY,),
        measurements=(size("10 x 4 x 5 cm", 10.0, 4.0, 5.0),),
        evidence=(evidence("organ", "Kidney and ureter", "uhat:kidney-ureter", "Right kidney"),),
    ),
    finding(
        "f4",
        "Bilateral hydronephrosis without calcifications",
        "Kidney and ureter",
        kind="state",
        laterality="bilateral",
        concept=HYDRONEPHROSIS,
        count="several",
        evidence=(
            evidence("laterality", "bilateral", "udaf:laterality.bilateral", "Bilateral"),
            evidence("concept", "hydronephrosis", HYDRONEPHROSIS.concept, "hydronephrosis"),
            evidence(
                "internal_characteristics",
                "calcifications",
                "udaf:internal.calcifications",
                "calcifications",
                certainty="absent",
                cue="without",
            ),
        ),
    ),
    finding(
        "f5",
        "Stenosis of the left internal carotid artery",
        kind="state",
        laterality="left",
        concept=STENOSIS,
        sites=(CAROTID,),
        measurements=(
            Measurement((50.0, 69.0), "%", (50.0, 69.0), *at("50-69 %"), "%", "fraction", range=(50.0, 69.0)),
            Measurement((2.0,), "m/s", (200.0,), *at("> 200 cm/s"), "cm/s", "velocity", comparator=">", name="PSV"),
            Measurement(
                (125.0,), "cm/s", (125.0,), *at("up to 125 cm/s"), "cm/s", "velocity", "reference", range=(None, 125.0)
            ),
        ),
        evidence=(evidence("concept", "carotid stenosis", STENOSIS.concept, "Stenosis"),),
    ),
    finding("f6", "hepatic cyst", concept=CYST, experiencer="other", own={"diagnosis": ("cyst",)}),
    finding("f7", "Previous appendicitis", kind="state", concept=APPENDICITIS, time="previous"),
    finding("f8", "Fibroids", "Uterus", concept=FIBROID, same_as="f1", section="impression", change="increased"),
)

REPORT = Report(
    id="case 1",
    text=TEXT,
    language="en",
    text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
    labels=label_sets(body_system=tuple(PLACES.values()), organ=tuple(PLACES), diagnosis=("mass",)),
    possible=label_sets(),
    absent=label_sets(internal_characteristics=("calcifications",)),
    sections=(Section("uterus", 0, 100), Section("impression", TEXT.index("IMPRESSION"), len(TEXT), "mammography")),
    findings=FINDINGS,
    taxonomy_version="0.2.0",
    tool_version="0.2.0",
    taxonomy_digest="ab" * 32,
    excluded=(Excluded("uhat:liver", *at("hepatic"), "hepatic", "history"),),
    attributes={"severity": ("severe",)},
    patient=PatientInfo(41.5, "female"),
)

UNKNOWN = Report(
    id="",
    text="Kein Tumor.",
    language="de",
    text_sha256=hashlib.sha256(b"Kein Tumor.").hexdigest(),
    labels=label_sets(),
    possible=label_sets(),
    absent=label_sets(),
    sections=(),
    findings=(
        Finding(
            "f1",
            "unknown",
            None,
            None,
            None,
            label_sets(diagnosis=("mass",)),
            (),
            (Evidence("diagnosis", "mass", "udaf:diagnosis.mass", 5, 10, "Tumor", "unknown"),),
            5,
            10,
        ),
    ),
    taxonomy_version="0.2.0",
    tool_version="0.2.0",
    language_support="terms",
)
"""A report in a language whose words of denial are not known."""
