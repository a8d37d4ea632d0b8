"""The labels that captions name, against reports of the normaliser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ten_tasks import KEY, write_extension
from udt import Normalizer
from udt.core.errors import DataError, UnknownConceptError
from udt.core.version import __version__
from udt.core.vocabulary import Vocabulary
from udt.normalize.captions import CaptionReader
from udt.taxonomy.model.taxonomy import Taxonomy

CAPTIONS = (
    "Breast ultrasound: irregular heterogeneous lesion with indistinct margins and posterior shadowing.",
    "Possible anechoic cyst of the left kidney without septations.",
    "No mass.",
    "Nothing of interest.",
    "",
)


@pytest.mark.parametrize("caption", CAPTIONS)
def test_present_and_possible_labels_are_read(vocabulary: Vocabulary, caption: str) -> None:
    report = Normalizer().normalize(caption)
    named = CaptionReader(vocabulary).read(caption).named(vocabulary)
    assert named == {key: tuple(sorted(report.labels[key], key=vocabulary[key].id)) for key in vocabulary.keys}
    assert all(set(report.possible[key]) <= set(named[key]) for key in named)
    assert not any(set(report.absent[key]) & set(named[key]) for key in named)


@pytest.mark.parametrize("text", [*CAPTIONS, "Mild hydronephrosis. 2 cm cyst, BI-RADS 3.", "No mild hydronephrosis."])
def test_labels_without_findings_are_those_of_the_report(text: str) -> None:
    normalizer = Normalizer()
    assert normalizer.labels(text) == normalizer.normalize(text).all_labels


def test_other_dimensions_are_left_out(vocabulary: Vocabulary) -> None:
    few = vocabulary.select(["organ", "echogenicity"])
    named = CaptionReader(few).read(CAPTIONS[1]).named(few)
    assert named == {"organ": ("Kidney and ureter",), "echogenicity": ("anechoic",)}


def test_a_task_of_an_extension_needs_its_normaliser(tmp_path: Path) -> None:
    path = write_extension(tmp_path)
    ten = Taxonomy.load(path).vocabulary
    reader = CaptionReader(ten, Normalizer([path]))
    assert reader.read("Breast: hypoechoic mass, vertically oriented.").named(ten)[KEY] == ("not parallel",)
    assert reader.maker == {
        "udt-toolkit": __version__, "taxonomy": {"version": ten.version, "digest": ten.digest}
    }  # fmt: skip
    size = replace(ten, dimensions=(replace(ten[KEY], key="lesion_size"),))
    with pytest.raises(DataError, match="the tasks lesion_size are not in the taxonomy of the normaliser; give a norm"):
        CaptionReader(size)


def test_other_labels_are_refused(vocabulary: Vocabulary) -> None:
    shape = replace(vocabulary["shape"], labels=("star",), iris=("x",), prompts=("x",))
    with pytest.raises(UnknownConceptError, match="shape has no label 'irregular'"):
        CaptionReader(replace(vocabulary, dimensions=(shape,))).read(CAPTIONS[0])
