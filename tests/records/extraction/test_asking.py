"""A model is asked if the rules found too little, or contradict themselves."""

from __future__ import annotations

import pytest

from udt.normalize.normalizer import Normalizer
from udt.records.extraction.asking import Doubt, doubts
from udt.records.extraction.stages import stages_of
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("text", "anatomy", "attributes"),
    [
        ("Liver: anechoic cyst.", set(), set()),
        ("Cholelithiasis.", set(), set()),
        ("Liver without a cyst.", set(), set()),
        ("Anechoic cyst.", {Doubt.NOT_STATED}, set()),
        ("The liver.", set(), {Doubt.NO_FINDING}),
        ("", {Doubt.NOT_STATED}, {Doubt.NO_FINDING}),
        ("Liver cyst. Blurb of a strange kind that nobody ever knew.", {Doubt.UNREAD}, {Doubt.UNREAD}),
        ("Liver cyst. Blurb of 3 cm.", set(), set()),
        ("Liver nodule with calcification. Second one without calcification.", set(), {Doubt.CONTRADICTION}),
        ("Liver nodule with well-defined and ill-defined margins.", set(), {Doubt.EXCLUSIVE}),
        ("Well-defined liver nodule. Ill-defined spleen nodule.", set(), set()),
    ],
)  # fmt: skip
def test_doubts(
    taxonomy: Taxonomy, normalizer: Normalizer, text: str, anatomy: set[Doubt], attributes: set[Doubt]
) -> None:
    report = normalizer.normalize(text)
    found = [set(doubts(report, stage)) for stage in stages_of(taxonomy)]
    assert found == [anatomy, attributes]
