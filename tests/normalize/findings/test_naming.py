"""The concept of a finding, and what it is called."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("New complex left ovarian cyst.", [("udaf:diagnosis.cyst", "complex ovarian cyst")]),
        ("Right renal simple cyst.", [("udaf:diagnosis.cyst", "simple renal cyst")]),
        ("Myometrial cyst.", [("udaf:diagnosis.cyst", "myometrial cyst")]),
        ("Free fluid in the pelvis.", [("finding:free-fluid", "pelvic free fluid")]),
        ("Full-thickness tear of the supraspinatus.", [("finding:tendon-tear", "supraspinatus tear")]),
        ("Thrombus in the popliteal vein.", [("finding:deep-vein-thrombosis", "popliteal vein thrombus")]),
        ("Calculus at the neck of the gallbladder.", [("finding:cholelithiasis", "cholelithiasis")]),
        ("Dilated terminal ileum.", [("finding:bowel-dilatation", "terminal ileum dilatation")]),
        (
            "Calcified plaque in the internal carotid artery.",
            [("finding:carotid-plaque", "internal carotid artery plaque")],
        ),
        ("The IVC is patent.", [("finding:patent-vein", "patent vein")]),
        ("Two ureteric jets.", [("uhat:bladder_ureteric-jet", "ureteric jet")]),
        ("Lung sliding is present.", [("finding:lung-sliding", "lung sliding")]),
        ("Several follicles in the right ovary.", [("finding:ovarian-follicle", "ovarian follicle")]),
        ("The infraspinatus is thickened.", [("finding:tendon-thickening", "infraspinatus thickening")]),
        ("Tear of the anterior fibres of the infraspinatus tendon.", [("finding:tendon-tear", "infraspinatus tear")]),
        ("Acute uncomplicated appendicitis.", [("finding:acute-appendicitis", "acute appendicitis")]),
        ("Moderate steatosis.", [("finding:hepatic-steatosis", "hepatic steatosis")]),
        (
            "Mass with lobulated, ill-defined margins.\nSteatosis of the muscle.",
            [("finding:soft-tissue-mass", "soft tissue mass"), ("finding:steatosis", "muscle steatosis")],
        ),
        ("Steatosis of the pancreas.", [("finding:pancreatic-lipomatosis", "pancreatic lipomatosis")]),
        ("Patent vessels in the groin.", [("finding:patent-vessel", "patent vessel")]),
        ("Splenic vein: sarcoidosis.", [("finding:sarcoidosis", "sarcoidosis")]),
        ("A papillary projection of 9 mm.", [("udaf:internal.solid-components", "papillary projection")]),
        ("Hyperaemia of the wall of the appendix.", [("finding:hyperaemia", "appendiceal hyperaemia")]),
        ("Pancreas: no dilated ducts.", [("finding:pancreatic-duct-dilatation", "pancreatic duct dilatation")]),
        (
            "Liver: no dilated ducts.",
            [("finding:intrahepatic-bile-duct-dilatation", "intrahepatic bile duct dilatation")],
        ),
        ("The bladder wall is trabeculated.", [("finding:bladder-trabeculation", "bladder trabeculation")]),
        (
            "The pyloric muscle is thickened at 5 mm and the channel is long.",
            [("finding:pyloric-muscle-thickening", "pyloric muscle thickening")],
        ),
    ],
)
def test_a_finding_has_the_concept_of_its_name_and_structure(
    read: Read, text: str, named: list[tuple[str, str]]
) -> None:
    assert [(f.concept.concept, f.concept.label) for f in read(text).findings if f.concept is not None] == named


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("No mural thrombus in the cephalic vein.", "finding:mural-thrombus"),
        ("No flow-limiting stenosis of the subclavian artery.", "finding:flow-limiting-stenosis"),
        ("No fatty atrophy of the muscle.", "finding:fatty-atrophy"),
    ],
)
def test_what_is_denied_is_not_widened(read: Read, text: str, concept: str) -> None:
    (finding,) = read(text).findings
    assert finding.concept is not None
    assert (finding.concept.concept, finding.certainty) == (concept, "absent")


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("The popliteal vein is not compressible.", "finding:vein-non-compressibility"),
        ("The IVC is not collapsing.", "finding:non-collapsing-inferior-vena-cava"),
    ],
)
def test_a_denial_may_mean_the_opposite_finding(read: Read, text: str, concept: str) -> None:
    report = read(text)
    (finding,) = report.findings
    assert finding.concept is not None
    assert (finding.concept.concept, finding.certainty) == (concept, "present")
    assert "not" in next(e.text for e in finding.evidence if e.dimension == "concept").split()


def test_attributes_alone_name_what_they_mean(read: Read) -> None:
    report = read("Flow in the left vertebral artery is antegrade. The waveform of the femoral artery is triphasic.")
    assert [f.concept and f.concept.concept for f in report.findings] == [
        "finding:antegrade-flow", "finding:triphasic-waveform",
    ]  # fmt: skip


def test_what_is_seen_is_no_attribute_of_what_is_denied(read: Read) -> None:
    flow, torsion = read("Flow in both testes is preserved, no torsion.").findings
    assert flow.labels["vascularity"] == ("normal/regular vascularity",) and flow.certainty == "present"
    assert torsion.certainty == "absent" and not torsion.labels["vascularity"]


def test_an_adjective_that_is_an_attribute_is_no_finding(read: Read) -> None:
    (finding,) = read("Occlusive thrombus in the left popliteal vein.").findings
    assert finding.attributes["thrombus_degree"] == ("occlusive",)
    (aneurysm,) = read("Thrombosed aneurysm of the aorta.").findings
    assert aneurysm.concept is not None and aneurysm.concept.concept == "finding:aortic-aneurysm"


@pytest.mark.parametrize(
    ("text", "concept", "offered"),
    [
        (
            "The thyroid gland is heterogeneous, suggestive of Hashimoto thyroiditis.",
            "finding:thyroid-heterogeneity", ["Hashimoto thyroiditis"],
        ),
        ("Flow is retrograde, suspicious for subclavian steal.", "finding:reversed-flow", ["subclavian steal"]),
        ("The liver shows increased echogenicity, consistent with steatosis.", "finding:hepatic-steatosis", []),
        ("Complex ovarian cyst, likely haemorrhagic.", "udaf:diagnosis.cyst", ["haemorrhagic cyst"]),
    ],
)  # fmt: skip
def test_attributes_that_name_a_finding_have_interpretations(
    read: Read, text: str, concept: str, offered: list[str]
) -> None:
    (finding,) = read(text).findings
    assert finding.concept is not None and finding.concept.concept == concept
    assert [one.concept.label for one in finding.interpretations] == offered


def test_an_abnormality_is_the_lesion_that_it_shows(read: Read) -> None:
    (finding,) = read("The palpable abnormality is an oval, hypoechoic breast mass of 14 mm.").findings
    assert finding.concept is not None and finding.concept.label == "breast mass"
    assert finding.labels["shape"] == ("oval",) and [m.canonical for m in finding.measurements] == [(14,)]


def test_a_finding_with_another_shares_its_place(read: Read) -> None:
    _, thrombus = read("Infrarenal aortic aneurysm with mural thrombus.").findings
    assert thrombus.organ == "Retroperitoneum and great vessels"


def test_a_new_item_in_the_same_line_inherits_nothing(read: Read) -> None:
    *_, varicocele = read("IMPRESSION: 1. Lesion of the left testis. 2. Right varicocele.").findings
    assert "testis" not in [site.label for site in varicocele.sites]


def test_the_size_of_a_focus_is_not_that_of_its_organ(read: Read) -> None:
    (finding,) = read("Echogenic focus in the right lobe of the liver measuring 1.2 cm, likely a haemangioma.").findings
    assert [m.canonical for m in finding.measurements] == [(12,)]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        pytest.param("Trauma. FAST negative.", "free fluid", id="name that denies"),
        pytest.param("eFAST is negative.", "free fluid", id="another form of it"),
        pytest.param("Pericardium: negative.", "pericardial effusion", id="structure of the finding"),
        pytest.param("Pericardium: negative for effusion.", "pericardial effusion", id="longer cue"),
        pytest.param("Inguinal hernia. No bowel in the sac.", "bowel-containing hernia", id="content of a hernia"),
    ],
)
def test_denied_by_name(read: Read, text: str, concept: str) -> None:
    finding = read(text).findings[-1]
    assert finding.concept is not None
    assert (finding.certainty, finding.concept.label) == ("absent", concept)


@pytest.mark.parametrize(
    ("text", "organ"),
    [
        pytest.param("Left radiocephalic access. The fistula is patent.", "Dialysis fistula", id="of an access"),
        pytest.param("Upper arm AVF. The AVF is stenosed.", "Dialysis fistula", id="abbreviation"),
        pytest.param("The AV fistula of the right kidney persists.", "Kidney and ureter", id="of an organ"),
    ],
)
def test_fistula_by_context(read: Read, text: str, organ: str) -> None:
    assert read(text).findings[-1].organ == organ


@pytest.mark.parametrize(
    ("text", "concept", "organ"),
    [
        pytest.param("Consolidation in the left lung.", "lung consolidation", "Pulmonary", id="lung"),
        pytest.param("DVT of the right leg.", "deep vein thrombosis", "Peripheral veins", id="region of the body"),
        pytest.param("Left brachiocephalic AVF. The fistula is not yet mature.", "non-maturing fistula",
                     "Dialysis fistula", id="denial of maturity"),
        pytest.param("LV function is mildly impaired.", "left ventricular systolic dysfunction",
                     "Heart and mediastinum", id="function of a ventricle"),
        pytest.param("Short saphenous incompetence.", "small saphenous vein reflux", "Peripheral veins",
                     id="vein left out"),
    ],
)  # fmt: skip
def test_names_of_the_chest_and_the_vessels(read: Read, text: str, concept: str, organ: str) -> None:
    finding = read(text).findings[-1]
    assert finding.concept is not None
    assert (finding.concept.label, finding.organ) == (concept, organ)


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("Cyst and possible stone in the kidney.", ["renal cyst", "nephrolithiasis"]),
        ("Enlarged gland and possible abscess.", ["enlargement", "abscess"]),
        ("Obstructed upper moiety and probable ureterocele.", ["upper moiety obstruction", "ureterocele"]),
        ("Hypoechoic area and suggestive of abscess.", ["abscess"]),
    ],
)
def test_a_hedged_name_after_and_is_another_finding(read: Read, text: str, concepts: list[str]) -> None:
    assert [f.concept.label for f in read(text).findings if f.concept is not None] == concepts


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param("Normal.", "normal appearance", id="state without a structure"),
        pytest.param("Iliofemoral DVT.", "iliofemoral deep vein thrombosis", id="unknown word before"),
        pytest.param("Acute DVT on the right extending to the calf.", "deep vein thrombosis", id="attribute before"),
        pytest.param("Thyroid: colloid cyst.", "thyroid colloid cyst", id="structure and whole name"),
        pytest.param("There is a thrombosed aneurysm of the aorta.", "thrombosed aortic aneurysm", id="adjective"),
        pytest.param("Stricturing ileitis of the terminal ileum.", "stricturing ileitis", id="preposition after"),
        pytest.param("Thrombosed partially calcified aneurysm.", "thrombosed aneurysm", id="several adjectives"),
        pytest.param("Thrombosed acute aneurysm.", "thrombosed aneurysm", id="attribute after an adjective"),
        pytest.param("Acute thrombosed aneurysm.", "thrombosed aneurysm", id="attribute before an adjective"),
        pytest.param("Occlusive thrombus in the left popliteal vein.", "popliteal vein thrombus", id="attribute"),
        pytest.param("Echogenic focus, likely haemorrhagic.", "haemorrhage", id="adjective that is offered"),
        pytest.param("Fat-containing hernia of the epigastrium.", "epigastric hernia", id="attribute in the name"),
        pytest.param("Subserosal fibroid of the fundus.", "subserosal fibroid", id="organ by definition"),
        pytest.param("Fluid collection of the left arm.", "soft tissue fluid collection", id="name of two words"),
        pytest.param("Unilocular cyst of the left ovary.", "ovarian cyst", id="word that is an attribute"),
        pytest.param("Steatosis of the muscle.", "muscle steatosis", id="structure that is not the usual one"),
        pytest.param("Multicystic placenta.", "placental cyst", id="type of a lesion"),
        pytest.param("Lesion in the paravesical region.", "lesion", id="region of two words"),
        pytest.param("Intrahepatic and extrahepatic bile ducts are dilated.", "dilatation", id="two in one name"),
        pytest.param("Focal lesion of the liver.", "focal liver lesion", id="qualifier of the name"),
        pytest.param("Blunt abdominal trauma.", "abdominal trauma", id="qualifier of another name"),
        pytest.param("Wedge-shaped infarct of the spleen.", "splenic infarct", id="attribute of shape"),
        pytest.param("Tear of the ACL.", "ACL tear", id="capital letters"),
        pytest.param("Two antegrade lymph nodes.", "lymph node", id="structure that is counted"),
    ],
)
def test_label(read: Read, text: str, label: str) -> None:
    (finding,) = read(text).findings
    assert finding.concept is not None and finding.concept.label == label


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("The neck of the gallbladder. Gallstones.", ["gallbladder neck", "gallbladder"], id="part"),
        pytest.param(
            "Lower pole of the kidney. There is hydronephrosis.",
            ["lower renal pole", "collecting system"],
            id="another part of the same organ",
        ),
        pytest.param(
            "Bile ducts are normal. No intrahepatic biliary dilatation.",
            ["bile duct", "intrahepatic bile duct"],
            id="what it is a kind of",
        ),
        pytest.param("Epididymis is normal. Hydrocele.", ["tunica vaginalis"], id="elsewhere"),
    ],
)
def test_sites_of_the_text_before(read: Read, text: str, sites: list[str]) -> None:
    assert [site.label for site in read(text).findings[-1].sites] == sites


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Ovarian cyst of 6 cm with a 9 mm papillary projection.", ["ovarian cyst", "papillary projection"]),
        ("Calcified mass with a 9 mm mural nodule.", ["mass", "mural nodule"]),
    ],
)
def test_a_part_of_a_lesion_with_a_size_is_called_by_its_words(read: Read, text: str, labels: list[str]) -> None:
    assert [f.concept.label for f in read(text).findings if f.concept is not None] == labels


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        pytest.param("Mass, likely fibrous.", "fibrosis", id="adjective alone"),
        pytest.param("Cyst, likely haemorrhagic.", "haemorrhagic cyst", id="adjective of the name"),
        pytest.param("Unilocular cyst, likely endometrioma.", "endometrioma", id="noun"),
        pytest.param("Lymph node, likely haemorrhagic.", "nodal haemorrhage", id="of a structure"),
    ],
)
def test_what_is_offered_for_a_lesion(read: Read, text: str, offered: str) -> None:
    (finding,) = read(text).findings
    assert [one.concept.label for one in finding.interpretations] == [offered]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Gallbladder: not seen.", "organ"),
        ("Axillary node, not seen.", "organ"),
        ("The lymph node is oval.", "lesion"),
        ("Flow is not antegrade.", "state"),
    ],
)
def test_kind(read: Read, text: str, kind: str) -> None:
    assert [f.kind for f in read(text).findings] == [kind]
