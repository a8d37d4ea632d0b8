"""Columns of a template: their names, and the template strings that give their meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from udt.core.texts import abridged
from udt.taxonomy.model.namespaces import DCTERMS, NS, OWL, RDF_TYPE, RDFS, SKOS, expand
from udt.taxonomy.model.taxonomy import Taxonomy

Form = Literal["id", "type", "text", "language", "typed", "iri"]

_KINDS: Mapping[str, Form] = {"A": "text", "AL": "language", "AT": "typed", "AI": "iri"}
_COLUMN = re.compile(r"(?P<kind>A|AL|AT|AI) (?P<property>[^\s@^]+)(?:@(?P<language>[A-Za-z-]+))?(?:\^\^(?P<type>\S+))?")
_SPLIT = re.compile(r"\s+SPLIT=(?P<mark>\S+)$")
FORMS = "ID, TYPE, LABEL, AL property@language, A property, AT property^^type, AI property"
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
TYPES = {"integer": _INTEGER, "boolean": re.compile("true|false"), "decimal": re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")}
_KNOWN = {SKOS, OWL, RDFS, DCTERMS}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a template.

    :ivar place: its name and letter, for messages.
    :ivar property: IRI; empty for `ID`.
    :ivar detail: language, or local name of the datatype.
    :ivar split: text between several values of a cell, or None.
    """

    place: str
    form: Form
    property: str
    detail: str = ""
    split: str | None = None


def read_columns(
    names: Sequence[str], strings: Sequence[str], faults: list[str], taxonomy: Taxonomy
) -> Iterator[Column | None]:
    """Yield the columns; None for those without a template string.

    :param names: first row of the template.
    :param strings: second row: the template strings.
    :param faults: list to which a sentence is added for each fault.
    """
    seen: Counter[str] = Counter()
    for number, string in enumerate(strings):
        place = _place(names, number)
        column = _column(string.strip(), place, taxonomy)
        if isinstance(column, str):
            faults.append(f"row 2, column {place}: {column}")
            column = None
        seen[column.form if column else ""] += 1
        yield column
    wrong = [form for form in ("id", "type") if seen[form] > 1 or (form == "id" and not seen[form])]
    faults += [f"row 2: has {seen[form]} columns {form.upper()}; a template has one" for form in wrong]


def _place(names: Sequence[str], number: int) -> str:
    """Return the name and the letters of a column, as spreadsheets show them."""
    letters, rest = "", number
    while rest >= 0:
        letters, rest = chr(65 + rest % 26) + letters, rest // 26 - 1
    name = names[number].strip() if number < len(names) else ""
    return f"{letters} ('{abridged(name)}')" if name else letters


def _column(string: str, place: str, taxonomy: Taxonomy) -> Column | str | None:
    """Return the column of a template string, None for a comment, or the fault."""
    split = _SPLIT.search(string)
    bare = string[: split.start()] if split else string
    mark = split["mark"] if split else None
    simple: Mapping[str, Column] = {
        "ID": Column(place, "id", ""),
        "TYPE": Column(place, "type", RDF_TYPE),
        "LABEL": Column(place, "language", SKOS + "prefLabel", "en"),
    }
    if not string or bare in simple:
        return simple.get(bare)
    parts = _COLUMN.fullmatch(bare)
    if not parts:
        return f"'{abridged(string)}' is no template string; allowed: {FORMS}, each with ' SPLIT=|'"
    form = _KINDS[parts["kind"]]
    iri = expand(parts["property"])
    if fault := _fault_of_property(parts["property"], iri, taxonomy):
        return fault
    if (form == "language") != bool(parts["language"]) or (form == "typed") != bool(parts["type"]):
        return f"'{abridged(string)}' mixes forms; allowed: {FORMS}"
    kind = (parts["type"] or "").removeprefix("xsd:")
    if form == "typed" and kind not in TYPES:
        return f"'{abridged(string)}' has an unknown type; allowed: {', '.join(f'xsd:{name}' for name in TYPES)}"
    return Column(place, form, iri, parts["language"] or kind, mark)


def _fault_of_property(written: str, iri: str, taxonomy: Taxonomy) -> str | None:
    """Return the fault of a property that neither the schema nor SKOS, OWL, RDFS or Dublin Core has."""
    if iri == written and not iri.startswith(("http://", "https://")):
        return f"'{abridged(written)}' has no known prefix; write e.g. skos:altLabel or ns:impliesOrgan"
    if iri.startswith(NS):
        known = {t.subject.value for t in taxonomy.triples if isinstance(t.subject, ox.NamedNode)}
        return None if iri in known else f"the schema has no property {written}; see docs/guides/ontology.md"
    if not any(iri.startswith(namespace) for namespace in _KNOWN):
        return f"{written} is not used by the taxonomy; allowed are properties of ns, skos, owl, rdfs and dcterms"
    return None
