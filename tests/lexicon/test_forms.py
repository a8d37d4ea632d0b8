"""The derived forms of a label."""

from __future__ import annotations

import pytest

from udt.lexicon.forms import SpellingVariation, forms
from udt.lexicon.tokens import tokenize
from udt.taxonomy.model.concept import Label, Role

SPELLING = SpellingVariation(
    frozenset({"hypo", "intra", "peri"}), (("oedema", "edema"), ("haem", "hem"), ("tumour", "tumor"))
)


def derived_forms(text: str, role: Role = "alt", language: str = "en") -> dict[str, bool]:
    """Return the derived forms of a label, and whether each is a plural."""
    return {" ".join(words): plural for words, plural in forms(Label(text, language, role), SPELLING)}


@pytest.mark.parametrize(
    ("label", "plural"),
    [
        ("cyst", "cysts"),
        ("mass", "masses"),
        ("septum", "septa"),
        ("biopsy", "biopsies"),
        ("polyp of gallbladder", "polyps of gallbladder"),
        ("lesion with halo", "lesions with halo"),
        ("diverticulum", "diverticula"),
        ("metastasis", "metastases"),
        ("bronchus", "bronchi"),
        ("bursa", "bursae"),
        ("cortex", "cortices"),
        ("cervix", "cervices"),
        ("fibroma", "fibromata"),
        ("fibroma", "fibromas"),
        ("embryo", "embryos"),
        ("seaman", "seamen"),
        ("lymph node", "lymph nodes"),
    ],
)
def test_plural(label: str, plural: str) -> None:
    assert derived_forms(label)[plural] is True


@pytest.mark.parametrize(
    ("label", "form"),
    [
        ("oedema", "edema"),
        ("edema", "oedema"),
        ("haematoma", "hematoma"),
        ("hemangioma", "haemangioma"),
        ("haemorrhagic tumour", "hemorrhagic tumor"),
        ("haemorrhagic tumour", "haemorrhagic tumor"),
    ],
)
def test_british_and_american(label: str, form: str) -> None:
    assert derived_forms(label)[form] is False


@pytest.mark.parametrize(
    ("label", "form"),
    [
        pytest.param("hypoechoic", "hypo echoic", id="apart"),
        pytest.param("hypo-echoic", "hypoechoic", id="joined"),
        pytest.param("intra-abdominal", "intraabdominal", id="joined, vowels meeting"),
        pytest.param("perirenal fat", "peri renal fat", id="apart within a phrase"),
        pytest.param("echo-poor", "echopoor", id="two words with a hyphen"),
    ],
)
def test_combining_forms(label: str, form: str) -> None:
    assert form in derived_forms(label)


def test_a_prefix_is_not_separated_from_a_short_rest() -> None:
    assert "intra net" not in derived_forms("intranet")


def test_spelling_is_not_changed_twice() -> None:
    assert not [form for form in derived_forms("haematoma") if "haaem" in form]


def test_abbreviations_take_an_s_and_nothing_else() -> None:
    assert derived_forms("HCC", "abbreviation") == {"hccs": True}


def test_adjectives_have_no_plural() -> None:
    assert not any(derived_forms("renal", "adjective").values())


@pytest.mark.parametrize("language", ["zh", "la", "fr"])
def test_other_languages_have_no_derived_forms(language: str) -> None:
    assert derived_forms("haematoma", language=language) == {}


@pytest.mark.parametrize("label", ["cyst", "hypo-echoic haematoma", "肝", "HCC", "5-HT"])
def test_the_label_itself_is_not_among_its_forms(label: str) -> None:
    found = [words for words, _ in forms(Label(label, "en", "alt"), SPELLING)]
    assert tuple(tokenize(label).words) not in found
    assert len(found) == len(set(found))
