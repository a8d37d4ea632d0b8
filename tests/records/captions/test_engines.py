"""Captions of the grammar and of a model: their sentences, and the refusal of those that state anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.records.captions.engines import ComposedCaption, GrammarEngine, Rejection
from udt.records.captions.model_engine import CaptionModelEngine
from udt.records.captions.tagged import TaggedLabels
from udt.taxonomy.model.taxonomy import Taxonomy

LIVER = {"body_system": ["Abdomen and retroperitoneum"], "organ": ["Liver"]}
MASS = {
    **LIVER, "diagnosis": ["mass"], "shape": ["irregular"], "margins": ["ill-defined/indistinct"],
    "echogenicity": ["hypoechoic"], "internal_characteristics": ["calcifications"],
    "posterior_acoustics": ["shadowing"], "vascularity": ["increased vascularity"],
}  # fmt: skip
Names = Mapping[str, Sequence[str]]


def _tagged(taxonomy: Taxonomy, present: Names, *others: Names) -> TaggedLabels:
    """Return present, possible and absent labels."""
    given = [present, *others, {}, {}][:3]
    return TaggedLabels(*(LabelSet.of(names, taxonomy.vocabulary) for names in given))


def _text(taxonomy: Taxonomy, language: str, style: str, *labels: Names) -> str:
    made = GrammarEngine(taxonomy, language, style).compose(_tagged(taxonomy, *labels))
    assert isinstance(made, ComposedCaption), made
    assert made.style == style
    return made.text


def test_a_caption_has_place_finding_and_the_rest(taxonomy: Taxonomy) -> None:
    assert _text(taxonomy, "en", "brief", MASS) in {
        f"{place} Irregular, ill-defined, hypoechoic mass with calcifications. "
        "Posterior acoustic shadowing and increased vascularity."
        for place in ("Liver ultrasound.", "Scan of the liver.")
    }


def test_doubts_and_denials_are_worded(taxonomy: Taxonomy) -> None:
    text = _text(
        taxonomy, "en", "report", LIVER, {"diagnosis": ["cyst"], "shape": ["round"]},
        {"internal_characteristics": ["septations", "calcifications"], "posterior_acoustics": ["shadowing"]},
    )  # fmt: skip
    assert text == (
        "Sonography of the liver. Possible cyst. The lesion is possibly round. "
        "No calcifications, septations or posterior acoustic shadowing."
    )


def test_a_place_alone_gives_one_sentence(taxonomy: Taxonomy) -> None:
    assert _text(taxonomy, "en", "report", LIVER) == "Sonography of the liver."
    assert _text(taxonomy, "zh", "report", LIVER) == "肝脏超声检查。"


def test_a_caption_in_chinese(taxonomy: Taxonomy) -> None:
    assert _text(taxonomy, "zh", "report", MASS) == (
        "肝脏超声检查。超声所见：不规则形、低回声肿块，内见钙化。边界模糊、声影、血流丰富。"
    )


def test_the_same_labels_give_the_same_caption(taxonomy: Taxonomy) -> None:
    labels = _tagged(taxonomy, MASS)
    assert GrammarEngine(taxonomy, "en").compose(labels) == GrammarEngine(taxonomy, "en").compose(labels)


def test_labels_that_contradict_the_taxonomy_are_refused(taxonomy: Taxonomy) -> None:
    made = GrammarEngine(taxonomy, "en").compose(_tagged(taxonomy, {"organ": ["Liver"]}))
    assert made == Rejection("also states Abdomen and retroperitoneum (present)")
    assert GrammarEngine(taxonomy, "en").compose(_tagged(taxonomy, {})) == Rejection("there are no labels")


def test_a_language_or_style_has_to_exist(taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match="no grammar of captions in 'tlh'; there is one of: en, zh"):
        GrammarEngine(taxonomy, "tlh")
    with pytest.raises(DataError, match="no style 'ode' of captions; give one of: any, plain, report, brief"):
        GrammarEngine(taxonomy, "en", "ode")


class _Scripted:
    """A model that gives the answers of a script and keeps the prompts."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []

    def complete(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return self.answers.pop(0)


def test_a_model_is_asked_again_with_the_reason(taxonomy: Taxonomy) -> None:
    model = _Scripted("Liver cyst of 3 cm with septations.", " Ultrasound of the liver shows a cyst. ")
    engine = CaptionModelEngine(taxonomy, "en", model, "some-model")
    made = engine.compose(_tagged(taxonomy, {**LIVER, "diagnosis": ["cyst"]}))
    assert made == ComposedCaption("Ultrasound of the liver shows a cyst.", "some-model")
    assert "- organ: Liver" in model.prompts[0] and "- diagnosis: cyst" in model.prompts[0]
    assert "also states septations (present)" in model.prompts[1]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "it is empty"),
        ("Ultrasound of the liver. No cyst.", "does not state cyst (present)"),
        ("Cyst. " * 500, "more than 2000 characters"),
        ("Cyst of the spleen.", "also states Spleen (present)"),
    ],
    ids=["empty", "denied", "too long", "another organ"],
)
def test_a_model_that_never_states_the_labels_is_refused(taxonomy: Taxonomy, answer: str, reason: str) -> None:
    model = _Scripted(answer, answer)
    engine = CaptionModelEngine(taxonomy, "en", model, "some-model", attempts=2)
    made = engine.compose(_tagged(taxonomy, {**LIVER, "diagnosis": ["cyst"]}))
    assert isinstance(made, Rejection) and reason in made.reason
    assert model.answers == []
