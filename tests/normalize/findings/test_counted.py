"""Structures that are findings themselves: lymph nodes, malformed organs."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read

NODE = "uhat:lymph-nodes"


@pytest.mark.parametrize(
    ("text", "label", "sizes"),
    [
        ("Lymph node in the axilla 12 x 8 mm.", "axillary lymph node", [(12.0, 8.0)]),
        (
            "Lymph node in the right axilla measuring 12 x 8 mm with thickened cortex.",
            "axillary lymph node",
            [(12.0, 8.0)],
        ),
        ("Right axillary lymph node with a cortex of 6 mm.", "axillary lymph node", [(6.0,)]),
        ("One lymph node with eccentric cortical thickening of 6 mm.", "lymph node", [(6.0,)]),
        (
            "Lymph node in the axilla 12 x 8 mm with thick cortex of 6 mm, suspicious for metastasis.",
            "axillary lymph node",
            [(12.0, 8.0), (6.0,)],
        ),
        ("Several lymph nodes with normal fatty hilum, the largest 8 mm.", "lymph node", [(8.0,)]),
        ("Oval lymph nodes with preserved hila, up to 9 mm in short axis.", "lymph node", [(9.0,)]),
        (
            "Level III node 9 x 5 mm, round, hilum absent, peripheral vascularity, microcalcifications.",
            "level III lymph node",
            [(9.0, 5.0)],
        ),
        ("Two level II nodes on the left, 8 mm, probably reactive.", "level II lymph node", [(8.0,)]),
        ("Peripancreatic nodes up to 11 mm.", "peripancreatic lymph node", [(11.0,)]),
    ],
)
def test_a_node_has_what_is_said_of_its_parts_and_region(
    read: Read, text: str, label: str, sizes: list[tuple[float, ...]]
) -> None:
    (finding,) = [f for f in read(text).findings if f.kind != "organ"]
    assert finding.concept is not None
    assert (finding.concept.concept, finding.concept.label, finding.certainty) == (NODE, label, "present")
    assert [m.values for m in finding.measurements] == sizes


def test_the_size_of_a_cortex_is_its_thickness(read: Read) -> None:
    (finding,) = read("Right axillary lymph node with a cortex of 6 mm.").findings
    assert [m.quantity for m in finding.measurements] == ["thickness"]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Lymph nodes likely reactive.", "reactive lymphadenopathy"),
        ("Inguinal node, suspicious for metastasis.", "inguinal lymph node metastasis"),
    ],
)
def test_a_hedged_name_interprets_a_node(read: Read, text: str, offered: str) -> None:
    (finding,) = read(text).findings
    assert finding.concept is not None and finding.concept.concept == NODE
    assert (finding.certainty, [i.concept.label for i in finding.interpretations]) == ("present", [offered])


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("A mass with a suspicious axillary node.", ["udaf:diagnosis.mass", "finding:suspicious-lymph-node"]),
        ("A mass and an enlarged axillary lymph node.", ["udaf:diagnosis.mass", "finding:lymphadenopathy"]),
        ("A nodule with enlarged lymph nodes.", ["udaf:diagnosis.nodule", "finding:lymphadenopathy"]),
        ("Metastasis in an inguinal node.", ["finding:metastatic-lymph-node"]),
        ("Lymph nodes show no thickening of the cortex.", ["finding:lymph-node-cortical-thickening"]),
    ],
)
def test_a_node_beside_a_lesion_is_another_finding(read: Read, text: str, concepts: list[str]) -> None:
    assert [f.concept.concept for f in read(text).findings if f.concept is not None] == concepts


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Suspicious mass on the left with a suspicious axillary node.", "left"),
        ("Mass of the right breast with a suspicious axillary node.", "right"),
    ],
)
def test_a_node_that_comes_with_a_lesion_has_its_side(read: Read, text: str, side: str) -> None:
    lesion, node = read(text).findings[-2:]
    assert (lesion.laterality, node.laterality) == (side, side)


def test_a_malformed_organ_is_a_finding_with_its_own_size(read: Read) -> None:
    organ, stone = read("Horseshoe kidney, 11 cm, with a stone of 5 mm.").findings
    assert organ.concept is not None and organ.concept.label == "horseshoe kidney"
    assert [m.values for m in organ.measurements] == [(11.0,)]
    assert [m.values for m in stone.measurements] == [(5.0,)]


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        pytest.param("No small left axillary nodes.", "absent", id="adjective of a kind"),
        pytest.param("No lymphadenopathy or left axillary nodes.", "absent", id="or"),
        pytest.param("No lymphadenopathy and left axillary nodes.", "absent", id="and"),
        pytest.param("No lymphadenopathy, left axillary nodes.", "absent", id="comma"),
        pytest.param("No right axillary or supraclavicular nodes.", "absent", id="two regions"),
        pytest.param("No cm axillary nodes.", "absent", id="unit"),
        pytest.param("Negative axillary nodes.", "absent", id="adjective that denies"),
        pytest.param("Lymphadenopathy is absent, left axillary nodes.", "present", id="denial of what is before"),
        pytest.param("No disease involving left axillary nodes.", "present", id="another word between"),
        pytest.param("No thyroid disease, nodes are seen.", "present", id="another disease between"),
    ],
)
def test_a_node_that_follows_a_negation_is_denied(read: Read, text: str, certainty: str) -> None:
    assert read(text).findings[-1].certainty == certainty


@pytest.mark.parametrize(
    ("text", "side", "sizes"),
    [
        pytest.param("Axillary lymph node, left cortex thickened.", "left", [], id="side of a part"),
        pytest.param("Right axillary lymph node with left cortex of 5 mm.", "right", [(5.0,)], id="its own side first"),
        pytest.param(
            "Left axillary lymph node with a cortex of 5 mm, right breast 4 mm.", "left", [(5.0,)], id="another organ"
        ),
    ],
)
def test_a_node_and_its_parts_are_one(read: Read, text: str, side: str, sizes: list[tuple[float, ...]]) -> None:
    (node,) = [f for f in read(text).findings if f.kind != "organ"]
    assert (node.laterality, [m.values for m in node.measurements]) == (side, sizes)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        pytest.param("Axillary node of 9 mm, no cortical thickening.",
                     ["axillary lymph node", "axillary lymph node thickening"], id="denied sign"),
        pytest.param("Left axillary node 9 mm. It has a thick cortex, 4 mm, and loss of the hilum.",
                     ["axillary lymph node", "axillary lymph node"], id="node of the sentence before"),
        pytest.param("Enlarged axillary nodes multiple.", ["axillary lymph node enlargement"], id="attribute after"),
        pytest.param("Multiple enlarged left axillary nodes.", ["axillary lymph node enlargement"],
                     id="attribute before"),
        pytest.param("Mesenteric lymphadenitis, nodes of 12 mm.", ["mesenteric lymphadenitis"],
                     id="disease of the nodes"),
        pytest.param("Lymph node: solid mass of 3 cm.", ["lymph node", "nodal mass"], id="node before a mass"),
        pytest.param("Solid mass of the lymph node of 3 cm.", ["nodal mass"], id="node after a mass"),
    ],
)  # fmt: skip
def test_what_is_named_beside_a_node(read: Read, text: str, labels: list[str]) -> None:
    assert [f.concept.label for f in read(text).findings if f.concept is not None] == labels


def test_what_calcifies_in_a_part_of_a_node_is_of_the_node(read: Read) -> None:
    (node,) = read("Axillary node 9 mm with calcification in the cortex.").findings
    assert node.labels["internal_characteristics"] == ("calcifications",)
