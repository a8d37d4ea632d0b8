"""The content of one image: an organ and its lesions, each with its own attributes.

Labels are sets for a whole image: two labels of echogenicity give two lesions. Image and caption are both made from
the same findings, so that they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from udt.clip.phantom.appearance import Appearance
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

# Vascularity is absent, since flow can be shown without a lesion.
_PER_LESION = ("diagnosis", "shape", "margins", "echogenicity", "posterior_acoustics")
_MAX_LESIONS = 3


@dataclass(frozen=True, slots=True)
class PhantomFinding:
    """The label ids of one lesion; None for a dimension without a label.

    :ivar inclusions: all internal characteristics.
    """

    diagnosis: int | None
    shape: int | None
    margins: int | None
    echogenicity: int | None
    posterior_acoustics: int | None
    vascularity: int | None
    inclusions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PhantomContent:
    """The label ids of one image.

    :ivar normal: diagnoses without a lesion.
    :ivar flow: vascularity of the tissue, if there is no lesion.
    """

    system: int | None
    organ: int | None
    normal: tuple[int, ...]
    findings: tuple[PhantomFinding, ...]
    flow: tuple[int, ...]


def plan_content(labels: LabelSet, vocabulary: Vocabulary, styles: Appearance) -> PhantomContent:
    """Distribute `labels` over findings.

    A dimension with several labels gives as many lesions; a dimension with fewer labels repeats them. There is no
    lesion if the labels contain neither a diagnosis with a lesion nor an attribute of a lesion.

    :raises DataError: if a label cannot be drawn, there is more than one organ or body system, the organ belongs to
        another body system, or there would be more than three lesions.
    """
    ids = dict(zip(vocabulary.keys, labels.ids, strict=True))
    system, organ = _system_and_organ(ids["body_system"], ids["organ"], vocabulary)
    normal = tuple(i for i in ids["diagnosis"] if not styles.diagnosis.of(vocabulary, i).lesion)
    per_lesion = {key: tuple(i for i in ids[key] if i not in normal or key != "diagnosis") for key in _PER_LESION}
    inclusions, flow = ids["internal_characteristics"], ids["vascularity"]
    count = max(len(found) for found in (*per_lesion.values(), inclusions[:1]))
    if count:
        per_lesion["vascularity"], flow = flow, ()
        count = max(count, len(per_lesion["vascularity"]))
    if count > _MAX_LESIONS:
        raise DataError(f"these labels give {count} lesions; allowed: at most {_MAX_LESIONS}; leave some labels out")
    findings = tuple(
        PhantomFinding(**{key: _cycled(found, number) for key, found in per_lesion.items()}, inclusions=inclusions)
        for number in range(count)
    )
    return PhantomContent(system, organ, normal, findings, flow)


def choose_organ(content: PhantomContent, vocabulary: Vocabulary, styles: Appearance, rng: np.random.Generator) -> int:
    """Return the organ to draw: that of the content, or else a random one, of its body system if it has one.

    :raises DataError: if no organ of the body system can be drawn.
    """
    if content.organ is not None:
        return content.organ
    parents = vocabulary["organ"].parents
    drawable = styles.organ.drawable(vocabulary)
    allowed = [organ for organ in drawable if content.system in (None, parents[organ])]
    if not allowed:
        names = vocabulary["body_system"].labels
        others = ", ".join(sorted({names[parents[organ]] for organ in drawable}))
        raise DataError(f"body_system: no organ of '{names[content.system or 0]}' can be drawn; allowed: {others}")
    return allowed[int(rng.integers(len(allowed)))]


def _system_and_organ(
    systems: Sequence[int], organs: Sequence[int], vocabulary: Vocabulary
) -> tuple[int | None, int | None]:
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
        raise DataError(f"body_system: '{names.labels[organ]}' belongs to '{right}', but got '{wrong}'; give '{right}'")
    return system, organ


def _cycled(found: Sequence[int], number: int) -> int | None:
    return found[number % len(found)] if found else None
