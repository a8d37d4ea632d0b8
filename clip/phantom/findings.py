"""The content of one image: an organ and its lesions, each with its own attributes.

Labels are sets for a whole image: two labels of echogenicity give two lesions. Image and caption are both made from
the same findings, so that they agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from udt.clip.phantom.appearance import BEHIND, FLOW, INCLUSIONS, TRAITS, Appearance, drawn_dimensions
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

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
    _check_drawn(ids, vocabulary)
    system, organ = _system_and_organ(ids, vocabulary)
    (kind,) = vocabulary.keys_of("diagnosis")
    normal = tuple(i for i in ids[kind] if not styles.diagnosis.of(vocabulary, i).lesion)
    # The flow is not among them, since it can be shown without a lesion.
    per_lesion = {"diagnosis": tuple(i for i in ids[kind] if i not in normal), **{key: ids[key] for key in TRAITS}}
    per_lesion[BEHIND] = ids[BEHIND]
    inclusions, flow = ids[INCLUSIONS], ids[FLOW]
    count = max(len(found) for found in (*per_lesion.values(), inclusions[:1]))
    per_lesion[FLOW] = ()
    if count:
        per_lesion[FLOW], flow = flow, ()
        count = max(count, len(per_lesion[FLOW]))
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
    outer, inner = vocabulary.nested_places
    parents = vocabulary[inner].parents
    drawable = styles.organ.drawable(vocabulary)
    allowed = [organ for organ in drawable if content.system in (None, parents[organ])]
    if not allowed:
        names = vocabulary[outer].labels
        others = ", ".join(sorted({names[parents[organ]] for organ in drawable}))
        raise DataError(f"{outer}: no organ of '{names[content.system or 0]}' can be drawn; allowed: {others}")
    return allowed[int(rng.integers(len(allowed)))]


def _check_drawn(ids: Mapping[str, Sequence[int]], vocabulary: Vocabulary) -> None:
    """Check that all labels are of dimensions that phantoms show.

    :raises DataError: naming the first other one.
    """
    drawn = drawn_dimensions(vocabulary)
    for key, found in ids.items():
        if found and key not in drawn:
            label = vocabulary[key].labels[found[0]]
            raise DataError(
                f"{key}: '{label}' cannot be drawn, since phantoms do not show this dimension; leave it out; allowed: "
                f"labels of {', '.join(drawn)}"
            )


def _system_and_organ(ids: Mapping[str, Sequence[int]], vocabulary: Vocabulary) -> tuple[int | None, int | None]:
    outer, inner = vocabulary.nested_places
    systems, organs, names = ids[outer], ids[inner], vocabulary[inner]
    if len(organs) > 1:
        got = ", ".join(names.labels[organ] for organ in organs)
        raise DataError(f"{inner}: a phantom shows one organ, but got {got}; give one of them")
    if len(systems) > 1:
        got = ", ".join(vocabulary[outer].labels[system] for system in systems)
        raise DataError(f"{outer}: a phantom shows one body system, but got {got}; give one of them")
    system = systems[0] if systems else None
    organ = organs[0] if organs else None
    if organ is not None and system not in (None, names.parents[organ]):
        right, wrong = (vocabulary[outer].labels[i] for i in (names.parents[organ], system or 0))
        raise DataError(f"{outer}: '{names.labels[organ]}' belongs to '{right}', but got '{wrong}'; give '{right}'")
    return system, organ


def _cycled(found: Sequence[int], number: int) -> int | None:
    return found[number % len(found)] if found else None
