"""Scopes in a language without blanks."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read


@pytest.mark.parametrize(
    ("text", "affirmed", "denied", "possible"),
    [
        pytest.param("未见囊肿、结节。", set(), {"cyst", "nodule"}, set(), id="sign of a list"),
        pytest.param("未见囊肿，结节。", set(), {"cyst", "nodule"}, set(), id="comma between names"),
        pytest.param("未见囊肿，左肾结节。", {"nodule"}, {"cyst"}, set(), id="comma before another structure"),
        pytest.param("未见囊肿，可见结节。", {"nodule"}, {"cyst"}, set(), id="verb of finding"),
        pytest.param("未见囊肿但有结节。", {"nodule"}, {"cyst"}, set(), id="word that turns"),
        pytest.param("囊肿未见，结节可能。", set(), {"cyst"}, {"nodule"}, id="after both"),
        pytest.param("囊肿，待排。", set(), set(), {"cyst"}, id="hedge after a comma"),
        pytest.param("囊肿：无。结节：（-）", set(), {"cyst", "nodule"}, set(), id="answers"),
        pytest.param("考虑囊肿，结节待查。", set(), set(), {"cyst", "nodule"}, id="two hedges"),
        pytest.param("除外囊肿，考虑结节。", set(), {"cyst"}, {"nodule"}, id="one of them ruled out"),
        pytest.param("CDFI：未见囊肿。", set(), {"cyst"}, set(), id="colon before"),
        pytest.param("囊肿不能除外。", set(), set(), {"cyst"}, id="double denial"),
    ],
)
def test_certainty(read: Read, text: str, affirmed: set[str], denied: set[str], possible: set[str]) -> None:
    report = read(text)
    assert set(report.absent["diagnosis"]) == denied
    assert set(report.possible["diagnosis"]) == possible
    assert set(report.labels["diagnosis"]) - possible == affirmed


@pytest.mark.parametrize(
    ("text", "organs"),
    [
        pytest.param("结节与肝脏回声相比呈低回声。", set(), id="comparison"),
        pytest.param("结节紧邻肝脏。", set(), id="landmark before"),
        pytest.param("肝脏旁见结节。", set(), id="landmark after"),
        pytest.param("肝囊肿术后，肝内未见囊肿。", {"Liver"}, id="history keeps the structure"),
        pytest.param("建议脾脏复查。", set(), id="advice"),
    ],
)
def test_structures_that_are_not_examined(read: Read, text: str, organs: set[str]) -> None:
    assert set(read(text).labels["organ"]) == organs
