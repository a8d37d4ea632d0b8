"""Sentences with the measurements that they state."""

from __future__ import annotations

from typing import NamedTuple

import pytest


class Expected(NamedTuple):
    """One measurement; the numbers are in the canonical unit."""

    values: tuple[float, ...]
    unit: str = "mm"
    quantity: str = "size"
    role: str = "current"
    comparator: str | None = None
    name: str | None = None
    range: tuple[float | None, float | None] | None = None
    examination: str | None = None


def mm(*values: float, **rest: object) -> Expected:
    return Expected(values, **rest)  # type: ignore[arg-type]


def upto(value: float, comparator: str = "<=", **rest: object) -> Expected:
    """Return a length with an upper bound, whose text is in mm."""
    return Expected((value,), comparator=comparator, range=(None, value), **rest)  # type: ignore[arg-type]


def of(unit: str, quantity: str, *values: float, **rest: object) -> Expected:
    return Expected(values, unit, quantity, **rest)  # type: ignore[arg-type]


def velocity(value: float, name: str | None = None, **rest: object) -> Expected:
    return of("cm/s", "velocity", value, name=name, **rest)


def index(value: float, name: str, **rest: object) -> Expected:
    return of("1", "index", value, name=name, **rest)


def volume(value: float, **rest: object) -> Expected:
    return of("mL", "volume", value, **rest)


def case(text: str, *expected: Expected, id: str) -> object:
    return pytest.param(text, list(expected), id=id)


LENGTHS = [
    case("Mass 4.6x1.6x1.5cm", mm(46, 16, 15), id="no blanks"),
    case("Lobe 5.2 AP x 3.1 TR x 2 CC cm", mm(52, 31, 20), id="axes after the numbers"),
    case("Lobe L 5.2 x W 3.1 x H 4.0 cm", mm(52, 31, 40), id="axes before the numbers"),
    case("Cyst 5mmx6mm", mm(5, 6), id="times sign joined to the unit"),
    case("A cyst of .5 cm", mm(5), id="no zero before the point"),
    case("Two nodules of 3, 5 and 8 mm", mm(3), mm(5), mm(8), id="list"),
    case("Kidneys measure 10.2 and 10.4 cm", mm(102), mm(104), id="pair"),
    case("Mass in segments 4, 5 and 8 mm wide", mm(8, quantity="diameter"), id="numbers of segments are no list"),
    case("1. 5 mm cyst", mm(5), id="number of a list"),
    case("TR4 nodule, 1.2 cm", mm(12), id="number of a category"),
    case("Mass of 3 x 2 cm2", mm(30, 20), id="two lengths with the unit of an area"),
    case(
        "Lobes 4 x 2 x 2 cm (10 mL) and 4.1 x 2.2 x 2.1 (9 mL)",
        mm(40, 20, 20),
        volume(10),
        mm(41, 22, 21),
        volume(9),
        id="unit of the earlier product",
    ),
    case("Kidneys: right 10.2 cm, left 9.8", mm(102), mm(98), id="unit of the other side"),
    case("1 x 2 x 3 x 4 mm", id="four factors"),
    case("1.2.3 mm", id="two points"),
    case("Width 99999999999 mm or 2000000 mm", id="out of range"),
    case("Cyst of 0 mm", id="nothing"),
    case("5 mm/year and 5 mL/kg", id="rate"),
    case("Fluid of ٣ mm", id="digits of another script"),
]

RANGES = [
    case("Stones of 3-8 mm", mm(3, 8, range=(3, 8)), id="hyphen"),
    case("Stones of 3 – 8 mm", mm(3, 8, range=(3, 8)), id="dash with blanks"),
    case("Stones of 3 to 8 mm", mm(3, 8, range=(3, 8)), id="to"),
    case("Stones of 3 mm to 8 mm", mm(3, 8, range=(3, 8)), id="unit twice"),
    case("Stones between 3 and 8 mm", mm(3, 8, range=(3, 8)), id="between"),
    case("Nodule 1 - 12 mm", mm(12), id="number of a nodule"),
    case("Defect at C5-6 mm", mm(6), id="name of a level"),
    case("Cysts of 0-3 mm", upto(3), id="from nothing"),
]  # fmt: skip

COMPARATORS = [
    *(
        case(f"Nodes {words} 5 mm", upto(5, sign), id=words)
        for words, sign in {
            "<": "<", "less than": "<", "smaller than": "<", "below": "<", "≤": "<=", "<=": "<=", "up to": "<=",
            "at most": "<=", "not exceeding": "<=", "no larger than": "<=",
        }.items()
    ),
    *(
        case(f"Nodes {words} 5 mm", mm(5, comparator=sign, range=(5, None)), id=words)
        for words, sign in {
            ">": ">", "more than": ">", "exceeding": ">", "of over": ">", "≥": ">=", "at least": ">=",
        }.items()
    ),
    *(
        case(f"Nodes {words} 5 mm", mm(5, comparator="~"), id=words)
        for words in ("~", "about", "approximately", "approx.", "ca.", "around", "roughly")
    ),
    case("Nodes of 5 mm or less", upto(5), id="or less"),
    case("Nodes, none larger than 8 mm", upto(8), id="none larger"),
    case("Nodes up to 11 mm; none above 15 mm", upto(11), mm(15, comparator=">", range=(15, None)), id="denied clause"),
    case("About 3.5 x 3.0 cm", mm(35, 30, comparator="~"), id="product"),
]  # fmt: skip

ROLES = [
    case("Fibroid 32 mm (previously 28 mm)", mm(32), mm(28, role="previous"), id="previously"),
    case("Fibroid 32 mm, formerly 28 mm", mm(32), mm(28, role="previous"), id="formerly"),
    case("Fibroid 32 x 20 mm (prior 28 x 18)", mm(32, 20), mm(28, 18, role="previous"), id="unit of the present size"),
    case("Node 12 mm (was 9)", mm(12), mm(9, role="previous"), id="was, in brackets"),
    case("Cyst 12 mm, was 14 mm", mm(12), mm(14, role="previous"), id="was, after a comma"),
    case("The duct was 5 mm and the wall was 2 mm", mm(5), mm(2, quantity="thickness"), id="past tense of the report"),
    case("It was 15 mm in January", mm(15, role="previous", examination="January"), id="was, dated"),
    case("Prostate, was 64 ml 2020", volume(64, role="previous", examination="2020"), id="year alone"),
    case("Mass 26 mm (24 mm in 2022)", mm(26), mm(24, role="previous", examination="2022"), id="year after"),
    case("Duct 7 mm (on 14/02/2023: 5 mm)", mm(7), mm(5, role="previous", examination="14/02/2023"), id="date before"),
    case("Duct 7 mm (5 mm on 4 May)", mm(7), mm(5, role="previous", examination="4 May"), id="day and month"),
    case("Cyst 15 mm (10 mm 6 months ago)", mm(15), mm(10, role="previous", examination="6 months ago"), id="ago"),
    case("Duct 7 mm compared with 5 mm last year", mm(7), mm(5, role="previous", examination="last year"),
         id="compared with"),
    case("Last year 12 mm, now 15 mm", mm(12, role="previous", examination="Last year"), mm(15), id="now"),
    case("previously 12, now 15 mm", mm(12, role="previous"), mm(15), id="unit of the next size"),
    case("It grew from 8 mm to 12 mm", mm(8, role="previous"), mm(12), id="from, to"),
    case("Increased from 8 to 12 mm", mm(8, role="previous"), mm(12), id="from, to, one unit"),
    case("Increased to 12 mm from 8 mm", mm(12), mm(8, role="previous"), id="to, from"),
    case("Reduced from 34 mm in 2020 to 28 mm", mm(34, role="previous", examination="2020"), mm(28), id="dated change"),
    case("Ranging from 3 to 8 mm", mm(3, 8, range=(3, 8)), id="from, to without a change"),
    case("A 38 x 25 mm abscess was seen on the previous scan, now 9 x 4 mm",
         mm(38, 25, role="previous", examination="previous scan"), mm(9, 4), id="seen on the previous scan"),
    case("The 14 mm nodule is unchanged from the previous scan", mm(14), id="unchanged"),
    case("A 5 mm nodule, not seen on the previous scan", mm(5), id="not seen before"),
    case("Cyst 12 mm, 2 mm larger than before", mm(12), id="difference"),
    case("Increased by 5 mm", id="change alone"),
    case("Duct 4 mm (normal up to 6 mm)", mm(4), upto(6, role="reference"), id="normal up to"),
    case("Wall 8 mm (N<5)", mm(8, quantity="thickness"), upto(5, "<", quantity="thickness", role="reference"),
         id="N<5"),
    case("Veins 3 mm (upper limit 2.5 mm)", mm(3), upto(2.5, role="reference"), id="upper limit"),
    case("Duct 4 mm (ref 3–5 mm)", mm(4), mm(3, 5, role="reference", range=(3, 5)), id="reference range"),
    case("Biopsy if > 15 mm", mm(15, role="reference", comparator=">", range=(15, None)), id="threshold"),
    case("Spleen: normal, 108 mm", mm(108), id="normal, then the size"),
    case("Duct normal in calibre (5 mm)", mm(5, quantity="diameter"), id="normal in calibre"),
]  # fmt: skip

QUANTITIES = [
    case("The kidney is 10 cm long", mm(100, quantity="length"), id="long"),
    case("Length: 10.1 cm", mm(101, quantity="length"), id="length before"),
    case("3 cm in length", mm(30, quantity="length"), id="length after"),
    case("A 3 cm long thrombus", mm(30, quantity="length"), id="long before the noun"),
    case("Liver 15 cm in the midclavicular line", mm(150, quantity="length"), id="midclavicular line"),
    case("The thickness of the gallbladder wall is 4 mm", mm(4, quantity="thickness"), id="thickness of"),
    case("Vein occluded over 12 cm", mm(120, quantity="length"), id="over a stretch"),
    case("Wall 4 mm", mm(4, quantity="thickness"), id="wall"),
    case("Skin thickened at 4 mm", mm(4, quantity="thickness"), id="thickened"),
    case("Cortex 4 mm thick", mm(4, quantity="thickness"), id="thick"),
    case("A 5 cm thick-walled cyst", mm(50), id="thick-walled"),
    case("Thickened wall and a 4 mm polyp", mm(4), id="another noun between"),
    case("Thickness: R 14 mm, L 17 mm", mm(14, quantity="thickness"), mm(17, quantity="thickness"), id="both sides"),
    case("Wall 3 mm, stone 8 mm", mm(3, quantity="thickness"), mm(8), id="next noun"),
    case("Aorta, maximum diameter 19 mm", mm(19, quantity="diameter"), id="diameter before"),
    case("The duct is dilated to 4 mm", mm(4, quantity="diameter"), id="dilated to"),
    case("Dilated duct with an 8 mm stone", mm(8), id="stone in a dilated duct"),
    case("Node of 9 mm in short axis", mm(9), id="short axis"),
    case("The short axis diameter is 9 mm", mm(9), id="short axis diameter"),
    case("Length 5 x 3 cm", mm(50, 30), id="two numbers are a size"),
    case("Mass 4 cm from the nipple", mm(40, quantity="distance"), id="from the nipple"),
    case("10:00, 4 cm FN", mm(40, quantity="distance"), id="FN"),
    case("10:00, 4 cmFN", mm(40, quantity="distance"), id="cmFN"),
    case("Polyp 12 mm from the anal verge", mm(12, quantity="distance"), id="anal verge"),
    case("Gap of 8 mm between the ends", mm(8, quantity="distance"), id="gap"),
    case("Mass at a depth of 15 mm", mm(15, quantity="depth"), id="at a depth of"),
    case("Mass 3 cm deep to the skin", mm(30, quantity="depth"), id="deep to"),
    case("Mass 3 cm deep.", mm(30, quantity="depth"), id="deep"),
    case("An 8 mm deep lobe nodule", mm(8), id="deep lobe"),
    case("Bladder 280 mL, residual 40 cc", volume(280), volume(40), id="volumes"),
    case("Bladder 1,200 mL, ascites 1.5 litres", volume(1200), volume(1500), id="thousands and litres"),
    case("Haematoma of 20 cm3 and 500 mm³", volume(20), volume(0.5), id="cubes"),
    case("Area 3 cm2 and 40 mm²", of("mm2", "area", 300), of("mm2", "area", 40), id="areas"),
    case("PSV 125 cm/s, EDV 0.4 m/s", velocity(125, "PSV"), velocity(40, "EDV"), id="velocities"),
    case("PSV in the right ICA is 120 cm/sec", velocity(120, "PSV"), id="velocity of a vessel"),
    case("ICA 85/22 cm/s", velocity(85, "PSV"), velocity(22, "EDV"), id="pair of velocities"),
    case("PSV: R 0.8, L 0.9 m/s", velocity(80, "PSV"), velocity(90, "PSV"), id="both sides with one unit"),
    case("RI 0.74, PI = 1.2", index(0.74, "RI"), index(1.2, "PI"), id="indices"),
    case("Resistive index 0.74 on the right, 0.62 on the left", index(0.74, "RI"), index(0.62, "RI"),
         id="index on both sides"),
    case("RI 0.65-0.70", of("1", "index", 0.65, 0.70, name="RI", range=(0.65, 0.70)), id="range of an index"),
    case("RI 0.74 (normal < 0.70)", index(0.74, "RI"),
         index(0.70, "RI", role="reference", comparator="<", range=(None, 0.70)), id="bound of an index"),
    case("ICA/CCA ratio 3.2, S/D 2.5", index(3.2, "ICA/CCA"), index(2.5, "S/D"), id="ratios"),
    case("The RI is normal. Nodule 2 is new.", id="index without a number"),
    case("Alpha angle 62 degrees, beta 50°", of("deg", "angle", 62, name="alpha angle"),
         of("deg", "angle", 50, name="beta angle"), id="angles"),
    case("Alpha 62, beta 50", of("deg", "angle", 62, name="alpha angle"), of("deg", "angle", 50, name="beta angle"),
         id="angles without a unit"),
    case("Gradient of 19 mm Hg, RVSP 35 mmHg", of("mm[Hg]", "pressure", 19, name="pressure gradient"),
         of("mm[Hg]", "pressure", 35, name="pressure"), id="pressures"),
    case("Liver stiffness 7.2 kPa", of("kPa", "stiffness", 7.2, name="stiffness"), id="stiffness"),
    case("Shear wave speed 1.35 m/s", of("cm/s", "stiffness", 135, name="shear wave velocity"), id="shear wave speed"),
    case("Stenosis of 50–69 %", of("%", "fraction", 50, 69, name="stenosis", range=(50, 69)), id="stenosis"),
    case("Collapse > 50%", of("%", "fraction", 50, name="collapse", comparator=">", range=(50, None)), id="collapse"),
    case("EF 35-40 %", of("%", "fraction", 35, 40, name="EF", range=(35, 40)), id="ejection fraction"),
    case("Reflux of 2.1 s, then 800 ms", of("s", "time", 2.1, name="reflux time"), of("s", "time", 0.8), id="times"),
    case("Access volume flow 650 mL/min", of("mL/min", "flow", 650, name="volume flow"), id="volume flow"),
]  # fmt: skip

NOT_MEASURED = [
    "Sampled with a needle of 22 mm",
    "A 5 mm trocar was used",
    "14 gauge, throw 22 mm",
    "7 MHz probe",
    "Height 160 cm, weight 60 kg",
    "Sample volume 2 mm, angle of insonation 60°",
    "10 mL of lidocaine were given",
    "Aspirated 40 mL of pus",
    "Blood pressure 120/80 mmHg",
    "Figure 2 cm bar",
    "12 weeks 3 days, 17 years, 10:30, 14/02/2023, page 3",
    "Temperature 37 °C",
    "1500 g, 5 ng/mL, 120 bpm",
    "At 3 o'clock in segment 4",
    "Nodule 12x8",
]

TABLES = [
    case("Level | Size (mm) | Hilum\nII | 14 x 6 | present\nVI | none | -\nV | 9 | lost", mm(14, 6), mm(9),
         id="bars"),
    case("Side\tPSV (cm/s)\tRI\nR\t120\t0.7", velocity(120, "PSV"), index(0.7, "RI"), id="tabs"),
    case("| Site | Size (cm) |\n|---|---|\n| liver | 2.1 |", mm(21), id="rule below the header"),
    case("Site | Now (mm) | Previous (mm)\nA | 9 | 7", mm(9), mm(7, role="previous"), id="column of earlier sizes"),
    case("Size (mm) | Count\n9 | 3\nSegment 4 is normal.", mm(9), id="text after the table"),
    case("Peak velocities (m/s)\nVessel | PSV | RI\nright | 0.8 | 0.7", velocity(80, "PSV"), index(0.7, "RI"),
         id="unit in the title of a table"),
    case("PSV in m/s:\nCCA R 0.8 L 0.9\nICA R 1.1\nNo plaque in 2 segments of it.", velocity(80, "PSV"),
         velocity(90, "PSV"), velocity(110, "PSV"), id="unit in the line above"),
    case("Size (mm): 14 x 6", mm(14, 6), id="heading with a unit"),
    case("Length in cm: right 10.1, left 9.8", mm(101, quantity="length"), mm(98, quantity="length"),
         id="heading with in"),
]  # fmt: skip
