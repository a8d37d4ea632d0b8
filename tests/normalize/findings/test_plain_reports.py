"""Sentences of plain reports: lists, parts, regions, history, and what a sentence adds to the one before."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read


def _normal(read: Read, text: str) -> list[str | None]:
    return sorted(f.organ or "" for f in read(text).findings if "normal appearance" in f.labels["diagnosis"])


@pytest.mark.parametrize(
    ("text", "organs"),
    [
        ("The liver, spleen, and kidneys are normal.", ["Kidney and ureter", "Liver", "Spleen"]),
        ("The liver, spleen, and both kidneys are normal.", ["Kidney and ureter", "Liver", "Spleen"]),
        ("The liver is enlarged, and the spleen is normal.", ["Spleen"]),
        ("PANCREAS: Head not seen. The tail is normal.", ["Pancreas"]),
        ("PANCREAS: Head not seen. It is small, and the tail of it, which lies deep, is normal.", []),
        ("Head not seen. The tail is normal.", []),
    ],
)
def test_what_is_normal(read: Read, text: str, organs: list[str]) -> None:
    assert _normal(read, text) == organs


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        (
            "The common femoral, femoral, and popliteal veins are compressible.",
            ["common femoral vein", "femoral vein", "popliteal vein"],
        ),
        ("Left femoral DVT.", ["femoral vein"]),
        ("Femoral and popliteal DVT.", ["femoral vein", "popliteal vein"]),
        ("APL and EPB tendons are intact.", ["abductor pollicis longus", "extensor pollicis brevis tendon"]),
        ("The MCL ligament is torn.", ["medial collateral ligament"]),
    ],
)
def test_names_without_their_noun_and_with_that_of_their_kind(read: Read, text: str, sites: list[str]) -> None:
    (finding,) = [f for f in read(text).findings if f.kind != "organ"]
    assert sorted(site.label for site in finding.sites) == sites


@pytest.mark.parametrize(
    ("text", "site", "values"),
    [
        ("The transplant kidney in the right iliac fossa measures 11.8 cm.", "transplant kidney", (11.8,)),
        ("The radial artery at the wrist measures 2.1 mm.", "radial artery", (2.1,)),
    ],
)
def test_a_size_is_that_of_the_structure_in_a_region(
    read: Read, text: str, site: str, values: tuple[float, ...]
) -> None:
    (finding,) = [f for f in read(text).findings if f.measurements]
    assert ([s.label for s in finding.sites], finding.measurements[0].values) == ([site], values)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("1.4 cm nodule, not seen previously (US-3).", [((1.4,), "current")]),
        ("1.4 cm nodule, previously 3.", [((1.4,), "current"), ((3.0,), "previous")]),
        ("Median nerve 14 mm2 at the inlet versus 7 mm2 in the forearm.", [((14.0,), "current"), ((7.0,), "current")]),
    ],
)
def test_codes_and_other_places_are_no_earlier_sizes(
    read: Read, text: str, sizes: list[tuple[tuple[float, ...], str]]
) -> None:
    assert [(m.values, m.role) for f in read(text).findings for m in f.measurements] == sizes


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("HISTORY: DVT of the left leg in 2016.\nFINDINGS: Patent veins.", ["deep vein thrombosis"]),
        ("HISTORY: DVT of the left leg.\nFINDINGS: Patent veins.", []),
        ("HISTORY: Leg swelling. DVT? Seen here again. First visit in 2016.\nFINDINGS: Patent veins.", []),
        ("HISTORY: Oophorectomy for a dermoid.\nFINDINGS: Normal uterus.", ["oophorectomy", "dermoid cyst"]),
        ("HISTORY: Dermoid, for follow-up.\nFINDINGS: Normal uterus.", []),
        ("INDICATION: Follow-up of a BI-RADS 3 mass in 2023.\nFINDINGS: Normal breast.", ["mass"]),
    ],
)
def test_dated_diseases_and_reasons_of_operations_are_earlier_findings(read: Read, text: str, named: list[str]) -> None:
    earlier = [f for f in read(text).findings if f.time == "previous"]
    assert [f.concept.label.removeprefix("breast ") for f in earlier if f.concept is not None] == named


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("The left ureteric jet is absent.", "absent"),
        ("Lymph nodes are absent.", "absent"),
        ("Lymph node: absent hilum.", "present"),
        ("The left ureteric jet is present.", "present"),
    ],
)
def test_a_counted_structure_is_denied_by_its_predicate(read: Read, text: str, certainty: str) -> None:
    assert [f.certainty for f in read(text).findings if f.concept is not None] == [certainty]


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("Nodule of 2 cm. Hypoechoic with irregular margins, suspicious for carcinoma.", ["nodule"]),
        (
            "LIVER: Enlarged. Diffusely increased echogenicity, consistent with steatosis.",
            ["hepatomegaly", "hepatic steatosis"],
        ),
    ],
)
def test_a_hedged_name_is_of_the_lesion_before_or_of_its_own_state(read: Read, text: str, concepts: list[str]) -> None:
    assert [f.concept.label for f in read(text).findings if f.concept is not None] == concepts


@pytest.mark.parametrize(
    ("text", "organs"),
    [
        ("The liver is normal in size and homogeneous.", ["Liver"]),
        ("Both parotid glands are normal in size and homogeneous.", ["Salivary glands"]),
    ],
)
def test_an_attribute_after_and_is_of_the_only_structure(read: Read, text: str, organs: list[str]) -> None:
    assert [f.organ for f in read(text).findings] == organs


def test_numbered_lesions_lie_in_the_part_of_the_heading_before(read: Read) -> None:
    right = "THYROID\nHISTORY: Goitre.\nFINDINGS:\nRIGHT LOBE: 5.6 cm.\nNodule 1: 18 mm, solid.\n"
    text = right + "LEFT LOBE: 5 cm.\nNodule 2: 9 mm."
    nodules = [f for f in read(text).findings if f.kind == "lesion"]
    assert [f.laterality for f in nodules] == ["right", "left"]
    assert [s.label for f in nodules for s in f.sites] == ["right lobe of thyroid", "left lobe of thyroid"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Mixed cystic and solid nodule.", ("nodule", "mass")),
        ("Nodule of 9 mm, mixed cystic and solid.", ("nodule", "mass")),
        ("Nodule of 9 mm, no echogenic foci.", ("nodule",)),
    ],
)
def test_what_a_lesion_consists_of_is_no_lesion(read: Read, text: str, labels: tuple[str, ...]) -> None:
    (finding,) = read(text).findings
    assert finding.labels["diagnosis"] == labels


def test_a_contained_structure_has_the_side_of_the_whole(read: Read) -> None:
    findings = read("The right ovary measures 3.4 cm and contains a corpus luteum of 1.9 cm.").findings
    assert [f.laterality for f in findings] == ["right", "right"]


@pytest.mark.parametrize(
    ("text", "labelled"),
    [("FINDINGS: Normal liver.\nIMPRESSION: No ascites.", True), ("Normal liver, no ascites.", False)],
)
def test_a_report_has_the_organ_of_what_it_denies(read: Read, text: str, labelled: bool) -> None:
    assert ("Peritoneum mesentery and omentum" in read(text).labels["organ"]) == labelled


def test_the_larger_of_two_has_not_grown(read: Read) -> None:
    (finding,) = read("Two cysts, the larger in the upper pole measuring 3.1 cm.").findings
    assert finding.change is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nodes of up to 11 mm; none above 15 mm.", [("present", 11.0), ("absent", 15.0)]),
        ("Several cysts up to 5 mm, none larger than 8 mm.", [("present", 5.0), ("absent", 8.0)]),
        ("Several nodules, none greater than 1 cm.", [("present", 1.0)]),
        ("Stones: none. Cyst of 5 mm.", [("present", 5.0)]),
        ("Cyst of 5 mm. Stones: none, kidney 10 cm.", [("present", 5.0), ("present", 10.0)]),
    ],
)
def test_none_bounds_a_size(read: Read, text: str, found: list[tuple[str, float]]) -> None:
    sized = [(f.certainty, m.values[-1]) for f in read(text).findings for m in f.measurements]
    assert sized == found


def test_the_most_is_a_bound(read: Read) -> None:
    (finding,) = read("Several nodules, none greater than 1 cm.").findings
    assert [(m.comparator, m.range) for m in finding.measurements] == [("<=", (None, 1.0))]


def test_the_other_side_is_normal(read: Read) -> None:
    right, left = read("R: hydrocele. L: normal.").findings
    assert (right.laterality, right.labels["diagnosis"]) == ("right", ("fluid collection",))
    assert (left.laterality, left.labels["diagnosis"]) == ("left", ("normal appearance",))


def test_a_condition_is_no_change(read: Read) -> None:
    (finding,) = read("Removal is planned once the collection has resolved.").findings
    assert (finding.certainty, finding.change) == ("present", None)


@pytest.mark.parametrize(
    ("text", "change"), [("Cyst larger than 8 mm.", None), ("The cyst is larger than on the last scan.", "increased")]
)
def test_larger_than_a_size_is_no_change(read: Read, text: str, change: str | None) -> None:
    assert read(text).findings[0].change == change


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("No pleural or pericardial effusion.", ["pleural effusion", "pericardial effusion"]),
        ("No inguinal or femoral hernia.", ["inguinal hernia", "femoral hernia"]),
        (
            "No axillary, inguinal or cervical lymphadenopathy.",
            ["axillary lymphadenopathy", "inguinal lymphadenopathy", "cervical lymphadenopathy"],
        ),
        ("No acute or chronic cholecystitis.", ["acute cholecystitis", "chronic cholecystitis"]),
        ("No kidney or bladder stones.", ["nephrolithiasis", "bladder stone"]),
        ("No hepatic, splenic or renal laceration.", ["renal laceration", "splenic laceration", "liver laceration"]),
        ("No liver or splenic lesion.", ["splenic lesion", "liver lesion"]),
        ("The liver is large, no splenic mass.", ["splenic mass"]),
        (
            "No intra- or extrahepatic biliary dilatation.",
            ["intrahepatic bile duct dilatation", "extrahepatic bile duct dilatation"],
        ),
        ("No inguinal node, pleural effusion.", ["inguinal lymph node", "pleural effusion"]),
    ],
)
def test_names_that_share_their_noun_are_several_findings(read: Read, text: str, concepts: list[str]) -> None:
    named = [f.concept.label for f in read(text).findings if f.concept is not None and f.certainty == "absent"]
    assert named == concepts


@pytest.mark.parametrize(
    ("line", "concept"), [("Right axilla", "axillary"), ("Groin", "inguinal"), ("Neck", "cervical")]
)
def test_adenopathy_lies_in_the_region_of_its_line(read: Read, line: str, concept: str) -> None:
    (finding,) = read(f"{line}: no adenopathy.").findings
    assert finding.concept is not None
    assert finding.concept.label == f"{concept} lymphadenopathy"


def test_a_denied_invasion_is_of_the_vessel(read: Read) -> None:
    (finding,) = read("The retromandibular vein is not invaded.").findings
    assert finding.concept is not None
    assert finding.concept.concept == "finding:vascular-invasion"


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("Enlarged liver and spleen.", ["hepatomegaly", "splenomegaly"]),
        ("Enlarged liver and spleen of normal echogenicity.", ["hepatomegaly", "normal appearance"]),
        ("Enlarged liver and normal spleen.", ["hepatomegaly", "normal appearance"]),
    ],
)
def test_names_that_share_their_adjective_are_several_findings(read: Read, text: str, concepts: list[str]) -> None:
    named = [f.concept.label for f in read(text).findings if f.concept is not None]
    assert named == concepts


def test_cysts_of_two_organs(read: Read) -> None:
    named = [(f.concept.label, f.organ) for f in read("Hepatic and renal cysts.").findings if f.concept is not None]
    assert named == [("renal cyst", "Kidney and ureter"), ("hepatic cyst", "Liver")]


@pytest.mark.parametrize(
    ("text", "certainties"),
    [
        ("No mass in the liver or focal lesion in the spleen.", ["absent", "absent"]),
        ("No stones in the gallbladder or bile duct stones.", ["absent", "absent"]),
        ("No mass in the left or right breast, cyst at 3 o'clock.", ["absent", "present"]),
        ("No cyst in the right breast or the mass of the last scan.", ["absent", "present"]),
        ("No mass in the liver and a cyst in the spleen.", ["absent", "present"]),
    ],
)
def test_or_continues_a_denial_after_a_place(read: Read, text: str, certainties: list[str]) -> None:
    assert [f.certainty for f in read(text).findings] == certainties


@pytest.mark.parametrize("text", ["No stone in the right or left kidney.", "No stone in the left and right kidneys."])
def test_what_both_sides_lack_is_of_neither_alone(read: Read, text: str) -> None:
    (finding,) = read(text).findings
    assert (finding.laterality, [site.label for site in finding.sites]) == ("bilateral", ["kidney"])


def test_what_is_in_the_bed_of_an_organ_is_not_in_the_organ(read: Read) -> None:
    (finding,) = read("Hypoechoic nodule of 6 mm in the thyroid bed.").findings
    assert finding.concept is not None
    assert (finding.concept.concept, finding.concept.label) == ("udaf:diagnosis.nodule", "thyroid bed nodule")
    assert finding.organ == "Thyroid gland"


@pytest.mark.parametrize("text", ["Both kidneys are normal. Prostatomegaly.", "The bladder is normal. Prostatitis."])
def test_a_finding_of_the_prostate_has_no_other_organ(read: Read, text: str) -> None:
    _, finding = read(text).findings
    assert [site.label for site in finding.sites] == ["prostate"]
    assert (finding.laterality, finding.labels["organ"]) == (None, ())


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("Axillary node of 9 mm without loss of the hilum.", "present"),
        ("Axillary node, 9 mm, no loss of the hilum.", "present"),
        ("No lymph nodes with loss of the hilum.", "absent"),
        ("Axillary nodes: none.", "absent"),
        ("No subcentimetre axillary nodes.", "absent"),
        ("No change in the axillary nodes.", "present"),
        ("Axillary node: absent.", "absent"),
        ("Axillary node: absent hilum.", "present"),
    ],
)
def test_a_denied_sign_of_a_node_is_no_denial_of_the_node(read: Read, text: str, certainty: str) -> None:
    (finding,) = read(text).findings
    assert finding.certainty == certainty


@pytest.mark.parametrize(
    ("text", "count"), [("Multiple 10 ml cysts.", "multiple"), ("Two 3 cm cysts.", 2), ("12 ml cyst.", None)]
)
def test_a_size_is_no_number_of_lesions(read: Read, text: str, count: int | str | None) -> None:
    (finding,) = read(text).findings
    assert finding.count == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The liver and spleen show no lesion.", [("absent", "Liver"), ("absent", "Spleen")]),
        ("No lesion in the liver or spleen.", [("absent", "Liver"), ("absent", "Spleen")]),
        ("Cysts in the liver and kidneys.", [("present", "Kidney and ureter"), ("present", "Liver")]),
        ("A mass in the uterus and left ovary.", [("present", "Uterus")]),
        ("Mass in the liver and the spleen is enlarged.", [("present", "Liver"), ("present", "Spleen")]),
        ("No mass in the liver, spleen is enlarged.", [("absent", "Liver"), ("present", "Spleen")]),
    ],
)
def test_a_finding_of_several_organs(read: Read, text: str, found: list[tuple[str, str]]) -> None:
    assert sorted((f.certainty, f.organ) for f in read(text).findings) == sorted(found)


def test_or_denies_nodes_with_a_mass(read: Read) -> None:
    assert [f.certainty for f in read("No mass or axillary nodes.").findings] == ["absent", "absent"]
    assert [f.certainty for f in read("No mass, axillary nodes of 9 mm.").findings] == ["absent", "present"]


def test_a_mass_beside_nodes_is_not_in_them(read: Read) -> None:
    named = [f.concept.label for f in read("No mass or enlarged axillary nodes.").findings if f.concept is not None]
    assert named == ["mass", "axillary lymph node enlargement"]


@pytest.mark.parametrize("text", [", or pleural effusion", "- or pleural effusion", "or pleural effusion"])
def test_a_conjunction_without_a_name_before_it_adds_no_finding(read: Read, text: str) -> None:
    assert [f.concept.label for f in read(text).findings if f.concept is not None] == ["pleural effusion"]


@pytest.mark.parametrize("patient", ["", "6-week-old girl. "])
def test_the_next_sentence_about_another_part_is_another_finding(read: Read, patient: str) -> None:
    text = f"{patient}LEFT KIDNEY: 6.3 cm. Dilated ureter of 11 mm. Echogenic cortex."
    named = [f.concept.label for f in read(text).findings if f.concept is not None]
    assert named == ["hydroureter", "increased renal cortical echogenicity"]


def test_nodes_lie_in_the_region_of_their_heading(read: Read) -> None:
    report = read("AXILLAE: One left axillary node of 6 mm. On the right the nodes are normal.")
    assert report.labels["organ"] == ("Axilla",)
