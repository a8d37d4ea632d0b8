"""Attributes of findings: which words are read, of which finding, and with which certainty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from udt import Normalizer
from udt.core.report import Finding, Report

from ..reading import Read

Attributes = dict[str, tuple[str, ...]]


def attributes_of(report: Report) -> list[Attributes]:
    """Return the attributes of each finding that has any, in order."""
    return [dict(finding.attributes) for finding in report.findings if finding.attributes]


def finding_with(report: Report, label: str) -> Finding:
    """Return the only finding whose attributes have a label."""
    (found,) = [f for f in report.findings if any(label in labels for labels in f.attributes.values())]
    return found


def case(text: str, *attributes: Attributes, id: str) -> object:
    return pytest.param(text, list(attributes), id=id)


MILD: Attributes = {"severity": ("mild",)}
MODERATE: Attributes = {"severity": ("moderate",)}


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        case("Moderate hydronephrosis.", MODERATE, id="before the name"),
        case("Moderate left renal hydronephrosis.", MODERATE, id="before a side and an organ"),
        case("The hydronephrosis is moderate.", MODERATE, id="predicate"),
        case("Hydronephrosis: moderate.", MODERATE, id="after a colon"),
        case("Hydronephrosis of the left kidney (moderate).", MODERATE, id="in brackets, after a complement"),
        case("Mild hydroureter and moderate hydronephrosis.", MILD, MODERATE, id="each its own"),
        case("Mild to moderate hydronephrosis.", {"severity": ("mild", "moderate")}, id="a range"),
        case("A moderately dilated ureter.", MODERATE, id="adverb of a finding"),
        case("A mildly hyperechoic nodule.", id="adverb of another attribute"),
        case("Mild posterior enhancement behind the nodule.", id="degree of another attribute"),
        case("A mild winter. Nodule in the thyroid.", id="no finding in the sentence"),
        case("The kidney is mild.", id="a degree needs a finding"),
        case("Left ventricular function is moderately reduced.", MODERATE, id="adverb of a predicate"),
        case("Acute cholecystitis.", {"acuity": ("acute",)}, id="inside a name"),
        case("Right portal vein thrombosis.", id="laterality is not read as an attribute"),
    ],
)
def test_common_words_describe_the_finding_that_a_noun_names(
    read: Read, text: str, attributes: list[Attributes]
) -> None:
    assert attributes_of(read(text)) == attributes


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        case(
            "Solid, markedly hypoechoic, taller-than-wide nodule in the thyroid.",
            {
                "shape_ratio": ("taller-than-wide",),
                "echogenicity_degree": ("very hypoechoic",),
                "composition": ("solid",),
            },
            id="list of adjectives",
        ),
        case("Breast mass, not parallel.", {"orientation": ("not parallel",)}, id="apposition"),
        case("A 9 mm cyst. Stable.", {"change_over_time": ("unchanged",)}, id="sentence of its own"),
        case("A 9 mm cyst. Unchanged, as expected.", {"change_over_time": ("unchanged",)}, id="opens its sentence"),
        case("Increased vascularity of the nodule.", id="no growth"),
        case("The nodule has grown since then.", {"change_over_time": ("increased",)}, id="verb"),
        case("Nodule in the left lobe, 7 x 5 mm, new.", {"change_over_time": ("new",)}, id="behind a size"),
        case("The stone is no longer seen.", {"change_over_time": ("resolved",)}, id="change of a denied finding"),
        case("Two small stones in the gallbladder.", {"count": ("two",)}, id="count"),
        case("A polyp with a single feeding vessel.", {"vascular_distribution": ("feeding vessel",)}, id="no count"),
        case("The gallbladder contains a mobile stone.", {"mobility": ("mobile",)}, id="mobility"),
        case("Thyroid nodule, 12 mm. TR5.", {"acr_ti_rads": ("TI-RADS 5",)}, id="category of the finding before it"),
        case("Breast mass, BI-RADS category: 4A.", {"bi_rads": ("BI-RADS 4A",)}, id="words before a number"),
        case("Grade II hydronephrosis.", {"grade": ("grade 2",)}, id="grade without a scale"),
        case("Thyroid: left mid: nodule, 9 mm.", {"vessel_level": ("mid",)}, id="common word in a heading"),
        case("Fibroid at the posterior wall.", {"aspect": ("posterior",)}, id="place after a preposition"),
        case("A stone of 9 mm in the neck, impacted.", {"mobility": ("impacted",)}, id="size in the complement"),
        case("Two lymph nodes keep their hilum.", {"count": ("two",)}, id="no value without its adjective"),
        case(
            "A node on the right keeps its fatty hilum.",
            {"node_morphology": ("preserved fatty hilum",)},
            id="structure in the name of an attribute",
        ),
        case(
            "Inguinal hernia containing bowel loops, reducible.",
            {"reducibility": ("reducible",), "composition": ("bowel-containing",)},
            id="structure in the name of another attribute",
        ),
        case("Renal cyst, slightly larger.", {"change_over_time": ("increased",)}, id="adverb in a change"),
        case(
            "The vein is patent and compressible.",
            {"compressibility": ("compressible",)},
            id="two predicates of a structure are one state",
        ),
        case("Nonobstructing stone.", {"obstruction": ("nonobstructing",)}, id="negation in a label"),
        case("Interval decrease in size of the cyst.", {"change_over_time": ("decreased",)}, id="noun of change"),
        case("No interval change in the cyst.", {"change_over_time": ("unchanged",)}, id="denied change"),
        case(
            "UTERUS: Fibroids:\n- intramural, 2 cm",
            {"fibroid_position": ("intramural",)},
            id="member of a list",
        ),
        case(
            "Nodule with irregular margins and punctate echogenic foci.",
            {"margin_detail": ("irregular margin",), "echogenic_foci": ("punctate echogenic foci",)},
            id="noun phrase of its own",
        ),
        case(
            "Mild ascites.",
            {"severity": ("mild",), "fluid_amount": ("small amount",), "ascites_amount": ("ascites grade 1",)},
            id="several dimensions in one phrase",
        ),
        case("Small cyst in the liver.", id="an amount needs fluid"),
        case("Left testis with a cyst, septations not seen.", id="a denied finding is no hidden structure"),
        case("Oedema of the leg.", id="a breast feature needs a breast"),
        case("Oedema of the left breast.", {"associated_features": ("edema",)}, id="breast feature"),
        case("轻度脂肪肝。", {"severity": ("mild",), "steatosis_grade": ("steatosis grade 1",)}, id="Chinese"),
    ],
)
def test_attributes_belong_to_the_finding_of_their_phrase(read: Read, text: str, attributes: list[Attributes]) -> None:
    assert attributes_of(read(text)) == attributes


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param("The popliteal vein is compressible.", "compressible", id="affirmed"),
        pytest.param("The popliteal vein is not compressible.", "non-compressible", id="label with not"),
        pytest.param("The popliteal vein does not compress.", "non-compressible", id="verb"),
        pytest.param("The polyp is without evidence of being mobile.", "immobile", id="denial of a value"),
        pytest.param("There is no tenderness.", "non-tender", id="no structure"),
        pytest.param("The pancreas was not visualised.", "not visualised", id="quality"),
        pytest.param("BI-RADS 4A.", "BI-RADS 4A", id="category"),
        pytest.param("Portal vein flow is hepatopetal.", "hepatopetal", id="flow"),
    ],
)
def test_a_state_needs_no_named_finding(read: Read, text: str, label: str) -> None:
    finding = finding_with(read(text), label)
    assert finding.certainty == "present"


def test_a_structure_has_its_state_and_the_lesion_beside_it_has_not(read: Read) -> None:
    report = read("The liver has a coarse echotexture with a mobile stone in the gallbladder.")
    structure, lesion = finding_with(report, "coarse"), finding_with(report, "mobile")
    assert (structure.organ, structure.attributes) == ("Liver", {"echotexture": ("coarse",)})
    assert lesion.attributes == {"mobility": ("mobile",)}


def test_a_denied_finding_has_denied_attributes(read: Read) -> None:
    report = read("No severe stenosis of the carotid artery.")
    (finding,) = report.findings
    assert (finding.certainty, finding.attributes) == ("absent", {"severity": ("severe",)})
    (evidence,) = [e for e in finding.evidence if e.dimension == "severity"]
    assert (evidence.text, evidence.certainty, evidence.cue) == ("severe", "absent", "No")
    assert report.attributes == {}


def test_an_attribute_of_a_denied_finding_is_not_affirmed(read: Read) -> None:
    report = read("No thrombus; the vein is compressible.")
    assert finding_with(report, "compressible").certainty == "present"


def test_a_hedge_makes_an_attribute_possible(read: Read) -> None:
    (finding,) = read("Possible severe hydronephrosis.").findings
    (evidence,) = [e for e in finding.evidence if e.dimension == "severity"]
    assert (evidence.certainty, evidence.cue) == ("possible", "Possible")


def test_the_report_has_the_attributes_of_its_findings(read: Read) -> None:
    report = read("Mild hydroureter. Severe hydronephrosis. No acute cholecystitis.")
    assert report.attributes == {"severity": ("mild", "severe")}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("HISTORY: severe hydronephrosis.\n\nFINDINGS: Normal liver.", id="history"),
        pytest.param("Ultrasound of a dog with severe hydronephrosis.", id="animal"),
        pytest.param("Normal spleen. Arrow = severe hydronephrosis.", id="legend"),
    ],
)
def test_attributes_of_excluded_findings_are_left_out(read: Read, text: str) -> None:
    assert read(text).attributes == {}


def test_spans_are_those_of_the_text(read: Read) -> None:
    text = "Spleen normal.  Marked   splenomegaly \u2013 *chronic*, and an acute-on-chronic pancreatitis."
    report = read(text)
    attributes = [e for e in report.evidence if e.dimension in report.attributes]
    assert {e.dimension for e in attributes} == {"severity", "acuity"}
    assert all(text[e.start : e.end] == e.text for e in attributes)


FAR = "The cyst was measured three times by several people, glimmering."
PREFIXES = """@prefix ns: <https://w3id.org/udt/ns#> .
@prefix uhat: <https://w3id.org/udt/uhat/> .
@prefix udaf: <https://w3id.org/udt/udaf/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
GLEAM = """ns:GleamValue a owl:Class ; rdfs:subClassOf ns:Value .
udaf:gleam a ns:Dimension , skos:Concept ; skos:prefLabel "gleam"@en ; ns:key "gleam" ;
    ns:valueClass ns:GleamValue SWITCHES .
udaf:gleam.faint a ns:GleamValue , skos:Concept ; skos:prefLabel "glimmering"@en ; skos:broader udaf:gleam ;
    ns:opposite udaf:gleam.none .
udaf:gleam.none a ns:GleamValue , skos:Concept ; skos:prefLabel "lacklustre"@en ; skos:broader udaf:gleam .
"""
SWITCHES = {
    "": "a",
    "; ns:standsAlone true": "b",
    "; ns:adjacentOnly true": "c",
    "; ns:namedOnly true": "d",
    "; ns:qualifies udaf:diagnosis.cyst": "e",
    "; ns:qualifies uhat:liver": "f",
    "; ns:reading ns:NotRead": "g",
}
"""Properties of a dimension to the letter at the end of its name and of the words for its values."""


def _lettered(text: str, letter: str) -> str:
    return re.sub("gleam|glimmering|lacklustre", rf"\g<0>{letter}", re.sub("GleamValue", f"Gleam{letter}Value", text))


@pytest.fixture(scope="module")
def switched(tmp_path_factory: pytest.TempPathFactory) -> Normalizer:
    """Return a normaliser with a dimension for each of `SWITCHES`."""
    path = tmp_path_factory.mktemp("switches") / "gleam.ttl"
    dimensions = (_lettered(GLEAM.replace("SWITCHES", switches), letter) for switches, letter in SWITCHES.items())
    path.write_text(PREFIXES + "".join(dimensions), "utf-8")
    return Normalizer([path])


@pytest.mark.parametrize(
    ("switches", "text", "labels"),
    [
        pytest.param("", "A glimmering cyst.", ("glimmering",), id="phrase"),
        pytest.param("", FAR, ("glimmering",), id="far"),
        pytest.param("", "The liver is glimmering.", (), id="structure"),
        pytest.param("", "The cyst is not glimmering.", ("lacklustre",), id="opposite"),
        pytest.param("; ns:standsAlone true", "The liver is glimmering.", ("glimmering",), id="stands alone"),
        pytest.param("; ns:adjacentOnly true", FAR, (), id="adjacent only"),
        pytest.param("; ns:namedOnly true", "A glimmering hypoechoic area.", ("glimmering",), id="name"),
        pytest.param("; ns:namedOnly true", "Glimmering increased echogenicity.", (), id="no name"),
        pytest.param("; ns:qualifies udaf:diagnosis.cyst", "A glimmering cyst.", ("glimmering",), id="qualifies"),
        pytest.param("; ns:qualifies uhat:liver", "A glimmering cyst in the spleen.", (), id="another organ"),
        pytest.param("; ns:qualifies uhat:liver", "Glimmering cyst in segment V.", ("glimmering",), id="part of it"),
        pytest.param("; ns:reading ns:NotRead", "A glimmering cyst.", (), id="not read"),
    ],
)
def test_switches_of_a_dimension(switched: Normalizer, switches: str, text: str, labels: tuple[str, ...]) -> None:
    letter = SWITCHES[switches]
    report = switched.normalize(_lettered(text.replace("Glimmering", "glimmering"), letter))
    assert report.attributes.get(f"gleam{letter}", ()) == tuple(label + letter for label in labels)


def test_a_dimension_with_a_task_that_is_read_as_an_attribute_gives_labels(tmp_path: Path) -> None:
    path = tmp_path / "task.ttl"
    path.write_text(
        "@prefix ns: <https://w3id.org/udt/ns#> .\n@prefix udaf: <https://w3id.org/udt/udaf/> .\n"
        "udaf:tenderness ns:task 10 .\n",
        "utf-8",
    )
    report = Normalizer([path]).normalize("The appendix is tender. No tender lymph node.")
    assert report.labels["tenderness"] == ("tender",)
    assert "tenderness" not in report.attributes
    assert report.findings[0].labels["tenderness"] == ("tender",)


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        case(
            "Nodule, no calcification, TI-RADS 3.", {"acr_ti_rads": ("TI-RADS 3",)}, id="category after a denied list"
        ),
        case("Nodule, no flow (TI-RADS 3).", {"acr_ti_rads": ("TI-RADS 3",)}, id="category in brackets"),
        case("No BI-RADS 4 mass.", {"bi_rads": ("BI-RADS 4",)}, id="denied category"),
        case("No BI-RADS 4, 5 mass.", {"bi_rads": ("BI-RADS 4", "BI-RADS 5")}, id="denied list of categories"),
        case("ICA stenosis 70-99%, was <50%.", {"stenosis_degree": ("70% to near occlusion",)}, id="size of before"),
        case("The liver is small with a coarse echotexture.", {"echotexture": ("coarse",)}, id="after *with*"),
        case("The gallbladder is well distended.", {"filling": ("well distended",)}, id="filling"),
        case(
            "The tendon shows loss of the fibrillar pattern.",
            {"fibrillar_pattern": ("fibrillar pattern lost",)},
            id="fibres",
        ),
        case("Marked hydronephrosis.", {"severity": ("marked",)}, id="degree as written"),
    ],
)
def test_attributes_in_clauses(read: Read, text: str, attributes: list[Attributes]) -> None:
    assert attributes_of(read(text)) == attributes


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        pytest.param("Consolidation with air bronchograms.", "lung consolidation", id="finding before the sign"),
        pytest.param("Lung point, so pneumothorax.", "pneumothorax", id="finding after the sign"),
        pytest.param("Consolidation without air bronchograms.", None, id="denied sign"),
        pytest.param("Lung point, no pneumothorax.", None, id="denied finding"),
        pytest.param("Normal lung with a lung point.", None, id="normal structure"),
        pytest.param("Lung point.", None, id="sign alone"),
    ],
)
def test_a_named_sign_marks_the_finding_beside_it(read: Read, text: str, marked: str | None) -> None:
    concepts = [f.concept.label for f in read(text).findings if f.concept is not None and "named_sign" in f.attributes]
    assert concepts == ([marked] if marked is not None else [])


@pytest.mark.parametrize(
    ("text", "directions"),
    [
        pytest.param("The portal vein shows reversed flow.", {"reversed", "hepatofugal"}, id="implied by the concept"),
        pytest.param("Hepatofugal flow in the portal vein.", {"hepatofugal"}, id="stated too"),
        pytest.param("No reversed flow in the portal vein.", {"reversed"}, id="denied"),
    ],
)
def test_attributes_that_a_concept_implies(read: Read, text: str, directions: set[str]) -> None:
    (finding,) = read(text).findings
    assert set(finding.attributes["flow_direction"]) - {"retrograde"} == directions
    assert {piece.label for piece in finding.evidence} >= directions
