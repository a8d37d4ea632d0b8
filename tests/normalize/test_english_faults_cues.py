"""Small reports whose sentences were read wrong: flow, the scope of cues, compositions and ranges."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read
from udt.core.report import Report

REGULAR, SOME = "normal/regular vascularity", "indeterminate/inhomogeneous vascularity"
NONE, LESS = "no vascularity", "reduced/diminished vascularity"
ILL, WELL = "ill-defined/indistinct", "well-defined"


def _signed(report: Report) -> set[str]:
    """Return all labels but those of places: `?` before those that are possible, `-` before those that are denied."""
    keys = [key for key in report.labels if key not in {"body_system", "organ"}]
    given = {("?" if x in report.possible[key] else "") + x for key in keys for x in report.labels[key]}
    return given | {f"-{x}" for key in keys for x in report.absent[key]}


@pytest.mark.parametrize(
    ("text", "organs", "labels"),
    [
        pytest.param(
            "Peak systolic velocity is normal in the common carotid artery.",
            {"Peripheral arteries"},
            {REGULAR},
            id="f56",
        ),
        pytest.param("Triphasic waveforms in the left femoral artery.", {"Peripheral arteries"}, {REGULAR}, id="f57"),
        pytest.param("Antegrade vertebral flow bilaterally.", {"Peripheral arteries"}, {REGULAR}, id="f58"),
        pytest.param("No flow-limiting stenosis.", set(), set(), id="f59"),
        pytest.param("There is no abnormal flow.", set(), {REGULAR}, id="f60"),
        pytest.param("The scrotum did not show any sign of a mass.", {"Scrotum"}, {"-mass"}, id="f61"),
        pytest.param("HER2-negative tumour of the breast, hypoechoic.", {"Breast"}, {"mass", "hypoechoic"}, id="f62"),
        pytest.param(
            "Breast lesion without internal flow and with indistinct margins.", {"Breast"}, {NONE, ILL}, id="f63"
        ),
        pytest.param(
            "Septated cyst of the pancreas, suggestive of IPMN versus serous cystadenoma.",
            None,
            {"cyst", "septations", "?mass"},
            id="f64",
        ),
        pytest.param("Nodule 1: Circumscribed. Solid.", set(), {"nodule", WELL, "solid components"}, id="f70"),
        pytest.param(
            "Two nodules: one of 12 mm, solid; the other of 7 mm, cystic.",
            set(),
            {"nodule", "cyst", "solid components", "cystic components"},
            id="f71",
        ),
        pytest.param("Iso- to hypoechoic mass.", set(), {"mass", "isoechoic", "hypoechoic"}, id="f72"),
        pytest.param("Diffuse increase in its echogenicity.", set(), {"hyperechoic"}, id="f73"),
        pytest.param("Much less vascular than before.", set(), {LESS}, id="f74"),
        pytest.param(
            "The appearance would not support a diagnosis of abscess.", set(), {"-fluid collection"}, id="f76"
        ),
        pytest.param("Scrotum: -ve for torsion or mass.", {"Scrotum"}, {"-mass"}, id="f77"),
        pytest.param("Removal is planned once the collection has resolved.", set(), {"fluid collection"}, id="f79"),
        pytest.param("A low suspicion of torsion.", set(), set(), id="f80"),
    ],
)
def test_case(read: Read, text: str, organs: set[str] | None, labels: set[str]) -> None:
    report = read(text)
    assert organs is None or set(report.labels["organ"]) == organs
    assert _signed(report) == labels


@pytest.mark.parametrize(
    ("text", "certainties"),
    [
        pytest.param("No flow-limiting stenosis.", {"absent"}, id="f59"),
        pytest.param("Scrotum: -ve for torsion or mass.", {"absent"}, id="f77"),
        pytest.param("A low suspicion of torsion.", {"possible"}, id="f80"),
    ],
)
def test_certainty_of_findings_without_a_label(read: Read, text: str, certainties: set[str]) -> None:
    assert {finding.certainty for finding in read(text).findings} == certainties


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param("Resistive indices of the renal arteries are normal.", REGULAR, id="index, of-phrase"),
        pytest.param("RI within normal limits.", REGULAR, id="abbreviated index"),
        pytest.param("Velocities are within normal limits.", REGULAR, id="velocities"),
        pytest.param("Normal arterial waveforms.", REGULAR, id="waveforms"),
        pytest.param("Flow is unremarkable.", REGULAR, id="unremarkable"),
        pytest.param("Vertebral artery flow is antegrade.", REGULAR, id="direction as a predicate"),
        pytest.param("Hepatopetal portal flow.", REGULAR, id="hepatopetal"),
        pytest.param("Hepatofugal flow in the portal vein.", SOME, id="hepatofugal"),
        pytest.param("Retrograde flow in the left vertebral artery.", SOME, id="retrograde"),
        pytest.param("Turbulent flow at the anastomosis.", SOME, id="turbulent"),
        pytest.param("No abnormal internal vascularity.", REGULAR, id="no abnormal vascularity"),
        pytest.param("No flow abnormality.", REGULAR, id="no flow abnormality"),
        pytest.param("Without pathological flow.", REGULAR, id="no pathological flow"),
        pytest.param("Abnormal flow in the node.", SOME, id="abnormal flow"),
        pytest.param("The mass is moderately vascular.", SOME, id="moderately vascular"),
    ],
)
def test_flow(read: Read, text: str, label: str) -> None:
    report = read(text)
    assert report.labels["vascularity"] == (label,)
    assert "normal appearance" not in report.labels["diagnosis"]


@pytest.mark.parametrize(
    ("text", "organ"),
    [
        pytest.param("Popliteal flow is normal.", "Peripheral arteries", id="region"),
        pytest.param("Normal tibial waveforms.", "Peripheral arteries", id="bone"),
        pytest.param("Normal portal flow.", "Liver", id="vessel of an organ"),
        pytest.param("Testicular flow is normal.", "Scrotum", id="organ"),
        pytest.param("Normal renal flow.", "Kidney and ureter", id="another organ"),
    ],
)
def test_an_adjective_before_flow_names_a_vessel_or_an_organ(read: Read, text: str, organ: str) -> None:
    assert read(text).labels["organ"] == (organ,)
