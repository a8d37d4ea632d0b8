"""Made-up ultrasound captions and reports, composed from the labels of the taxonomy; never the same text twice."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.taxonomy import Taxonomy

_SLOT = re.compile(r"\{(\w+)\}")
_SIDES = ("left", "right", "bilateral")
_VIEWS = ("Longitudinal", "Transverse", "Axial", "Subcostal", "Transvaginal", "Coronal", "Oblique")
_SYLLABLES = ("ba", "den", "fo", "gri", "hal", "ka", "lun", "mer", "no", "pas", "qui", "rov", "sten", "tu", "vi", "zel")
_LENGTHS = (1, 1, 1, 2, 3)
_LONGEST_LABEL = 40

# As in published captions, about half of the words are in no lexicon, and some (`name`) are met once and never again.
_SENTENCES = (
    "{View} ultrasound of the {side} {organ} shows a {echogenicity} {finding} measuring {size} (arrow).",
    "{View} image obtained with a {name} probe on day {number} demonstrating {finding} with {margins} and {shape}.",
    "There is no {finding} in the {organ}, and the remaining study was as described by {name} et al.",
    "{organ}: {echogenicity}, {size}. No {finding} or {finding}.",
    "Appearances suggest {finding}; {finding} cannot be excluded on the basis of one sweep.",
    "The {organ} is {echogenicity} and measures {size}, without evidence of {finding}.",
    "A {number}-year-old woman who came to the {name} clinic because of {finding}.",
    "Color Doppler view with {vascularity}; the dashed line marks the {name} plane of panel {number}.",
    "The {side} {organ} contains a {finding} of {size} with {internal_characteristics} and {posterior_acoustics}.",
    "Follow-up after {number} weeks of {name}: the {finding} near the {organ} is smaller than before, now {size}.",
    "The calipers (plus signs) were placed by two independent readers, as published by {name} and {name}.",
)


def captions(taxonomy: Taxonomy, seed: int) -> Iterator[str]:
    """Captions of one to three sentences without end, each of them new; the same for the same `seed`."""
    source = random.Random(seed)
    slots = _slots(taxonomy, source)
    seen: set[str] = set()
    while True:
        patterns = source.choices(_SENTENCES, k=source.choice(_LENGTHS))
        text = " ".join(_SLOT.sub(lambda slot: slots[slot[1]](), pattern) for pattern in patterns)
        if text not in seen:
            seen.add(text)
            yield text


def report(sentences: Iterator[str], size: int, separator: str, full_stop: str) -> str:
    """A text of `size` characters: captions joined by `separator`, with `full_stop` where they have full stops."""
    parts: list[str] = []
    length = 0
    while length < size:
        part = next(sentences).replace(".", full_stop)
        parts.append(part)
        length += len(part) + len(separator)
    return separator.join(parts)[:size]


def read(files: tuple[Path, ...]) -> list[str]:
    """The field `text` of every line of JSON Lines files."""
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return [json.loads(line)["text"] for line in lines if line.strip()]


def _slots(taxonomy: Taxonomy, source: random.Random) -> Mapping[str, Callable[[], str]]:
    """What fills each slot of a pattern."""
    concepts = {dimension.key: dimension.values for dimension in taxonomy.dimensions}
    concepts["organ"] = tuple(c for c in taxonomy if c.kind in {"Organ", "Component"})
    concepts["finding"] = tuple(c for c in taxonomy if c.kind == "FindingTerm")
    words = {slot: [label for concept in found for label in _labels(concept)] for slot, found in concepts.items()}
    words |= {"side": list(_SIDES), "View": list(_VIEWS)}
    slots: dict[str, Callable[[], str]] = {slot: partial(source.choice, options) for slot, options in words.items()}
    slots["name"] = lambda: "".join(source.choices(_SYLLABLES, k=source.randint(2, 4))).capitalize()
    slots["number"] = lambda: str(source.randint(2, 89))
    slots["size"] = lambda: f"{source.randint(3, 99) / 10} x {source.randint(3, 99) / 10} cm"
    return slots


def _labels(concept: Concept) -> list[str]:
    """The English names that a writer would use: no misspellings, nothing very long."""
    written = (label.text for label in concept.labels if label.language == "en" and label.role in {"pref", "alt"})
    return [text for text in written if len(text) <= _LONGEST_LABEL]
