"""The report as a whole: its language, its JSON form, many texts at once."""

from __future__ import annotations

import hashlib
import json

import jsonschema
import pytest

from udt import Normalizer
from udt.core.errors import TaxonomyError
from udt.core.report_schema import report_schema
from udt.io.writers.vocabulary import DimensionKeys

from .reading import Read

REPORT = "FINDINGS:\nLeft kidney: possible 2.3 x 1.1 cm anechoic cyst without septations. IMPRESSION: Renal cyst.\n"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("The liver is normal.", "en", id="English"),
        pytest.param("肝脏正常。", "zh", id="Chinese"),
        pytest.param("肝脏 liver cyst", "zh", id="Chinese with English"),
        pytest.param("Le foie est de taille normale, sans kyste du rein gauche.", "fr", id="French"),
        pytest.param("", "en", id="nothing"),
        pytest.param("???", "en", id="signs alone"),
    ],
)
def test_language(read: Read, text: str, language: str) -> None:
    assert read(text).language == language


@pytest.mark.parametrize(
    "text", ["", "Nothing to say.", REPORT, "肝脏囊肿 3厘米。", "No liver cyst.\ud800", "Fetal ultrasound."]
)
def test_json_form(read: Read, text: str) -> None:
    written = read(text).to_dict()
    jsonschema.validate(json.loads(json.dumps(written)), report_schema())
    assert list(written["labels"]) == list(DimensionKeys.load().tasks)


def test_a_report_keeps_its_text(normalizer: Normalizer) -> None:
    report = normalizer.normalize(REPORT, "case 7")
    assert (report.id, report.text) == ("case 7", REPORT)
    assert report.text_sha256 == hashlib.sha256(REPORT.encode()).hexdigest()


def test_many(normalizer: Normalizer) -> None:
    reports = list(normalizer.normalize_many(["Liver cyst.", ("b", "Renal cyst."), "Mass."]))
    assert [report.id for report in reports] == ["1", "b", "3"]
    assert [report.labels["organ"] for report in reports] == [("Liver",), ("Kidney and ureter",), ()]


def test_many_is_lazy(normalizer: Normalizer) -> None:
    def texts():  # type: ignore[no-untyped-def]
        yield "Liver cyst."
        raise AssertionError("the second text was asked for before the first was given out")

    assert next(iter(normalizer.normalize_many(texts()))).labels["organ"] == ("Liver",)


def test_dimensions(normalizer: Normalizer) -> None:
    assert [dimension.key for dimension in normalizer.dimensions] == list(DimensionKeys.load().tasks)
    assert normalizer.dimensions[4].labels == ("well-defined", "ill-defined/indistinct")


def test_a_faulty_extension_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    extension = tmp_path / "faulty.ttl"
    extension.write_text("this is not Turtle", "utf-8")
    with pytest.raises(TaxonomyError, match=r"faulty\.ttl"):
        Normalizer([extension])
    with pytest.raises(TaxonomyError, match=r"absent\.ttl"):
        Normalizer([tmp_path / "absent.ttl"])


def test_every_finding_has_evidence_and_numbers_alone_are_read(normalizer: Normalizer) -> None:
    for text in ("Pre-void volume 310 ml.", "N2: PELVIS: 10.1 cm RK:"):
        assert all(finding.evidence for finding in normalizer.normalize(text).findings)
