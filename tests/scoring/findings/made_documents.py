"""Documents made from gold records: perfect ones, and others with faults at random."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from udt.scoring.findings.names import normalized_name
from udt.scoring.findings.terms import Terms

Json = dict[str, Any]

_LOCATION = ("clock", "quadrant", "pole", "segment", "level", "zone", "lobe")
_ORGANS = ("Liver", "Kidney and ureter", "Uterus", "Spleen")
_LABELS = (
    ("diagnosis", "cyst"),
    ("diagnosis", "mass"),
    ("diagnosis", "normal appearance"),
    ("echogenicity", "hypoechoic"),
    ("vascularity", "indeterminate/inhomogeneous vascularity"),
    ("vascularity", "normal/regular vascularity"),
)


def perfect_document(record: Mapping[str, Any], terms: Terms) -> Json:
    """Return the `udt-report/2` document that has all that a gold record states, and nothing else."""
    findings = [_finding(index, finding, terms) for index, finding in enumerate(record["findings"])]
    return {
        "schema": "udt-report/2",
        "id": record["id"],
        "labels": copy.deepcopy(record.get("labels", {})),
        "absent": copy.deepcopy(record.get("absent", {})),
        "findings": findings,
    }


def _finding(index: int, gold: Mapping[str, Any], terms: Terms) -> Json:
    labels = {"diagnosis": list(gold.get("diagnosis", [])), **copy.deepcopy(gold.get("attributes", {}))}
    organ = gold.get("organ")
    target = gold.get("same_as")
    certainty = "absent" if gold["certainty"] == "absent" else "present"
    concept = concept_of(gold.get("concept"), terms)
    span = {"start": gold["start"], "end": gold["start"] + len(gold["quote"]), "text": gold["quote"]}
    name = (concept or {}).get("concept")
    evidence = [{"dimension": "finding", "label": gold.get("concept"), "concept": name, **span, "certainty": certainty}]
    evidence += [
        {"dimension": key, "label": label, "concept": None, **span, "certainty": certainty}
        for key, some in labels.items()
        for label in some
    ]
    sites = gold.get("site") or []
    return {
        "id": f"f{index + 1}",
        "kind": gold.get("kind", "lesion"),
        "concept": concept,
        "certainty": gold["certainty"],
        "time": gold.get("time"),
        "experiencer": "patient",
        "organ": organ,
        "site": [{"concept": None, "label": site} for site in ([sites] if isinstance(sites, str) else sites)],
        "laterality": gold.get("laterality"),
        "location": {key: value for key, value in gold.get("extra", {}).items() if key in _LOCATION},
        "attributes": {key: _texts(value) for key, value in gold.get("extra", {}).items() if key not in _LOCATION},
        "labels": {"organ": [organ] if organ else [], **labels},
        "interpretations": [],
        "measurements": [_measurement(measurement) for measurement in gold.get("measurements", [])],
        "same_as": None if target is None else target if isinstance(target, list) else f"f{target + 1}",
        "evidence": evidence,
        **{key: span[key] for key in ("start", "end")},
    }


def concept_of(name: str | None, terms: Terms) -> Json | None:
    """Return the first concept that has a name, with the name as its label; without CURIE if there is none."""
    if name is None:
        return None
    curies = sorted(terms.names.concepts_called([normalized_name(name)]))
    return {"concept": curies[0] if curies else None, "label": name, "codes": []}


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _measurement(gold: Mapping[str, Any]) -> Json:
    values = gold.get("values_mm") or gold["values"]
    unit = "mm" if "values_mm" in gold else gold["unit"]
    ends = gold.get("range")
    # Gold gives both ends of a range in the unit of the measurement, which it leaves out beside `values_mm`.
    has_both_ends = ends is not None and None not in ends
    return {
        "quantity": gold.get("quantity"),
        "values": values,
        "unit": gold.get("unit") if has_both_ends else unit,
        "canonical": {"values": values, "unit": unit},
        "role": gold.get("role"),
        "comparator": gold.get("comparator"),
        "range": ends,
    }


def first_version(document: Json) -> Json:
    """Return the document without the fields that `udt-report/1` lacks."""
    gone = ("kind", "concept", "time", "experiencer", "site", "location", "interpretations", "same_as")
    plain = copy.deepcopy(document)
    for finding in plain["findings"]:
        for key in gone:
            del finding[key]
        finding["measurements"] = [
            {"values": m["values"], "unit": m["unit"], "values_mm": m["values"]}
            for m in finding["measurements"]
            if m["unit"] == "mm"
        ]
    return plain


def faulty_gold(record: Mapping[str, Any], random: Random) -> Json:
    """Return a gold record with marks that the development gold seldom has, at random."""
    changed: Json = copy.deepcopy(dict(record))
    findings = changed["findings"]
    for index, finding in enumerate(findings):
        if random.random() < 0.06:
            finding["optional"] = True
        if random.random() < 0.06:
            finding["kind_any"] = True
        if random.random() < 0.06:
            finding["interpretation_of"] = random.randrange(len(findings))
        if random.random() < 0.08 and finding["concept"]:
            finding["concept_broader"] = [random.choice(findings).get("concept") or "mass"]
        if random.random() < 0.08:
            finding["concept_also"] = [random.choice(findings).get("concept") or "mass"]
        if random.random() < 0.05:
            del finding["concept"]
        if random.random() < 0.1 and finding["site"]:
            finding["site"] = [finding["site"], "liver"]
        if random.random() < 0.1 and index:
            finding["same_as"] = random.sample(range(index), min(index, random.choice((1, 2))))
    if random.random() < 0.3:
        start = random.randrange(len(changed["text"]))
        changed["unscored"] = [[start, min(len(changed["text"]), start + random.randrange(1, 120))]]
    return changed


def faulty_document(document: Json, text: str, terms: Terms, random: Random, rate: float) -> Json:
    """Return a document with faults at random.

    :param rate: probability of each kind of fault for each finding, in [0, 1].
    """
    changed = copy.deepcopy(document)
    for finding in list(changed["findings"]):
        for fault in _FAULTS:
            if random.random() < rate and finding in changed["findings"]:
                fault(finding, changed, text, terms, random)
    if random.random() < 0.3:
        key, label = random.choice(_LABELS)
        for name in random.choice((("labels",), ("absent",), ("labels", "absent"))):
            changed[name][key] = [*changed[name].get(key, []), label]
    return changed


def _drop(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    document["findings"].remove(finding)


def _repeat(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    again = copy.deepcopy(finding) | {"id": f"g{random.randrange(10**9)}"}
    document["findings"].insert(random.randrange(len(document["findings"]) + 1), again)


def _split(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    """Move the sizes and labels of a finding into a copy without concept."""
    index = document["findings"].index(finding)
    document["findings"].insert(index, copy.deepcopy(finding) | {"id": f"g{random.randrange(10**9)}", "concept": None})
    finding |= {"measurements": [], "labels": {"organ": []}, "evidence": finding["evidence"][:1]}


def _invent(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    """Add a normal state, an organ or a denial somewhere in the text."""
    start = random.randrange(len(text))
    span = {"start": start, "end": start + 5}
    fields: Json = {"id": f"g{random.randrange(10**9)}", "concept": None, "same_as": None, "labels": {"organ": []}}
    fields |= {"kind": random.choice(("state", "organ")), "certainty": random.choice(("present", "absent"))}
    evidence = {"dimension": "diagnosis", "label": "normal appearance", "certainty": "present", **span}
    document["findings"].append(copy.deepcopy(finding) | span | fields | {"evidence": [evidence]})


def _rename(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    other = random.choice(document["findings"])
    concept = finding["concept"] or {}
    parents = sorted(terms.names.ancestors([concept["concept"]])) if concept.get("concept") else []
    choices = [None, other["concept"], concept_of("lesion", terms), concept_of("cyst", terms), concept.get("label")]
    if parents:
        choices += [{"concept": random.choice(parents), "label": "something above"}] * 3
    finding["concept"] = random.choice(choices)


def _turn(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    finding["laterality"] = random.choice(("left", "right", "bilateral", None))


def _doubt(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    finding["certainty"] = random.choice(("present", "possible", "absent", "unknown"))


def _change_kind(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    finding["kind"] = random.choice(("lesion", "state", "organ", None))


def _change_time(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    finding["time"] = random.choice(("current", "previous", "planned", None))
    finding["experiencer"] = random.choice(("patient", "patient", "family", None))


def _move_place(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    other = random.choice(document["findings"])
    finding["site"] = random.choice((None, other["site"], "liver", [{"concept": None, "label": "left lobe of liver"}]))
    finding["organ"] = random.choice((None, other["organ"], *_ORGANS))
    finding["labels"]["organ"] = random.choice(([], [finding["organ"]] if finding["organ"] else [], list(_ORGANS[:2])))


def _relabel(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    if random.random() < 0.5:
        for key in list(finding["labels"]):
            if key != "organ":
                finding["labels"][key] = []
        finding["evidence"] = [e for e in finding["evidence"] if e["dimension"] in ("finding", "organ")]
    if random.random() < 0.6:
        key, label = random.choice(_LABELS)
        finding["labels"][key] = [*finding["labels"].get(key, []), label]
        if finding["evidence"] and random.random() < 0.5:
            given = {"dimension": key, "label": label, "certainty": random.choice(("present", "absent"))}
            finding["evidence"].append(finding["evidence"][0] | given)


def _move_evidence(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    if random.random() < 0.15:
        finding["evidence"] = []
        return
    for evidence in finding["evidence"]:
        evidence["start"] = max(0, evidence["start"] + random.randrange(-20, 20))
        evidence["end"] = min(len(text), max(evidence["start"] + 1, evidence["end"] + random.randrange(-20, 40)))
        if random.random() < 0.3:
            evidence["dimension"] = random.choice(("site", "organ", "laterality", "section", "finding"))
        if random.random() < 0.5:
            evidence["text"] = text[evidence["start"] : evidence["end"]]
        elif random.random() < 0.5:
            del evidence["text"]


def _measure(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    for measurement in finding["measurements"]:
        choice = random.randrange(6)
        if choice == 0:
            measurement["canonical"] = {"values": [v + random.choice((0, 0.05, 1)) for v in measurement["values"]]}
        elif choice == 1:
            measurement["role"] = random.choice(("current", "previous", "reference", None))
        elif choice == 2:
            measurement["quantity"] = random.choice(("size", "diameter", "length", "thickness", "depth", None))
        elif choice == 3:
            measurement["comparator"] = random.choice(("<", "<=", "≤", "~", None))
            measurement["range"] = random.choice((None, [None, 3], [2, 3], measurement["range"]))
        elif choice == 4:
            measurement["canonical"] = None
            measurement["unit"] = random.choice(("cm", "mm", "m/s", measurement["unit"], None))
        else:
            measurement |= {"start": finding["start"], "end": finding["end"]}


def _move_size(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    moved = copy.deepcopy(finding["measurements"])
    if random.random() < 0.7:
        finding["measurements"] = []
    random.choice(document["findings"])["measurements"] += moved


def _link(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    names = [other["id"] for other in document["findings"]]
    finding["same_as"] = random.choice((None, random.choice(names), random.sample(names, min(2, len(names))), "gone"))


def _interpret(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    other = random.choice(document["findings"])
    concept = other["concept"] if isinstance(other["concept"], dict) else {"concept": None, "label": "cyst"}
    span = {key: other[key] for key in ("start", "end")} if random.random() < 0.5 else {}
    offered = [{**concept, "certainty": random.choice(("possible", "absent", None)), **span}]
    finding["interpretations"] = [*finding["interpretations"], *random.choice((offered, ["cyst"], [concept["label"]]))]
    if random.random() < 0.5 and other in document["findings"] and other is not finding:
        document["findings"].remove(other)


def _swallow(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    """Move the evidence of the next finding into this one, as a denied attribute may be kept inside its lesion."""
    index = document["findings"].index(finding)
    if index + 1 < len(document["findings"]):
        finding["evidence"] += document["findings"][index + 1]["evidence"]
        if random.random() < 0.8:
            del document["findings"][index + 1]


def _swallow_denial(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    """Move the evidence of a denied finding into the one before it, or leave a bare denial without concept."""
    index = document["findings"].index(finding)
    if finding["certainty"] == "absent" and index:
        before = document["findings"][index - 1]
        before["evidence"] += copy.deepcopy([e for e in finding["evidence"] if e["dimension"] != "finding"])
        if random.random() < 0.5:
            finding |= {"concept": None, "kind": None}
        else:
            document["findings"].remove(finding)


def _forget_details(finding: Json, document: Json, text: str, terms: Terms, random: Random) -> None:
    finding[random.choice(("location", "attributes"))] = {}
    finding |= random.choice(({"count": 2.0}, {"count": "two"}, {"change": "stable"}, {"severity": "mild"}))


_FAULTS: Sequence[Callable[[Json, Json, str, Terms, Random], None]] = (
    _repeat,
    _split,
    _invent,
    _rename,
    _turn,
    _doubt,
    _change_kind,
    _change_time,
    _move_place,
    _relabel,
    _move_evidence,
    _measure,
    _move_size,
    _link,
    _forget_details,
    _interpret,
    _swallow,
    _swallow_denial,
    _drop,
)
