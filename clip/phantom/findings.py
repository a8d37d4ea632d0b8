"""What is to be seen in one picture: an organ and its lesions, each with attributes of its own.

Labels are sets over a whole picture: two echogenicities mean a lesion of each. Both the picture and the caption are
made from these findings, so that they say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from udt.clip.phantom.appearance import Appearance
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

# Flow alone needs no lesion.
_OWN = ("diagnosis", "shape", "margins", "echogenicity", "posterior_acoustics")
_MOST = 3


@dataclass(frozen=True, slots=True)
class PhantomFinding:
    """One lesion, by label ids; None where nothing is said.

    :ivar inside: everything that is in it.
    """

    diagnosis: int | None
    shape: int | None
    margins: int | None
    echogenicity: int | None
    posterior_acoustics: int | None
    vascularity: int | None
    inside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PhantomContent:
    """What one picture shows, by label ids.

    :ivar normal: diagnoses without a lesion.
    :ivar flow: what Doppler shows in the tissue where there is no lesion.
    """

    system: int | None
    organ: int | None
    normal: tuple[int, ...]
    findings: tuple[PhantomFinding, ...]
    flow: tuple[int, ...]


def read(labels: LabelSet, vocabulary: Vocabulary, looks: Appearance) -> PhantomContent:
    """The findings that `labels` speak of.

    A dimension with several labels gives as many lesions; a dimension with fewer repeats its own. There is no lesion
    where the labels name none, nor an attribute of one.

    :raises DataError: where a label cannot be drawn, two organs are named, the organ belongs to another body system, or
        there would be more than three lesions.
    """
    ids = dict(zip(vocabulary.keys, labels.ids, strict=True))
    system, organ = _place(ids["body_system"], ids["organ"], vocabulary)
    normal = tuple(i for i in ids["diagnosis"] if not looks.diagnosis.of(vocabulary, i).lesion)
    own = {key: tuple(i for i in ids[key] if i not in normal or key != "diagnosis") for key in _OWN}
    inside, flow = ids["internal_characteristics"], ids["vascularity"]
    count = max(len(found) for found in (*own.values(), inside[:1]))
    if count:
        own["vascularity"], flow = flow, ()
        count = max(count, len(own["vascularity"]))
    if count > _MOST:
        raise DataError(f"a phantom has at most {_MOST} lesions, but these labels name {count}; leave some out")
    findings = tuple(
        PhantomFinding(**{key: _turn(found, number) for key, found in own.items()}, inside=inside)
        for number in range(count)
    )
    return PhantomContent(system, organ, normal, findings, flow)


def choose_organ(picture: PhantomContent, vocabulary: Vocabulary, looks: Appearance, rng: np.random.Generator) -> int:
    """The organ to draw: that of the picture, else any of its body system, else any.

    :raises DataError: where no organ of the body system can be drawn.
    """
    if picture.organ is not None:
        return picture.organ
    parents = vocabulary["organ"].parents
    drawn = looks.organ.drawn(vocabulary)
    allowed = [organ for organ in drawn if picture.system in (None, parents[organ])]
    if not allowed:
        names = vocabulary["body_system"].labels
        others = ", ".join(sorted({names[parents[organ]] for organ in drawn}))
        raise DataError(f"body_system: no phantom shows an organ of '{names[picture.system or 0]}'; allowed: {others}")
    return allowed[int(rng.integers(len(allowed)))]


def _place(systems: Sequence[int], organs: Sequence[int], vocabulary: Vocabulary) -> tuple[int | None, int | None]:
    names = vocabulary["organ"]
    if len(organs) > 1:
        got = ", ".join(names.labels[organ] for organ in organs)
        raise DataError(f"organ: a phantom shows one organ, but got {got}; give one of them")
    if len(systems) > 1:
        got = ", ".join(vocabulary["body_system"].labels[system] for system in systems)
        raise DataError(f"body_system: a phantom shows one body system, but got {got}; give one of them")
    system = systems[0] if systems else None
    organ = organs[0] if organs else None
    if organ is not None and system not in (None, names.parents[organ]):
        right, wrong = (vocabulary["body_system"].labels[i] for i in (names.parents[organ], system or 0))
        raise DataError(f"body_system: '{names.labels[organ]}' belongs to '{right}', but got '{wrong}'; give that")
    return system, organ


def _turn(found: Sequence[int], number: int) -> int | None:
    return found[number % len(found)] if found else None
