"""Rows of tables, items of lists and telegraphic lines: what is one finding in them, its side and its sizes."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries
from udt.core.report import Finding, Report

HEADER = "Level | Side | Size (mm) | Hilum | Comment\n"


def line(one: Finding) -> str:
    """Return the side, the name, the level and the sizes of a finding in one line; one that is denied begins with -."""
    name = one.concept.label.lower().replace("lymph nodes", "lymph node") if one.concept is not None else str(one.organ)
    sizes = [" x ".join(f"{value:g}" for value in m.canonical) for m in one.measurements]
    words = [one.laterality or "", name, one.location.get("level", ""), ", ".join(sizes)]
    return "-" * (one.certainty == "absent") + " ".join(filter(None, words))


def lines(report: Report) -> list[str]:
    """Return a line for each finding and observation of a report."""
    return [line(one) for one in report.findings]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            HEADER + "II | R | 13 x 5 | present | oval, normal", ["right normal appearance II 13 x 5"], id="row"
        ),
        pytest.param(HEADER + "IV | L | 8 x 7 | absent | cystic change", ["left lymph node IV 8 x 7"], id="suspicious"),
        pytest.param(HEADER + "V | - | none | - | -", ["-lymph node V"], id="row of none"),
        pytest.param("Neck.\nN2: R level IV, 10 x 4 mm.", ["right lymph node IV 10 x 4"], id="numbered line"),
        pytest.param("Left level V: none.", ["-left lymph node V"], id="heading and none"),
        pytest.param("Level III: 9 mm node.", ["lymph node III 9"], id="line that names a node"),
        pytest.param("Levels II and III clear.", [], id="no item"),
        pytest.param("Level IV, 7 x 6 mm.", ["lymph node IV 7 x 6"], id="first number of a size"),
        pytest.param("Trauma at the level IV, 3 mm.", ["None 3"], id="within a line"),
    ],
)
def test_level_names_a_lymph_node(read: Read, text: str, found: list[str]) -> None:
    named = [one for one in lines(read(text)) if not one.startswith("Head and Neck")]
    assert named == found or (found == ["None 3"] and not any("node" in one for one in named))


@pytest.mark.parametrize("word", ["present", "preserved"])
def test_hilum_of_a_cell(read: Read, word: str) -> None:
    (node,) = read(HEADER + f"II | L | 11 x 5 | {word} | -").findings
    assert node.attributes["node_morphology"] == ("preserved fatty hilum",)
    assert not [site for site in node.sites if "hilum" in site.label]


def test_same_features_are_those_of_the_line_before(read: Read) -> None:
    text = "Neck.\nN1: L level II, 20 x 9 mm, oval, hilum lost.\nN2: L level III, 9 x 5 mm, same features."
    first, second = read(text).findings[-2:]
    assert second.labels["shape"] == first.labels["shape"] == ("oval",)
    assert second.attributes["node_morphology"] == ("absent fatty hilum",)
    assert second.location["level"] == "III"


def test_calcifications_of_a_node(read: Read) -> None:
    (node,) = read("Left axillary lymph node of 12 mm with microcalcifications.").findings
    assert line(node) == "left axillary lymph node 12"
    assert node.labels["internal_characteristics"] == ("calcifications",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("No nodes.", ["-lymph node"], id="no nodes"),
        pytest.param("No left axillary nodes.", ["-left axillary lymph node"], id="adjectives between"),
        pytest.param("No change in the left axillary node.", ["left axillary lymph node"], id="complement of another"),
        pytest.param("Thyroid cyst and a lymph node.", ["thyroid cyst", "lymph node"], id="beside another finding"),
        pytest.param("Cyst in the axillary node.", ["axillary lymph node cyst"], id="place of another finding"),
    ],
)
def test_nodes_are_findings(read: Read, text: str, found: list[str]) -> None:
    assert lines(read(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "Uterus: 2 fibroids - anterior 30 x 20 mm, fundal 18 mm.",
            ["fibroid", "fibroid 30 x 20", "fibroid 18"],
            id="places before the sizes",
        ),
        pytest.param(
            "Two thyroid nodules: right 12 mm, left 8 mm.",
            ["thyroid nodule", "right thyroid nodule 12", "left thyroid nodule 8"],
            id="sides",
        ),
        pytest.param(
            "Bilateral renal cysts, 3 cm on the right and 2 cm on the left.",
            ["bilateral renal cyst", "right renal cyst 30", "left renal cyst 20"],
            id="sides after the sizes",
        ),
        pytest.param(
            "Left breast: two cysts: 8 mm at 2 o'clock and 5 mm at 6 o'clock.",
            ["left breast cyst", "left breast cyst 8", "left breast cyst 5"],
            id="one side of all",
        ),
        pytest.param("Fibroids, the largest 3 cm anterior, 2 cm fundal.", ["fibroid 30, 20"], id="comparison"),
        pytest.param("Simple cysts: 12 mm and 15 mm.", ["cyst 12, 15"], id="sizes alone"),
        pytest.param("Gallstones, wall 3 mm, duct in the porta 5 mm.", None, id="sizes of structures"),
    ],
)
def test_sizes_in_a_list_of_lesions(read: Read, text: str, found: list[str] | None) -> None:
    named = lines(read(text))
    assert named == found if found is not None else sum("lithiasis" in one for one in named) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Thigh: 3 cm collection, avascular -> haematoma.", ["thigh haematoma 30"], id="arrow"),
        pytest.param("Wrist: 12 mm cyst → ganglion.", ["wrist ganglion cyst 12"], id="arrow sign"),
        pytest.param("Left breast lump: 9 mm cyst.", ["left breast cyst 9"], id="lump in a heading"),
        pytest.param("Right consolidation 4 cm w air bronchograms.", ["right lung consolidation 40"], id="with"),
        pytest.param("LIVER: 14 cm, N echo.", ["Liver 140", "normal appearance"], id="N before what is normal"),
        pytest.param("Rt kidney - N.", ["right normal appearance"], id="N after a dash"),
        pytest.param(
            "Right testis: N. L: 4 mm cyst.", ["right normal appearance", "left testicular cyst 4"], id="N ends"
        ),
        pytest.param(
            "PROSTATE: 20 ml.\nSV: N", ["Urinary Tract and male reproductive system 20", "normal appearance"], id="SV"
        ),
        pytest.param(
            "LIV N  GB N\nRK 10cm N",
            ["normal appearance", "normal appearance", "right normal appearance 100"],
            id="blanks",
        ),
        pytest.param(
            "KIDNEYS\nL: 10 cm, mild hydronephrosis",
            ["bilateral Kidney and ureter", "left Kidney and ureter 100", "left hydronephrosis"],
            id="size first",
        ),
        pytest.param(
            "ICA stenosis 70%, residual lumen 1.5 mm.", ["internal carotid artery stenosis 70, 1.5"], id="lumen"
        ),
        pytest.param(
            "Post-void residual 95 ml (significant).", ["increased post-void residual 95"], id="adjective after a size"
        ),
        pytest.param("Post-void residual 9 ml (not significant).", ["postvoid residual 9"], id="no adjective"),
        pytest.param("Prostate 60 ml with median lobe indenting the bladder.", None, id="median lobe"),
    ],
)
def test_telegraphic_lines(read: Read, text: str, found: list[str] | None) -> None:
    named = lines(read(text))
    assert named == found if found is not None else named[-1] == "intravesical prostatic protrusion"


def test_seminal_vesicles_beside_the_prostate_alone(read: Read) -> None:
    assert [site.label for site in read("PROSTATE: 20 ml.\nSV: N").findings[-1].sites] == ["seminal vesicle"]
    assert not any("vesicle" in site.label for one in read("LIVER: N.\nSV: N").findings for site in one.sites)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "Radiocephalic fistula.\nVolume flow 400 mL/min, down from 900 mL/min.",
            "reduced access flow 400, 900",
            id="fallen",
        ),
        pytest.param(
            "Radiocephalic fistula.\nVolume flow 900 mL/min, previously 800 mL/min.",
            "Dialysis fistula 900, 800",
            id="risen",
        ),
        pytest.param("Portal vein: volume flow 900 ml/min.", "Liver 900", id="another vessel"),
    ],
)
def test_volume_flow(read: Read, text: str, found: str) -> None:
    assert lines(read(text))[-1] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("RIGHT HIP: alpha 64 degrees. Graf I.", "right graf type i", id="type in a heading"),
        pytest.param("LEFT HIP: lax on stress.", "left hip instability", id="lax"),
        pytest.param("LEFT HIP: stable on stress.", "-left hip instability", id="stable"),
    ],
)
def test_hips_of_infants(read: Read, text: str, found: str) -> None:
    assert lines(read(text))[-1] == found


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("LUQ: Spleen enlarged.", [], id="organ below a region"),
        pytest.param("RUQ (Morison): free fluid.", ["hepatorenal recess"], id="structure in a heading"),
    ],
)
def test_regions_in_headings(read: Read, text: str, sites: list[str]) -> None:
    (one,) = read(text).findings
    assert [site.label for site in one.sites] == sites


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "| Organ | Size (cm) | Impression |\n| Liver | 15 | steatosis |\n| Spleen | 11 | normal |",
            ["hepatic steatosis (Liver), 15 cm", "observation (Spleen), 11 cm", "normal appearance (Spleen)"],
            id="an impression in a column",
        ),
        pytest.param(
            "FINDINGS\nNo cyst is seen in the  left kidney",
            ["absent renal cyst (Kidney and ureter) left, at left kidney"],
            id="a sentence with two blanks",
        ),
        pytest.param(
            "KIDNEYS\nRK 10 cm  (normal)  LK 11 cm  (cyst)",
            [
                "observation (Kidney and ureter) bilateral, at kidney",
                "observation (Kidney and ureter) right, at kidney, 10 cm",
                "observation (Kidney and ureter) left, at kidney, 11 cm",
                "renal cyst (Kidney and ureter) left, at kidney",
            ],
            id="notes between brackets",
        ),
        pytest.param(
            "KIDNEYS\n  RK 10 cm  N\n  LK 11 cm  N",
            [
                "observation (Kidney and ureter) bilateral, at kidney",
                "observation (Kidney and ureter) right, at kidney, 10 cm",
                "normal appearance (Kidney and ureter) right, at kidney",
                "observation (Kidney and ureter) left, at kidney, 11 cm",
                "normal appearance (Kidney and ureter) left, at kidney",
            ],
            id="blanks before a line",
        ),
        pytest.param(
            "KIDNEYS\nNo stones  left cyst",
            [
                "observation (Kidney and ureter) bilateral, at kidney",
                "absent nephrolithiasis (Kidney and ureter) bilateral, at kidney",
                "renal cyst (Kidney and ureter) left, at kidney",
            ],
            id="a denial before a side",
        ),
        pytest.param(
            "NODES\nNo nodes  axilla normal",
            ["lymph node (Lymph nodes)", "absent lymph node (Lymph nodes)", "normal appearance (Axilla)"],
            id="a denial before another organ",
        ),
        pytest.param(
            "| Kidney | Length (cm) |\n| Right | 10 |\n| Left | 11 |",
            [
                "observation (Kidney and ureter) right, at kidney, 10 cm",
                "observation (Kidney and ureter) left, at kidney, 11 cm",
            ],
            id="sides below the name of an organ",
        ),
        pytest.param(
            "| Structure | Size (mm) |\n| Right lobe | 8 |\n| Left lobe | 9 |",
            ["structure right, 8 mm", "structure left, 9 mm"],
            id="parts below a vague name",
        ),
        pytest.param(
            "| Node | Side | Size (mm) |\n| - | R | 8 |\n| 2 | L | 9 |",
            ["lymph node (Lymph nodes) right, 8 mm", "lymph node (Lymph nodes) left, 9 mm"],
            id="a node without a number",
        ),
        pytest.param(
            "| Vein | Thrombus (mm) | Reflux |\n| CFV | none | none |\n| POPV | 8 | present |",
            [
                "absent common femoral vein thrombus (Peripheral veins), at common femoral vein",
                ("absent common femoral vein reflux (Peripheral veins), at common femoral vein, pathological reflux"),
                "popliteal vein thrombus (Peripheral veins), at popliteal vein, 8 mm",
                "popliteal vein reflux (Peripheral veins), at popliteal vein, pathological reflux",
            ],
            id="two things that are denied",
        ),
        pytest.param(
            "| | Right | |\n| Artery | PSV (cm/s) | RI | EDV |\n| CFA | 98 | 0.9 | 20 |",
            ["observation (Peripheral arteries) right, at common femoral artery"],
            id="two lines of a header with another number of cells",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
