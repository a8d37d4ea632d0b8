"""Which mentions of a text are one finding, and which are findings of their own."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, named, summaries
from udt.core.report import Finding


def _names(findings: tuple[Finding, ...]) -> list[str]:
    """Return the certainty (unless present) and concept of each finding that has one."""
    given = [(f.certainty, f.concept.label) for f in findings if f.concept is not None and f.kind != "organ"]
    return [label if certainty == "present" else f"{certainty} {label}" for certainty, label in given]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Left ovarian endometrioma, slightly enlarged.", ["endometrioma"], id="adjective of a lesion"),
        pytest.param("Renal cyst, infected.", ["renal cyst"], id="another adjective of a lesion"),
        pytest.param("Stricturing ileitis.", ["stricturing ileitis"], id="adjective before a disease"),
        pytest.param("Popliteal vein: patent and compressible.", ["patent vein"], id="normal states of a structure"),
        pytest.param(
            "Hepatic cyst. The enlarged spleen.", ["hepatic cyst", "splenomegaly"], id="adjective of an organ"
        ),
        pytest.param(
            "Flow in both testes is preserved and torsion is excluded.",
            ["absent testicular torsion"],
            id="affirmed, denied",
        ),
        pytest.param(
            "THYROID\nNODULES\n1. Right lower pole: solid nodule 14 mm.\n2. Left mid: cystic nodule, 9 mm.",
            ["thyroid nodule", "thyroid nodule"],
            id="heading of a list",
        ),
        pytest.param(
            "UTERUS: Multiple fibroids:\n1. Intramural, 4 cm. Hypoechoic.\n2. Submucosal, 2 cm.",
            ["fibroid", "fibroid", "fibroid"],
            id="members of a list",
        ),
        pytest.param("Appendix: diameter (normal < 6 mm) 11 mm.", [], id="value of reference"),
        pytest.param("CBD 5 mm (normal 2-6 mm).", [], id="range of reference"),
        pytest.param("CBD 13 mm (normal up to 6 mm).", ["common bile duct dilatation"], id="above the reference"),
        pytest.param("Bladder: wall 8 mm (N<5).", ["bladder wall thickening"], id="a wall above the reference"),
        pytest.param("Hip: alpha angle 50 degrees (normal > 60).", [], id="a lower bound"),
        pytest.param("No septated or calcified cyst.", ["absent cyst"], id="denied adjectives"),
        pytest.param(
            "No ascites, and the thyroid is heterogeneous.",
            ["absent ascites", "thyroid heterogeneity"],
            id="after a denial",
        ),
        pytest.param("Gallbladder is well distended, no stones.", ["absent cholelithiasis"], id="filling"),
        pytest.param(
            "Non-occlusive echogenic thrombus in the popliteal vein.",
            ["popliteal vein thrombus"],
            id="denied adjective",
        ),
        pytest.param("The popliteal vein is not compressible.", ["vein non-compressibility"], id="denied normal state"),
        pytest.param("Femoral vein non-compressible.", ["vein non-compressibility"], id="joined denial"),
        pytest.param("Achilles tendon is intact.", ["absent Achilles tendon rupture"], id="intact"),
        pytest.param("The bladder wall is not intact.", ["bladder rupture"], id="not intact"),
        pytest.param("Lump of the forearm: isoechoic lesion in the subcutaneous fat.", ["soft tissue mass"], id="lump"),
        pytest.param(
            "Left varicocele: the pampiniform veins are dilated to 4 mm.", ["varicocele"], id="repeated state"
        ),
        pytest.param(
            "Subacromial bursa distended by anechoic fluid.", ["subacromial bursa fluid"], id="state and content"
        ),
        pytest.param(
            "Mass in the pancreatic head. The superior mesenteric vein is abutted by the mass but is patent.",
            ["pancreatic mass", "patent vein"],
            id="a lesion as landmark",
        ),
        pytest.param("Persistent bleeding after delivery.", [], id="symptom"),
        pytest.param("Follow up of known lesions.", [], id="lesions of before"),
        pytest.param("Two pathological right neck nodes.", ["abnormal lymph node"], id="counted"),
        pytest.param("FAST: Free fluid in Morison's pouch.", ["free fluid in Morison pouch"], id="heading"),
        pytest.param("The liver and spleen are enlarged.", ["splenomegaly", "hepatomegaly"], id="shared state"),
        pytest.param(
            "The liver and spleen are not enlarged.", ["absent splenomegaly", "absent hepatomegaly"], id="shared denial"
        ),
        pytest.param(
            "The spleen, the uterus and aorta appear unremarkable.", ["normal appearance"] * 3, id="shared normality"
        ),
        pytest.param("Gallbladder: thick wall.", ["gallbladder wall thickening"], id="thick wall"),
        pytest.param("Liver shows coarse echotexture.", ["coarse liver echotexture"], id="predicate with its noun"),
        pytest.param("The femoral and popliteal veins are patent.", ["patent vein"], id="veins"),
        pytest.param("The liver is normal, the spleen is enlarged.", ["normal appearance", "splenomegaly"], id="apart"),
        pytest.param("Left lobe: nodule of 6 mm, the other of 11 mm.", ["nodule", "nodule"], id="the other"),
        pytest.param("The first is a simple renal cyst.", ["simple renal cyst"], id="first with its noun"),
        pytest.param("12 mm cystic nodule, 8 mm solid nodule.", ["nodule", "nodule"], id="two in a list"),
        pytest.param("Uterus is anteverted. Post-void residual: 40 mL.", [], id="position and volume"),
        pytest.param("Bladder: normal, left jet not seen.", ["normal appearance"], id="normal, not seen"),
    ],
)
def test_findings_of_a_text(read: Read, text: str, names: list[str]) -> None:
    assert _names(read(text).findings) == names


@pytest.mark.parametrize(
    ("text", "label", "size"),
    [
        ("Multiple 8 mm lymph nodes in the left axilla.", "axillary lymph node", (8.0,)),
        ("RIGHT OVARY: 2.4 cm corpus luteum with peripheral flow.", "corpus luteum", (24.0,)),
    ],
)
def test_a_size_before_a_counted_structure_is_its_own(
    read: Read, text: str, label: str, size: tuple[float, ...]
) -> None:
    assert [m.canonical for m in named(read(text).findings, label).measurements] == [size]


def test_what_a_list_denies_is_denied_one_by_one(read: Read) -> None:
    denied = read("No cyst, calcification or mass.").findings
    assert [f.certainty for f in denied] == ["absent"] * 3
    assert [f.labels["internal_characteristics"] for f in denied] == [(), ("calcifications",), ()]


def test_members_have_their_own_sizes_and_places(read: Read) -> None:
    text = "Two renal cysts: the first in the upper pole of 3 cm, the other in the lower pole of 2 cm."
    both, first, second = read(text).findings
    assert both.count == 2
    assert [f.measurements[0].canonical for f in (first, second)] == [(30.0,), (20.0,)]
    assert [f.attributes["pole"] for f in (first, second)] == [("upper pole",), ("lower pole",)]


def test_an_adjective_before_a_comma_describes_its_own_noun(read: Read) -> None:
    cystic, solid = read("12 mm cystic nodule, 8 mm solid nodule.").findings
    assert cystic.labels["internal_characteristics"] == ("cystic components",)
    assert solid.labels["internal_characteristics"] == ("solid components",)


def test_a_thing_beside_a_state_is_a_finding_of_its_own(read: Read) -> None:
    thickening, calcification = read("Achilles tendon: thickened, hypoechoic. Small calcification.").findings
    assert not thickening.labels["internal_characteristics"]
    assert calcification.labels["internal_characteristics"] == ("calcifications",)


def test_a_structure_keeps_its_attributes_beside_a_lesion(read: Read) -> None:
    endometrium, polyp = read("The endometrium is heterogeneous, with a polyp of 1.1 cm.").findings
    assert (endometrium.labels["echogenicity"], polyp.labels["echogenicity"]) == (("mixed echogenicity",), ())


def test_a_size_may_precede_several_adjectives(read: Read) -> None:
    (found,) = read("12 x 8 mm anechoic, septated cyst of the wrist.").findings
    assert [m.canonical for m in found.measurements] == [(12.0, 8.0)]


def test_a_denied_finding_has_no_size_before_it(read: Read) -> None:
    right, left, denied = read("RK 98 mm, LK 101 mm, nil hydro.").findings
    assert [len(f.measurements) for f in (right, left, denied)] == [1, 1, 0]


def test_a_hedged_name_makes_a_finding_possible(read: Read) -> None:
    (found,) = read("Echogenic focus of the liver, consistent with a haemangioma.").findings
    assert (found.certainty, found.labels["echogenicity"]) == ("possible", ("hyperechoic",))


@pytest.mark.parametrize(
    ("text", "organ", "offered"),
    [
        ("Heterogeneous liver with nodular surface and ascites, suggestive of cirrhosis.", "Liver", ["cirrhosis"]),
        ("Enlarged thyroid with a nodule, suggestive of thyroiditis.", "Thyroid gland", ["thyroiditis"]),
        (
            "Left parotid mass; pleomorphic adenoma favoured, Warthin tumour is the alternative.",
            "Salivary glands",
            ["parotid pleomorphic adenoma", "Warthin tumour"],
        ),
        ("Liver lesion, prob haemangioma.", "Liver", ["hepatic haemangioma"]),
    ],
)
def test_an_interpretation_is_no_finding_of_its_own(read: Read, text: str, organ: str, offered: list[str]) -> None:
    findings = read(text).findings
    assert not {f.concept.label for f in findings if f.concept is not None} & set(offered)
    (found,) = [f for f in findings if f.interpretations]
    assert (found, found.organ) == (findings[0], organ)
    assert [one.concept.label for one in found.interpretations] == offered


def test_what_follows_a_semicolon_interprets_nothing_before_it(read: Read) -> None:
    assert "possible bursitis" in _names(read("Tear of the tendon; bursitis possible.").findings)


def test_a_definite_name_takes_up_an_earlier_finding(read: Read) -> None:
    text = "Multiple hypoechoic nodules in the spleen. The splenic vein is patent. The nodules are probably granulomas."
    nodules, *_, again = read(text).findings
    assert (again.same_as, again.organ) == (nodules.id, "Spleen")


def test_a_definite_name_of_another_thing_continues_nothing(read: Read) -> None:
    node, abscess = read("Reactive axillary nodes. Resolution of the abscess in the breast.").findings
    assert (node.labels["diagnosis"], abscess.same_as) == ((), None)


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Lymph nodes: normal, oval, hypoechoic.",
            ["normal appearance (Lymph nodes), hypoechoic"],
            id="shape of a normal node",
        ),
        pytest.param(
            "Suspicious round lymph node of the left axilla.",
            ["suspicious lymph node (Axilla) left, at Lymph nodes, round, rounded node"],
            id="shape of a suspicious node",
        ),
        pytest.param(
            "Right testis 42 mm, left testis 38 mm.",
            ["observation (Scrotum) right, at testis, 42 mm", "observation (Scrotum) left, at testis, 38 mm"],
            id="a structure named twice",
        ),
        pytest.param(
            "Goitre with a level IV node.",
            ["goitre (Thyroid gland)", "level IV lymph node (Lymph nodes), at level IV lymph node, level IV"],
            id="a node beside a disease",
        ),
        pytest.param(
            "Goitre and a level IV node of 12 mm.",
            ["goitre (Thyroid gland)", "level IV lymph node (Lymph nodes), at level IV lymph node, level IV, 12 mm"],
            id="a node and a disease",
        ),
        pytest.param(
            "Goitre; level IV node.",
            ["goitre (Thyroid gland)", "level IV lymph node (Lymph nodes), at level IV lymph node, level IV"],
            id="a node in a list",
        ),
        pytest.param(
            "Two ureteric jets are seen. Both ureteric jets are seen.",
            ["ureteric jet (Bladder), 2, at ureteric jet", "ureteric jet (Bladder) bilateral, at ureteric jet"],
            id="things seen twice",
        ),
        pytest.param(
            "HISTORY: Cholecystectomy for gallstones.\nFINDINGS: The liver is normal.",
            [
                "previous cholecystectomy (Gallbladder and bile ducts), at gallbladder",
                "previous cholelithiasis (Gallbladder and bile ducts), at gallbladder",
                "normal appearance (Liver)",
            ],
            id="an operation with its reason",
        ),
        pytest.param(
            "HISTORY: Previous thyroidectomy for goitre.\nFINDINGS: The liver is normal.",
            ["previous thyroidectomy (Thyroid gland)", "previous goitre (Thyroid gland)", "normal appearance (Liver)"],
            id="an operation without a place",
        ),
        pytest.param(
            "INDICATION: 3 cm renal mass.\nFINDINGS: The liver is normal.",
            ["normal appearance (Liver)"],
            id="a lesion of the indication",
        ),
        pytest.param(
            "Achilles tendon is thickened and thick.",
            ["achilles thickening (Ankle), at Achilles tendon"],
            id="a state of the same structure",
        ),
        pytest.param(
            "Varicocele on the left, the right veins are dilated.",
            ["varicocele (Scrotum) left, at pampiniform plexus", "varicocele (Scrotum) right, at scrotal vein"],
            id="a state of the other side",
        ),
        pytest.param(
            "Left varicocele: the veins are dilated.",
            ["varicocele (Scrotum) left, at scrotal vein, at pampiniform plexus"],
            id="a state that repeats",
        ),
        pytest.param(
            "HISTORY: Cholecystectomy and appendicectomy.\nFINDINGS: The liver is normal.",
            [
                "previous cholecystectomy (Gallbladder and bile ducts), at gallbladder",
                "previous appendicectomy (Appendix)",
                "normal appearance (Liver)",
            ],
            id="two operations",
        ),
        pytest.param(
            "Left varicocele: the veins are dilated to 4 mm.",
            ["varicocele (Scrotum) left, at scrotal vein, at pampiniform plexus, 4 mm"],
            id="a state that repeats with a size",
        ),
        pytest.param(
            "The liver is shrunken with a coarse echotexture.",
            ["liver atrophy (Liver), coarse"],
            id="a state with its attribute",
        ),
        pytest.param(
            "Testis normal, oval.", ["normal appearance (Scrotum), at testis, oval"], id="shape of a normal organ"
        ),
    ],
)
def test_whole_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings


@pytest.mark.parametrize(
    "text",
    [
        "The popliteal vein is patent and compressible.",
        "Left varicocele: the pampiniform veins are dilated.",
        "Suspicious left axillary node of 12 mm.",
        "Achilles tendon is thickened and thick.",
    ],
)
def test_evidence_is_listed_once(read: Read, text: str) -> None:
    for finding in read(text).findings:
        assert len(set(finding.evidence)) == len(finding.evidence)
