"""Lists of lesions of one kind, and findings with the attributes of the one before them."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read

BOTH = [(), (30.0,), (22.0,)]
ONE = [(30.0, 22.0)]


def sizes_of(read: Read, text: str) -> list[tuple[float, ...]]:
    """Return the sizes of each lesion of a text."""
    found = (f.measurements for f in read(text).findings if f.kind == "lesion")
    return [tuple(value for m in measurements for value in m.canonical) for measurements in found]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        pytest.param("2 fibroids - anterior 3 cm, fundal 22 mm.", BOTH, id="dash"),
        pytest.param("2 fibroids: anterior 3 cm, fundal 22 mm.", BOTH, id="colon"),
        pytest.param("2 fibroids (anterior 3 cm, fundal 22 mm).", BOTH, id="bracket"),
        pytest.param("2 fibroids: 3 cm anterior, 22 mm fundal.", BOTH, id="places after sizes"),
        pytest.param("2 fibroids, 3 cm in the fundus, 22 mm in the cervix.", BOTH, id="comma, article"),
        pytest.param("2 fibroids, 3 cm in fundus, 22 mm in cervix.", BOTH, id="comma, no article"),
        pytest.param("2 fibroids, fundal 3 cm, cervical 22 mm.", ONE, id="comma, no preposition"),
        pytest.param("There are 2 fibroids: anterior 3 cm, fundal 22 mm.", BOTH, id="verb before"),
        pytest.param("Uterus of 9 cm with fibroids: anterior 3 cm, fundal 22 mm.", BOTH, id="size before"),
        pytest.param("2 nodules: 30 mm in the left lobe and another of 22 mm in the right lobe.", ONE, id="another"),
        pytest.param("2 nodules: the left lobe shows 30 mm, the right lobe shows 22 mm.", ONE, id="verb within"),
        pytest.param("2 nodules: left lobe is 30 mm, right lobe is 22 mm.", ONE, id="copula within"),
        pytest.param("Fibroids at 3 cm anterior, 22 mm fundal.", ONE, id="no sign before"),
        pytest.param("Fibroid: left 3 cm, right 22 mm.", ONE, id="singular"),
        pytest.param("No fibroids: left 3 cm, right 22 mm.", ONE, id="denied"),
        pytest.param("Possible fibroids: anterior 3 cm, fundal 22 mm.", ONE, id="hedged"),
        pytest.param("Cysts: depth 3 cm at 2 o'clock, depth 22 mm at 6 o'clock.", ONE, id="sizes with a term"),
        pytest.param("Left lobe 3 cm, nodules: posterior 22 mm.", ONE, id="one size in the list"),
    ],
)
def test_a_list_of_lesions_with_a_size_each(read: Read, text: str, sizes: list[tuple[float, ...]]) -> None:
    assert sizes_of(read, text) == sizes


def test_sizes_of_the_structures_of_a_state_are_theirs(read: Read) -> None:
    state, *structures = read("Dilated bile ducts: common duct 9 mm, left duct 5 mm.").findings
    assert not state.measurements
    assert [(one.kind, [m.canonical for m in one.measurements]) for one in structures] == [
        ("organ", [(9.0,)]),
        ("organ", [(5.0,)]),
    ]


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Left cysts: 8 mm anterior, 5 mm posterior.", ["left", "left", "left"]),
        ("Right nodules: 8 mm superior, 5 mm inferior.", ["right", "right", "right"]),
        ("Bilateral nodules: 8 mm superior, 5 mm inferior.", ["bilateral", None, None]),
        ("Left cyst and nodules: 8 mm superior, 5 mm inferior.", ["left", None, None, None]),
        ("Nodule and left nodules: 8 mm superior, 5 mm inferior.", [None, "left", "left", "left"]),
        ("Left stones: right anterior 4 mm, posterior 9 mm.", ["left", "right", "left"]),
        ("Left lobe: nodule of 6 mm, the other of 11 mm.", ["left", "left"]),
    ],
)
def test_the_side_of_a_list_is_that_of_its_lesions(read: Read, text: str, sides: list[str | None]) -> None:
    assert [f.laterality for f in read(text).findings] == sides


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("Left cyst, oval. Right cyst, same features.", ["cyst", "cyst"], id="two of a kind"),
        pytest.param("Left cyst, oval. Right nodule, same features.", ["cyst", "nodule"], id="name stays"),
        pytest.param("Left cyst at the upper pole, oval. Cyst, same features.", ["cyst", "cyst"], id="place stays"),
    ],
)
def test_the_same_features(read: Read, text: str, named: list[str]) -> None:
    first, last = read(text).findings
    assert [one.concept and one.concept.label for one in (first, last)] == named
    assert first.labels["shape"] == last.labels["shape"] == ("oval",)
    assert not last.location


def test_the_same_features_as_after_a_structure_without_any(read: Read) -> None:
    *_, kidney = read("Liver. Normal. Kidney: same features.").findings
    assert kidney.concept is not None and kidney.concept.label == "normal appearance"
    *_, cyst = read("Left cyst, oval. Liver 15 cm. Right cyst, same features.").findings
    assert cyst.labels["shape"] == ("oval",)


@pytest.mark.parametrize("text", ["Cyst, same features.", "N1: 9 x 5 mm, round.\nN2: 8 x 4 mm, same features."])
def test_the_same_features_of_nothing(read: Read, text: str) -> None:
    assert len(read(text).findings) == 1


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        pytest.param("Goitre with an axillary node.", ["goitre", "axillary lymph node"], id="beside it"),
        pytest.param("Goitre with a node in the axilla.", ["goitre", "axillary lymph node"], id="place after it"),
        pytest.param("Goitre and mass of level IV node.", ["goitre", "level IV lymph node mass"], id="place of it"),
        pytest.param("Goitre and mass in a level IV node.", ["goitre", "level IV lymph node mass"], id="article"),
    ],
)
def test_a_node_beside_a_lesion_or_its_place(read: Read, text: str, labels: list[str]) -> None:
    assert [f.concept.label for f in read(text).findings if f.concept is not None] == labels
