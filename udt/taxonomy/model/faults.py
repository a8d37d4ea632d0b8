"""Validation of a set of concepts; all faults are collected and reported at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain, islice

from udt.core.texts import abridged, printable
from udt.taxonomy.model.concept import ANATOMY_KINDS, Concept
from udt.taxonomy.model.reading import READINGS, kinds_apart
from udt.taxonomy.model.turtle_file import MAX_FAULTS

MAX_CONCEPTS = 100_000
MAX_LABELS = 500_000
MAX_LABEL = 500
"""Most characters of a label."""
MAX_WORDS = 50
"""Most words of a label."""
MAX_DEPTH = 50
"""Most levels of `skos:broader` above a concept."""
MAX_RULES = 500
"""Most combining forms, spelling pairs and suffix rules each: they are tried on every label."""

_RULES = {"CombiningForm": None, "SpellingPair": ("british", "american"), "SuffixRule": ("suffix",)}
_PARENTS = {
    "Organ": {"BodySystem"},
    "Component": ANATOMY_KINDS,
    "Region": ANATOMY_KINDS,
    "FindingTerm": {"FindingTerm", "FindingGroup"},
    "FindingGroup": {"FindingGroup"},
}
_TO_ANATOMY = {"pediatricCounterpart", "impliesOrgan", "findingSite", "usualPart", "lobe", "whenFemale", "resolvesTo"}
_TO_VALUES = {"impliesValue", "perifocalFinding"}
_POINTERS = (
    "pediatricCounterpart",
    "impliesOrgan",
    "findingSite",
    "usualPart",
    "lobe",
    "impliesValue",
    "perifocalFinding",
    "whenFemale",
    "qualifies",
    "opposite",
    "denies",
    "shownBy",
    "namesStructure",
    "module",
)
_LONGEST_NAME = 100
_LISTED = 5
_NUMBERS = ("order", "ordinal", "task")
_HOMONYMS_ALLOWED = {"Dimension", "Head", "Modifier"}
"""Kinds that may share labels: dimensions are not matched in text, heads and modifiers are matched in pairs."""


def faults_in(concepts: Iterable[Concept], kinds: Mapping[str, str]) -> list[str]:
    """Return a sentence for every fault, in a fixed order; at most `MAX_FAULTS`.

    :param kinds: every class that the schema declares, mapped to its parent class in `ns:` (or "").
    """
    found = list(concepts)
    if too_many := list(_counts(found)):
        return too_many
    known = {concept.curie: concept for concept in found}
    active = {curie: concept for curie, concept in known.items() if not concept.deprecated}
    checks = (_labels, _kinds_known, _numbers, _parents, _pointers, _compositions, _dimensions, _readings, _rules)
    single = (fault for check in checks for concept in active.values() for fault in check(concept, known, kinds))
    every = chain(
        _same_curie(found),
        single,
        _duplicate_labels(active.values(), kinds),
        _cycles(known),
        _uses_of_deprecated(known),
        _replacements(known),
    )
    first = list(islice(every, MAX_FAULTS + 1))
    rest = [f"and more: the first {MAX_FAULTS} are listed; correct these first"] if len(first) > MAX_FAULTS else []
    return first[:MAX_FAULTS] + rest


def _counts(concepts: list[Concept]) -> Iterator[str]:
    labels = sum(len(concept.labels) for concept in concepts)
    counts = [("concepts", len(concepts), MAX_CONCEPTS), ("labels", labels, MAX_LABELS)]
    kinds = Counter(concept.kind for concept in concepts)
    counts += [(f"concepts of the class ns:{kind}", kinds[kind], MAX_RULES) for kind in _RULES]
    for noun, count, most in counts:
        if count > most:
            yield f"there are {count:,} {noun}; allowed: {most:,}; split the extension"


def _same_curie(concepts: Iterable[Concept]) -> Iterator[str]:
    """Yield the IRIs whose short form is that of another concept."""
    seen: dict[str, Concept] = {}
    for concept in concepts:
        other = seen.setdefault(concept.curie, concept)
        if other is not concept:
            places = f"{other.source}: {other.iri} and {concept.source}: {concept.iri}"
            yield f"two concepts have the short name {concept.curie}: {places}; rename one"


def where(concept: Concept) -> str:
    """Return the files and the CURIE of a concept, with which a fault begins."""
    return f"{concept.source}: {concept.curie}"


def closest(name: str, allowed: Iterable[str]) -> str:
    """Return the end of a fault that suggests the closest allowed name; empty if none is close."""
    # The search takes long for a long name, which no other is close to.
    close = get_close_matches(name, sorted(allowed), n=1, cutoff=0.6) if len(name) <= _LONGEST_NAME else []
    return f"; did you mean {close[0]}?" if close else ""


def _labels(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    if not concept.label and concept.kind != "SuffixRule":
        yield f"{where(concept)} has no skos:prefLabel in English; add one tagged @en"
    preferred = Counter(label.language for label in concept.labels if label.role == "pref")
    for language, count in sorted(preferred.items()):
        if count > 1:
            yield (
                f"{where(concept)} has {count} preferred labels in '{language}'; "
                "keep one, make the others skos:altLabel, or state 'ns:overrides skos:prefLabel' in an extension"
            )
    if any(not label.text.strip() for label in concept.labels):
        yield f"{where(concept)} has an empty label; remove it"
    for label in concept.labels:
        if fault := _fault_of_label(label.text):
            yield f"{where(concept)} has the label '{abridged(label.text)}', which {fault}"


def _fault_of_label(text: str) -> str | None:
    if len(text) > MAX_LABEL:
        return f"has {len(text):,} characters; allowed: {MAX_LABEL}; shorten it"
    if (words := len(text.split())) > MAX_WORDS:
        return f"has {words} words; allowed: {MAX_WORDS}; shorten it"
    return None if printable(text) == text else "contains a control character or a line break; remove it"


def _kinds_known(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    if not concept.kind:
        yield f"{where(concept)} has no class in ns:; add one, e.g. 'a ns:Component' or 'a ns:ShapeValue'"
    elif " " in concept.kind:
        yield f"{where(concept)} has the classes {concept.kind} of ns:; a concept has one; remove the others"
    elif concept.kind not in kinds:
        yield f"{where(concept)} has the unknown class ns:{concept.kind}{closest(concept.kind, kinds)}"


def _numbers(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    for name in _NUMBERS:
        for value in concept.attributes.get(name, ()):
            if not isinstance(value, int):
                yield f"{where(concept)} has ns:{name} '{abridged(str(value))}'; give a whole number without quotes"


def _parents(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    for parent in concept.broader:
        if parent not in known and kinds.get(concept.kind) != "Value":
            yield f"{where(concept)} has the parent {parent}, which does not exist{closest(parent, known)}"
        elif parent in known and known[parent].kind not in _PARENTS.get(concept.kind, {known[parent].kind}):
            allowed = ", ".join(sorted(f"ns:{kind}" for kind in _PARENTS[concept.kind]))
            yield f"{where(concept)} has the parent {parent} of ns:{known[parent].kind}; allowed: {allowed}"
    if concept.kind in {"Organ", "Component"} and not concept.broader:
        yield f"{where(concept)} has no parent; give it skos:broader with an organ or a body system"


def _pointers(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    targets = [(name, target) for name in _POINTERS for target in concept.all(name)]
    for rule in concept.compartment_rules:
        targets += [("within", rule.within), ("resolvesTo", rule.resolves_to)]
    for name, target in targets:
        if target not in known:
            yield f"{where(concept)} has ns:{name} {target}, which does not exist{closest(target, known)}"
        elif name in _TO_ANATOMY and known[target].kind not in ANATOMY_KINDS:
            yield f"{where(concept)} has ns:{name} {target}, which is no anatomy; allowed: a system, organ or part"
        elif name in _TO_VALUES and not _is_label(known[target], kinds):
            yield f"{where(concept)} has ns:{name} {target}, which is no value; allowed: a value of a dimension"


def _is_label(concept: Concept, kinds: Mapping[str, str]) -> bool:
    return kinds.get(concept.kind) == "Value" or concept.kind in {"Organ", "BodySystem"}


def _compositions(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    if concept.compositions and not _is_label(concept, kinds):
        yield f"{where(concept)} has a composition, but is no value of a dimension; give it to a value"
    for composition in concept.compositions:
        for name, target in ("head", composition.head), ("modifier", composition.modifier):
            if target is not None and target not in known:
                hint = closest(target, known)
                yield f"{where(concept)} has a composition with ns:{name} {target}, which does not exist{hint}"


def _dimensions(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    if kinds.get(concept.kind) != "Value":
        return
    homes = [parent for parent in concept.broader if parent in known and known[parent].kind == "Dimension"]
    if not homes:
        dimensions = sorted(c.curie for c in known.values() if c.kind == "Dimension")
        got = ", ".join(concept.broader) or "nothing"
        yield (
            f"{where(concept)} is a value of an unknown dimension (skos:broader {got}); "
            f"allowed: {', '.join(dimensions)}"
        )
    elif known[homes[0]].one("valueClass") != f"ns:{concept.kind}":
        taken = known[homes[0]].one("valueClass")
        yield f"{where(concept)} is a ns:{concept.kind} but its dimension {homes[0]} takes {taken}"


def _readings(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    """Yield the faults of how a dimension or module is read, and of the opposites of values."""
    readings = concept.all("reading")
    for reading in readings:
        if reading not in READINGS:
            yield f"{where(concept)} has ns:reading {abridged(reading)}; allowed: {', '.join(READINGS)}"
    if {"ns:AsLabel", "ns:AsAttribute"} <= set(readings):
        yield f"{where(concept)} has the ns:reading ns:AsLabel and ns:AsAttribute; keep one"
    for name in concept.all("module"):
        if name in known and known[name].kind != "Module":
            yield f"{where(concept)} has ns:module {name}, which is no module; allowed: an individual of ns:Module"
    for name in concept.all("opposite"):
        if name in known and known[name].kind != concept.kind:
            yield f"{where(concept)} has ns:opposite {name}, a value of another dimension; allowed: one of its own"


def _rules(concept: Concept, known: Mapping[str, Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    """Yield the faults of a rule of spelling without the letters that it is about."""
    for name in _RULES.get(concept.kind) or ():
        if not (concept.one(name) or "").strip():
            yield f"{where(concept)} has no ns:{name}; add the letters that the rule is about"
    if concept.kind == "CombiningForm" and not concept.label.strip(" -"):
        yield f"{where(concept)} has no letters in its label; write the combining form, e.g. 'hypo-'"


def _uses_of_deprecated(known: Mapping[str, Concept]) -> Iterator[str]:
    """Yield each deprecated concept that others refer to, with the references."""
    uses: dict[str, list[str]] = defaultdict(list)
    for concept in known.values():
        for name, target in [] if concept.deprecated else _references(concept):
            if target in known and known[target].deprecated:
                uses[target].append(f"{concept.curie} ({name})")
    for target, found in uses.items():
        more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
        hint = replacement_hint(known[target])
        yield f"{where(known[target])} is deprecated, but used by {', '.join(found[:_LISTED])}{more}{hint}"


def _references(concept: Concept) -> list[tuple[str, str]]:
    """Return the properties of a concept that refer to other concepts, with the CURIEs of these."""
    found = [("skos:broader", parent) for parent in concept.broader]
    found += [(f"ns:{name}", target) for name in _POINTERS for target in concept.all(name)]
    for rule in concept.compartment_rules:
        found += [("ns:within", rule.within), ("ns:resolvesTo", rule.resolves_to)]
    for part in concept.compositions:
        found += [("ns:head", part.head), ("ns:modifier", part.modifier or "")]
    return found


def replacement_hint(concept: Concept) -> str:
    """Return the end of a message on a deprecated concept that names its replacements."""
    return f"; use {' or '.join(concept.replaced_by)} instead" if concept.replaced_by else "; use another"


def _replacements(known: Mapping[str, Concept]) -> Iterator[str]:
    """Yield the deprecated concepts whose replacement does not exist or is deprecated as well."""
    for concept in known.values():
        for target in concept.replaced_by:
            if target not in known:
                hint = closest(target, known)
                yield f"{where(concept)} has dcterms:isReplacedBy {target}, which does not exist{hint}"
            elif known[target].deprecated:
                yield f"{where(concept)} has dcterms:isReplacedBy {target}, which is deprecated too; name another"
            elif not concept.deprecated:
                yield f"{where(concept)} has dcterms:isReplacedBy {target}, but is in use; add owl:deprecated true"


def _duplicate_labels(concepts: Iterable[Concept], kinds: Mapping[str, str]) -> Iterator[str]:
    found = list(concepts)
    apart = kinds_apart(found)
    owners: dict[tuple[str, str, str], dict[str, Concept]] = defaultdict(dict)
    for concept in found:
        if concept.kind not in _HOMONYMS_ALLOWED:
            for label in concept.labels:
                text = label.text if label.role == "abbreviation" else label.text.casefold()
                owners[_space(concept, kinds, apart), label.language, text][concept.curie] = concept
    for (_, language, text), sharers in sorted(owners.items()):
        if len(sharers) > 1 and not _names_several_dimensions(text, language, sharers.values(), kinds):
            places = " and ".join(where(concept) for concept in sharers.values())
            yield f"the label '{abridged(text)}' ({language}) is on {len(sharers)} concepts: {places}; keep it on one"


def _space(concept: Concept, kinds: Mapping[str, str], apart: Container[str]) -> str:
    """Return the space in which labels are unique: "" for anatomy, values and findings, else the kind of the concept.

    :param apart: kinds whose labels are unique among their own alone: values that are read as attributes, and units.
    """
    if concept.kind in apart:
        return concept.kind
    named = kinds.get(concept.kind) in {"Anatomy", "Value", "FindingTerm"} or concept.kind == "FindingTerm"
    return "" if named else concept.kind


def _names_several_dimensions(text: str, language: str, sharers: Iterable[Concept], kinds: Mapping[str, str]) -> bool:
    """Return whether the concepts are values of different dimensions and none has the text as preferred label."""
    found = list(sharers)
    preferred = any(
        (x.text.casefold(), x.language, x.role) == (text, language, "pref") for c in found for x in c.labels
    )
    distinct = len({concept.kind for concept in found}) == len(found)
    return distinct and not preferred and all(kinds.get(concept.kind) == "Value" for concept in found)


def _cycles(known: Mapping[str, Concept]) -> Iterator[str]:
    """Yield every cycle of `skos:broader` once, and too long chains, by a depth-first search over all parents."""
    finished: set[str] = set()
    for start in sorted(known):
        path: list[str] = []
        pending = [iter((start,))]
        while pending:
            current = next(pending[-1], None)
            if current is None:
                pending.pop()
                finished.update(path[-1:])
                del path[-1:]
            elif len(path) > MAX_DEPTH:
                yield f"{where(known[start])} is below more than {MAX_DEPTH} others; allowed: {MAX_DEPTH} levels"
                pending.clear()
                finished.update(path)
            elif current in path:
                yield _cycle([*path[path.index(current) :], current], known)
            elif current in known and current not in finished:
                path.append(current)
                pending.append(iter(known[current].broader))


def _cycle(loop: list[str], known: Mapping[str, Concept]) -> str:
    return f"{where(known[loop[0]])} is its own ancestor: {' -> '.join(loop)}; break the cycle of skos:broader"
