"""A made-up corpus in the layout and of the size of US-365K, composed from the labels of the taxonomy.

Organs follow a long tail, a case stays with one or two organs, and every organ has diagnoses and attributes of its own
that go with it more often than others. There are no image files: only their names.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from udt.core.vocabulary import DimensionLabels, Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

RECORDS, CASES = 364_365, 11_676

_SPLITS = {"train": 6, "valid": 2, "test": 2}
# How often each attribute is told.
_TOLD = {
    "shape": 0.3,
    "margins": 0.3,
    "echogenicity": 0.6,
    "internal_characteristics": 0.35,
    "posterior_acoustics": 0.2,
    "vascularity": 0.25,
}
# How often an attribute has two values, a record two lesions, and a record no label at all.
_TWO_VALUES, _TWO_LESIONS, _NOTHING = 0.06, 0.05, 0.01
_ORGANS_OF_A_CASE = (1, 1, 1, 2, 2, 3)
_SKEW = 1.1
_PLANES = ("Longitudinal", "Transverse", "Sagittal", "Coronal", "Oblique", "Subcostal", "Intercostal")
_OPENINGS = (
    "{plane} ultrasound of the {organ}",
    "{plane} view of the {organ}, image {number}",
    "{organ}, {plane} scan",
)
_CLOSINGS = (
    "It measures {a} x {b} mm.",
    "Calipers mark {a} mm.",
    "Follow-up after {number} weeks.",
    "Same case as before.",
)

Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Habit:
    """Values in the order in which one organ prefers them, and their cumulative weights by Zipf's law."""

    values: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def of(cls, values: Sequence[str], source: random.Random) -> Habit:
        """Values in a random order of preference."""
        preferred = source.sample(values, len(values))
        return cls(preferred, list(accumulate(1 / (rank + 1) ** _SKEW for rank in range(len(preferred)))))

    def draw(self, source: random.Random, count: int = 1) -> list[str]:
        """`count` values, repetitions dropped."""
        return list(dict.fromkeys(source.choices(self.values, cum_weights=self.weights, k=count)))


def write(folder: Path, records: int, seed: int) -> None:
    """Write `full_data.json` and `train|valid|test.jsonl` of `records` samples; the same for the same `seed`."""
    vocabulary = Taxonomy.load().vocabulary
    cases = max(1, round(records * CASES / RECORDS))
    source = random.Random(seed)
    lines = {name: (folder / f"{name}.jsonl").open("w", encoding="utf-8") for name in _SPLITS}
    with (folder / "full_data.json").open("w", encoding="utf-8") as full:
        full.write("[")
        for number, (case, fields) in enumerate(_samples(vocabulary, records, cases, source)):
            name = f"{number:06d}.jpg"
            full.write(("," if number else "") + "\n" + json.dumps({"media_name": name, **_named(fields, vocabulary)}))
            pair = {"image": f"images/{name}", "caption": _caption(fields, source), "case_id": f"{case:05d}"}
            lines[_split(case)].write(json.dumps(pair) + "\n")
        full.write("\n]\n")
    for handle in lines.values():
        handle.close()


def _split(case: int) -> str:
    names = [name for name, share in _SPLITS.items() for _ in range(share)]
    return names[case % len(names)]


def _samples(v: Vocabulary, records: int, cases: int, source: random.Random) -> Iterator[tuple[int, Fields]]:
    """(case, labels by dimension key); every case has a sample, some have very many."""
    organs = Habit.of(v["organ"].labels, source)
    habits = {organ: _habits(v, source) for organ in organs.values}
    weights = list(accumulate(source.lognormvariate(0, 1) for _ in range(cases)))
    numbers = [*range(cases), *source.choices(range(cases), cum_weights=weights, k=records - cases)]
    homes = [organs.draw(source, source.choice(_ORGANS_OF_A_CASE)) for _ in range(cases)]
    systems = {
        organ: v["body_system"].labels[parent]
        for organ, parent in zip(v["organ"].labels, v["organ"].parents, strict=True)
    }
    for case in sorted(numbers):
        places = homes[case] if source.random() < _TWO_LESIONS else [source.choice(homes[case])]
        if source.random() < _NOTHING:
            places = []
        seen = _seen(habits[places[0]], source) if places else {}
        yield case, {"body_system": sorted({systems[place] for place in places}), "organ": places, **seen}


def _habits(v: Vocabulary, source: random.Random) -> Mapping[str, Habit]:
    return {key: Habit.of(v[key].labels, source) for key in ("diagnosis", *_TOLD)}


def _seen(habits: Mapping[str, Habit], source: random.Random) -> Fields:
    """What is seen in one place."""
    found = {"diagnosis": habits["diagnosis"].draw(source, 2 if source.random() < _TWO_LESIONS else 1)}
    for key, share in _TOLD.items():
        if source.random() < share:
            found[key] = habits[key].draw(source, 2 if source.random() < _TWO_VALUES else 1)
    return found


def _named(fields: Fields, vocabulary: Vocabulary) -> dict[str, list[str] | str]:
    """As the published file writes them: one value as text, several or none as a list."""
    return {d.us365k_field: _plain(fields.get(d.key, []), d) for d in vocabulary.dimensions}


def _plain(labels: list[str], dimension: DimensionLabels) -> list[str] | str:
    return labels[0] if len(labels) == 1 and dimension.key != "organ" else labels


def _caption(fields: Fields, source: random.Random) -> str:
    blanks = {
        "plane": source.choice(_PLANES),
        "number": source.randint(2, 60),
        "a": source.randint(3, 90),
        "b": source.randint(3, 60),
    }
    opening = source.choice(_OPENINGS).format(organ=" and ".join(fields["organ"]).lower() or "region shown", **blanks)
    said = [" and ".join(fields[key]) for key in (*_TOLD, "diagnosis") if key in fields]
    return f"{opening}: {', '.join(said) or 'no comment'}. {source.choice(_CLOSINGS).format(**blanks)}"
