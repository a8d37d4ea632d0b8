"""One lesion of several, and items of lists."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Two thyroid nodules: 6 mm in the isthmus, the other in the left lobe.",
            ["thyroid nodule (Thyroid gland), 2, 6 mm", "thyroid nodule (Thyroid gland) left, at left lobe of thyroid"],
            id="the other in a place",
        ),
        pytest.param(
            "Thyroid nodule of 6 mm; the other of 11 mm.",
            ["thyroid nodule (Thyroid gland), 6 mm", "thyroid nodule (Thyroid gland), 11 mm"],
            id="the other of a size",
        ),
        pytest.param(
            "Two thyroid nodules. The first measures 6 mm. The second measures 11 mm.",
            [
                "thyroid nodule (Thyroid gland), 2",
                "thyroid nodule (Thyroid gland), 6 mm",
                "thyroid nodule (Thyroid gland), 11 mm",
            ],
            id="the first and the second",
        ),
        pytest.param(
            "Two thyroid nodules, the other with calcification.",
            ["thyroid nodule (Thyroid gland), 2", "thyroid nodule (Thyroid gland), calcifications"],
            id="the other with a thing",
        ),
        pytest.param("The other of 6 mm.", [], id="the other of nothing"),
        pytest.param(
            "Two nodules in the liver, the other of", ["liver nodule (Liver), 2"], id="a text that ends within a member"
        ),
        pytest.param(
            "Mass of 3 cm in the liver. The other kidney is normal.",
            ["liver mass (Liver), 3 cm", "normal appearance (Kidney and ureter), at kidney"],
            id="the other organ",
        ),
        pytest.param(
            "NODULES:\n1. 14 mm, isthmus.\n2. 8 mm, left lobe.",
            ["nodule, 14 mm", "nodule left, 8 mm"],
            id="items without a name",
        ),
        pytest.param(
            "CYSTS\n- kidney 3 cm\n- liver 2 cm",
            ["renal cyst (Kidney and ureter), at kidney, 3 cm", "hepatic cyst (Liver), 2 cm"],
            id="items with places",
        ),
        pytest.param(
            "Thyroid: no nodules.\n- Right lobe 4.5 cm\n- Left lobe 4.2 cm",
            [
                "absent thyroid nodule (Thyroid gland)",
                "observation (Thyroid gland) right, at right lobe of thyroid, 4.5 cm",
                "observation (Thyroid gland) left, at left lobe of thyroid, 4.2 cm",
            ],
            id="a list after a denial",
        ),
        pytest.param(
            "Thyroid: nodule.\n- Right lobe 4.5 cm\n- Left lobe 4.2 cm",
            [
                "thyroid nodule (Thyroid gland)",
                "observation (Thyroid gland) right, at right lobe of thyroid, 4.5 cm",
                "observation (Thyroid gland) left, at left lobe of thyroid, 4.2 cm",
            ],
            id="a list after a single one",
        ),
        pytest.param(
            "Multiple fibroids:\n- submucosal, 14 mm\n- intramural, 32 mm",
            [
                "fibroid (Uterus), multiple, at myometrium",
                "fibroid (Uterus), at myometrium, submucosal, 14 mm",
                "fibroid (Uterus), at myometrium, intramural, 32 mm",
            ],
            id="adjectives of an item",
        ),
        pytest.param(
            "Fibroids:\n- in the myometrium, 14 mm", ["fibroid (Uterus), at myometrium, 14 mm"], id="a place of an item"
        ),
        pytest.param("LUMP: lipoma.", ["lipoma"], id="a lump that is named"),
        pytest.param("LUMP: possible lipoma.", ["mass, or lipoma"], id="a lump that may be one"),
        pytest.param("LUMP: no lipoma.", ["mass", "absent lipoma"], id="a lump that is none"),
        pytest.param(
            "Hepatocellular carcinoma: mass of 3 cm.",
            ["hepatocellular carcinoma (Liver), 3 cm"],
            id="a disease that is a mass",
        ),
        pytest.param("Abscess: cyst of 3 cm.", ["abscess", "cyst, 3 cm"], id="another type after a colon"),
        pytest.param(
            "Lump of the forearm: isoechoic lesion.",
            ["soft tissue mass (Soft tissues), at forearm, isoechoic"],
            id="a lesion after a place",
        ),
        pytest.param(
            "No lump of the forearm: isoechoic lesion.",
            [
                "absent soft tissue mass (Soft tissues), at forearm",
                "forearm lesion (Soft tissues), at forearm, isoechoic",
            ],
            id="a lesion after a denied one",
        ),
        pytest.param("Calculi: 3 stones.", ["stone, 3"], id="the same name after a colon"),
        pytest.param("Cyst: simple cyst of 3 cm.", ["cyst, 3 cm"], id="a simple cyst after a colon"),
        pytest.param(
            "Fibroids: posterior 3 cm, anterior 2 cm.",
            [
                "fibroid (Uterus), multiple, at myometrium",
                "fibroid (Uterus), at myometrium, posterior, 3 cm",
                "fibroid (Uterus), at myometrium, anterior, 2 cm",
            ],
            id="sizes after a colon",
        ),
        pytest.param(
            "RIGHT KIDNEY\nCysts: simple cyst, 34 mm.",
            [
                "observation (Kidney and ureter) right, at right kidney",
                "simple renal cyst (Kidney and ureter) right, at right kidney, 34 mm",
            ],
            id="a heading in the plural",
        ),
        pytest.param(
            "THYROID\nNODULES\n1. Right lobe: solid nodule 14 mm.\n2. Left mid: cystic nodule, 9 mm.",
            [
                "observation (Thyroid gland)",
                "thyroid nodule (Thyroid gland) right, at right lobe of thyroid, solid, solid components, 14 mm",
                "thyroid nodule (Thyroid gland) left, at left lobe of thyroid, cystic, cystic components, mid, 9 mm",
            ],
            id="items below a heading",
        ),
        pytest.param("LUMP: hypoechoic lipoma of 2 cm.", ["lipoma, hypoechoic, 2 cm"], id="a lump with attributes"),
        pytest.param(
            "ULTRASOUND OF A THYROID NODULE\nThe nodule is 12 mm.",
            ["thyroid nodule (Thyroid gland), 12 mm"],
            id="a title",
        ),
        pytest.param(
            "Hepatic cyst. Two thyroid nodules: 6 mm in the isthmus, the other of 8 mm.",
            [
                "hepatic cyst (Liver)",
                "thyroid nodule (Thyroid gland), 2, 6 mm",
                "thyroid nodule (Thyroid gland), at thyroid isthmus, 8 mm",
            ],
            id="the last name before a member",
        ),
        pytest.param(
            "Lump: small left testis.",
            ["testicular mass (Scrotum) left, at testis", "small testis (Scrotum) left, at testis"],
            id="a lump and a small organ",
        ),
        pytest.param(
            "Cyst of the liver, posterior to the stomach: cyst of the kidney.",
            ["hepatic cyst (Liver)", "renal cyst (Kidney and ureter), at kidney"],
            id="a colon after another organ",
        ),
        pytest.param(
            "Nodule not seen on the right, the other of 8 mm.",
            ["absent nodule right, 8 mm"],
            id="a member of denied ones",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings


def test_a_name_may_end_the_text(read: Read) -> None:
    places = {
        (one.concept.label, one.organ)
        for one in read("Right parotid: normal and normal spleen").findings
        if one.concept
    }
    assert places == {("normal appearance", "Salivary glands"), ("normal appearance", "Spleen")}
