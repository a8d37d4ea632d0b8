"""Fast construction of frozen dataclasses."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest

from udt.core.construct import constructor
from udt.core.report import Evidence, Finding, Measurement


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    sizes: list[int] = field(default_factory=list)
    unit: str = "mm"


@dataclass(frozen=True)
class WithoutSlots:
    name: str


@dataclass(frozen=True, slots=True)
class Checked:
    name: str

    def __post_init__(self) -> None:
        raise ValueError(self.name)


def test_an_instance_equals_one_made_by_the_class() -> None:
    make = constructor(Part)
    assert make("kidney", [10, 4], "cm") == Part("kidney", [10, 4], "cm")
    assert make(name="kidney") == Part("kidney")
    assert type(make("kidney")) is Part


def test_each_instance_has_defaults_of_its_own() -> None:
    make = constructor(Part)
    assert make("kidney").sizes is not make("spleen").sizes


def test_an_instance_is_frozen_and_can_be_copied() -> None:
    part = constructor(Part)("kidney")
    with pytest.raises(FrozenInstanceError):
        part.name = "spleen"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(part)) == copy.deepcopy(part) == part
    assert replace(part, unit="cm") == Part("kidney", unit="cm")
    assert repr(part) == "Part(name='kidney', sizes=[], unit='mm')"


def test_a_finding_has_all_its_fields() -> None:
    evidence = (Evidence("shape", "oval", "udaf:shape.oval", 0, 4, "oval", "present"),)
    sizes = (Measurement((2.0,), "cm", (20.0,), 5, 9),)
    values: tuple[Any, ...] = ("f1", "present", None, "Liver", "left", {"shape": ("oval",)}, sizes, evidence, 0, 9, {})
    assert constructor(Finding)(*values) == Finding(*values)


@pytest.mark.parametrize("cls", [WithoutSlots, Checked, int], ids=lambda cls: cls.__name__)
def test_a_class_of_another_form_is_refused(cls: type) -> None:
    with pytest.raises(TypeError, match=cls.__name__):
        constructor(cls)


def test_missing_arguments_are_an_error() -> None:
    with pytest.raises(TypeError, match="name"):
        constructor(Part)()  # type: ignore[call-arg]
