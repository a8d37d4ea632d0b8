"""The language of a text, and what is read in a language without words of denial."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, exclusion_reasons, places

DENIALS = [
    ("nl", "Geen tumor."),
    ("sv", "Ingen tumor."),
    ("pl", "Bez zmian, tumor wykluczony."),
    ("tr", "Tumor izlenmedi."),
    ("hu", "Nincs tumor."),
    ("fi", "Ei todettu, hematoma poissuljettu."),
    ("id", "Tidak tampak carcinoma."),
    ("vi", "Không có tumor."),
    ("ru", "Опухоли нет: tumor."),
    ("ja", "腫瘍なし。tumor"),
    ("ko", "종양 없음 tumor"),
]


@pytest.mark.parametrize(("language", "text"), [pytest.param(*case, id=case[1]) for case in DENIALS])
def test_nothing_is_present_in_a_language_without_denials(read: Read, language: str, text: str) -> None:
    report = read(text)
    assert report.language == language
    assert not report.labels["diagnosis"]
    assert "language" in exclusion_reasons(report).values() or not exclusion_reasons(report)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Liver cyst.", id="two words"),
        pytest.param("Fibroid.", id="one word"),
        pytest.param("De Quervain tenosynovitis.", id="particle of a name"),
        pytest.param("Von Meyenburg complexes.", id="name of a disease"),
        pytest.param("Dilated bile ducts.", id="word of another language in a label"),
        pytest.param("Cul-de-sac: no fluid.", id="French term"),
        pytest.param("Vena cava inferior thrombus, situs inversus.", id="Latin terms"),
        pytest.param("Courtesy of Dr. José da Silva. Renal cyst.", id="name of a person"),
        pytest.param("Hepatic cyst (Hôpital de la Salpêtrière).", id="name of a hospital"),
        pytest.param("A cyst with α and β angles of the liver.", id="Greek letters"),
        pytest.param("Hashimoto's thyroiditis (橋本).", id="name in other letters"),
    ],
)
def test_english(read: Read, text: str) -> None:
    report = read(text)
    assert report.language == "en"
    assert "language" not in exclusion_reasons(report).values()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("Pas de calcification.", "fr", id="French"),
        pytest.param("Le rein ne présente pas de kyste.", "fr", id="French sentence"),
        pytest.param("肝脏未见结节。", "zh", id="Chinese"),
    ],
)
def test_languages_with_denials_are_read(read: Read, text: str, language: str) -> None:
    report = read(text)
    assert report.language == language
    assert any(report.absent.values())
    assert "language" not in exclusion_reasons(report).values()


def test_the_anatomy_of_a_text_without_denials_is_kept(read: Read) -> None:
    report = read("Pancreas: geen tumor, zonder cyste.")
    assert places(report) == {"Pancreas"}
    assert not report.labels["diagnosis"]
    assert not report.absent["diagnosis"]
