"""What words qualify: a sentence is read otherwise if a condition or distance of the rules of compositions is left out.

A row gives the certainty of each finding, value and composition, with its cue, and the labels without body systems.
"""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, certainties

ROWS = [
    ("Nodule in the neck. Smooth. Liver: smooth.", "+nodule, +smooth", "Liver, nodule, well-defined"),
    ("Nodule. Liver large. Circumscribed.", "+nodule, +circumscribed", "Liver, nodule, well-defined"),
    ("Nodule. Abscess. Circumscribed.", "+nodule, +abscess, +circumscribed", "nodule, fluid collection, well-defined"),
    ("Nodule. The liver. Solid.", "+nodule, +solid", "Liver, nodule"),
    ("Nodule. No cyst. Circumscribed.", "+nodule, -cyst by No, +circumscribed", "nodule, well-defined"),
    ("Nodule. The needle. Circumscribed.", "+nodule, +circumscribed", "nodule, well-defined"),
    ("Nodule. Needle circumscribed.", "+nodule, +circumscribed", "nodule"),
    ("Nodule. Patient circumscribed.", "+nodule, +circumscribed", "nodule, well-defined"),
    ("Nodule. The wall is circumscribed.", "+nodule, +circumscribed", "nodule, well-defined"),
    ("Stone. Circumscribed.", "+stone, +circumscribed", "well-defined"),
    ("Septa. Circumscribed.", "+septa, +circumscribed", "well-defined, septations"),
    ("Hypoechoic. Circumscribed.", "+hypoechoic, +circumscribed", "well-defined, hypoechoic"),
    ("Nodule. It is of 7 mm at this place and is circumscribed.", "+nodule, +circumscribed", "nodule, well-defined"),
    (
        "Nodule. It is of 7 mm here at this place and is circumscribed.",
        "+nodule, +circumscribed",
        "nodule, well-defined",
    ),
    ("Nodule: irregular margin.", "+nodule, +irregular margin", "nodule, ill-defined/indistinct"),
    ("Irregular: margin.", "", ""),
    ("Irregular; margin.", "", ""),
    ("Irregular (margin).", "", ""),
    ("Irregular) margin.", "", ""),
    ("Irregular / margin.", "", ""),
    ("Irregular one two three four margin.", "+irregular one two three four margin", "ill-defined/indistinct"),
    ("Irregular one two three four five margin.", "", ""),
    ("Irregular one the two three of four five margin.", "", ""),
    ("Irregular in a one two of the three margin.", "", ""),
    ("Irregular in a one two three of the four margin.", "", ""),
    (
        "Margin one two three four five six seven eight is irregular.",
        "+margin one two three four five six seven eight is irregular",
        "ill-defined/indistinct",
    ),
    ("Margin one two three four five six seven eight nine is irregular.", "", ""),
    (
        "Margin is one two three four five six seven eight irregular.",
        "+margin is one two three four five six seven eight irregular",
        "ill-defined/indistinct",
    ),
    ("Margin is one two three four five six seven eight nine irregular.", "", ""),
    ("Margin irregular.", "+margin irregular", "ill-defined/indistinct"),
    ("Margin one irregular.", "+margin one irregular", "ill-defined/indistinct"),
    ("Margin one two irregular.", "", ""),
    ("Margin; irregular.", "", ""),
    ("Margin: irregular.", "+margin: irregular", "ill-defined/indistinct"),
    ("The margin of the liver is irregular.", "+margin of the liver is irregular", "Liver, ill-defined/indistinct"),
    (
        "The margin of the left mass is irregular.",
        "+margin of the left mass is irregular, +mass",
        "mass, ill-defined/indistinct",
    ),
    ("The margin of the mass is irregular.", "+margin of the mass is irregular, +mass", "mass, ill-defined/indistinct"),
    (
        "The margin of a normal mass is irregular.",
        "+margin of a normal mass is irregular, +mass",
        "mass, ill-defined/indistinct",
    ),
    ("The flow of the left liver is normal.", "+flow of the left liver is normal", "Liver, normal/regular vascularity"),
    (
        "The flow in the liver is normal.",
        "+flow in the liver is normal, +liver is normal",
        "Liver, normal appearance, normal/regular vascularity",
    ),
    ("Liver and flow normal.", "+flow normal", "Liver, normal/regular vascularity"),
    (
        "Normal liver, spleen and pancreas.",
        "+normal liver, +normal liver, spleen, +normal liver, spleen and pancreas",
        "Liver, Pancreas, Spleen, normal appearance",
    ),
    ("Liver, spleen shows cyst, normal.", "+cyst", "Liver, Spleen, cyst"),
    ("Liver, spleen: normal.", "+spleen: normal", "Liver, Spleen, normal appearance"),
    ("Liver normal cyst.", "+cyst", "Liver, cyst"),
    ("Liver normal, cyst.", "+liver normal, +cyst", "Liver, cyst, normal appearance"),
    ("Liver normal", "+liver normal", "Liver, normal appearance"),
    ("Liver normal\nCyst.", "+liver normal, +cyst", "Liver, cyst, normal appearance"),
    ("Hepatic normal.", "+hepatic normal", "Liver, normal appearance"),
    (
        "Antegrade vertebral flow.",
        "+antegrade, +antegrade vertebral flow",
        "Peripheral arteries, normal/regular vascularity",
    ),
    (
        "Antegrade vertebral artery flow.",
        "+antegrade, +antegrade vertebral artery flow",
        "Peripheral arteries, normal/regular vascularity",
    ),
    ("Antegrade hepatic flow.", "+antegrade, +antegrade hepatic flow", "Liver, normal/regular vascularity"),
    ("Antegrade testicular flow.", "+antegrade, +antegrade testicular flow", "Scrotum, normal/regular vascularity"),
    ("Left ovary: 3 cm. Normal.", "+normal", "Adnexa, normal appearance"),
    ("Left ovary: 3 cm. Quite normal.", "+normal", "Adnexa, normal appearance"),
    ("Left ovary: 3 cm. Now quite normal.", "", "Adnexa"),
    ("Normal.", "+normal", "normal appearance"),
    ("Quite normal.", "+normal", "normal appearance"),
    ("Bright.", "+bright", "hyperechoic"),
    ("Mass is not vascular.", "+mass, -mass is not vascular by not", "mass"),
    ("Mass with one of 12 mm, solid.", "+mass, +solid", "mass"),
    ("Mass of 12 mm, solid.", "+mass, +solid", "mass"),
    ("Mass of the liver, solid.", "+mass, +solid", "Liver, mass"),
    (
        "Mass in the left liver is solid.",
        "+mass, +mass in the left liver is solid, +solid",
        "Liver, mass, solid components",
    ),
    (
        "Mass in liver and spleen is solid.",
        "+mass, +mass in liver and spleen is solid, +solid",
        "Liver, Spleen, mass, solid components",
    ),
    ("Mass 12 mm solid.", "+mass, +solid", "mass"),
    ("Mass left is solid.", "+mass, +mass left is solid, +solid", "mass, solid components"),
    ("Mass possibly is solid.", "+mass, +mass possibly is solid, ?solid by possibly", "mass, solid components"),
    ("Mass or cyst is solid.", "+mass, +cyst, +cyst is solid, +solid", "cyst, mass, solid components"),
    ("Hilum preserved, margin.", "", ""),
    ("Hilum preserved, irregular margin.", "+irregular margin", "ill-defined/indistinct"),
    ("Tissue irregular, margin.", "", ""),
    ("Irregular, margin smooth.", "+irregular, margin, +margin smooth", "well-defined, ill-defined/indistinct"),
    ("Clearly irregular, margin.", "+irregular, margin", "ill-defined/indistinct"),
    ("Increase in flow.", "+increase in flow", "increased vascularity"),
    ("Increase of the flow.", "+increase of the flow", "increased vascularity"),
    ("Increase of flow.", "+increase of flow", "increased vascularity"),
    ("Increase in the liver flow.", "+increase in the liver flow", "Liver, increased vascularity"),
    (
        "The velocity is normal in the artery flow.",
        "+velocity is normal, +flow",
        "normal/regular vascularity, indeterminate/inhomogeneous vascularity",
    ),
    ("The liver is normal in flow.", "+normal in flow", "Liver, normal/regular vascularity"),
    (
        "Normal and increased flow.",
        "+normal and increased flow, +increased flow",
        "normal/regular vascularity, increased vascularity",
    ),
    (
        "Normal or increased flow.",
        "+normal or increased flow, +increased flow",
        "normal/regular vascularity, increased vascularity",
    ),
    ("Oval and irregular margin.", "+oval, +irregular margin", "oval, ill-defined/indistinct"),
    ("Oval or irregular margin.", "+oval, +irregular margin", "oval, ill-defined/indistinct"),
    ("Liver and irregular margin.", "+irregular margin", "Liver, ill-defined/indistinct"),
    ("And irregular margin.", "+irregular margin", "ill-defined/indistinct"),
    ("Irregular left margin.", "+irregular left margin", "ill-defined/indistinct"),
    ("Irregular possible margin.", "+irregular possible margin", "ill-defined/indistinct"),
    ("Irregular 3 mm margin.", "+irregular 3 mm margin", "ill-defined/indistinct"),
    ("Irregular oval margin.", "+irregular oval margin, +oval", "oval, ill-defined/indistinct"),
    ("Irregular cyst mass.", "+irregular cyst mass, +cyst, +mass", "cyst, mass, irregular"),
    ("Non-increased flow.", "-increased flow by Non", ""),
    ("Not increased flow.", "-increased flow by Not", ""),
    ("Irregular no margin.", "", ""),
    ("Irregular in margin.", "+irregular in margin", "ill-defined/indistinct"),
    ("Patient with irregular margin. Liver irregular margin.", "+irregular margin", "Liver, ill-defined/indistinct"),
    (
        "The margin of the left cystic mass is irregular.",
        "+margin of the left cystic mass is irregular, +cystic, +cystic mass, +mass",
        "cyst, mass, ill-defined/indistinct, cystic components",
    ),
    (
        "The echogenicity of the small hypoechoic nodule is increased.",
        "+hypoechoic, +nodule, +increased",
        "nodule, hypoechoic",
    ),
]


@pytest.mark.parametrize(("text", "found", "labels"), ROWS, ids=[row[0] for row in ROWS])
def test_compositions(text: str, found: str, labels: str, read: Read) -> None:
    report = read(text)
    assert certainties(report) == found
    assert ", ".join(name for key, names in report.labels.items() if key != "body_system" for name in names) == labels
