"""Extensions from CSV templates, after those of ROBOT: a row of names, a row of template strings, a concept a row.

| template string | content of a cell |
| --- | --- |
| `ID` | CURIE or IRI of the concept; a row of an existing concept adds to it |
| `TYPE` | class of a new concept: `ns:FindingTerm` |
| `LABEL` | English preferred label |
| `AL property@language` | texts: `AL skos:altLabel@zh` |
| `A property` | texts without a language |
| `AT property^^type` | typed values: `AT ns:order^^xsd:integer`, `AT owl:deprecated^^xsd:boolean` |
| `AI property` | concepts, by CURIE, IRI, label or synonym |

` SPLIT=|` at the end of a template string separates several values of a cell. Columns without a template string are
comments. The whole extension is loaded on top of the taxonomy before it is written, so that it is valid.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pyoxigraph as ox

from udt.core.errors import DataError, TaxonomyError, UnknownConceptError
from udt.core.texts import abridged, printable
from udt.taxonomy.authoring.columns import FORMS, TYPES, Column, read_columns
from udt.taxonomy.export import turtle
from udt.taxonomy.model.describe import concepts_called, find
from udt.taxonomy.model.namespaces import MATCHES, NS, OWL, PREFIXES, RDF_TYPE, SKOS, compress, expand
from udt.taxonomy.model.schema_terms import schema_terms
from udt.taxonomy.model.taxonomy import Taxonomy

EXAMPLE = """\
ID,Kind,Label,Chinese,Synonyms,Abbreviations,Parent,Type of finding,Organ,Definition,Mapping
ID,TYPE,LABEL,AL skos:prefLabel@zh,AL skos:altLabel@en SPLIT=|,AL ns:abbreviation@en SPLIT=|,AI skos:broader SPLIT=|,\
AI ns:impliesValue SPLIT=|,AI ns:impliesOrgan SPLIT=|,AL skos:definition@en,AI skos:exactMatch SPLIT=|
finding:example-liver-lesion,ns:FindingTerm,example liver lesion,示例肝病变,sample liver lesion|model liver lesion,,\
finding:lesion,mass,Liver,A lesion of the liver that serves as an example.,
uhat:liver_example-lobe,ns:Component,example lobe,示例叶,,,Liver,,,A lobe of the liver that serves as an example.,
finding:hepatocellular-carcinoma,,,,hepatoma of the example,,,,,,
"""
"""A template with two new concepts and a synonym of an existing one."""

_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(slots=True)
class _Rows:
    """The statements of a template and the faults that were found.

    :ivar rows: CURIE of a concept to the first row that declares it.
    """

    triples: list[ox.Triple] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def extension_from_template(content: str, name: str, taxonomy: Taxonomy, extensions: Sequence[Path] = ()) -> str:
    """Convert a template to an extension in Turtle, and check that it loads.

    :param content: the CSV.
    :param name: name of the template, for messages.
    :param taxonomy: the taxonomy with `extensions`, which the template adds to.
    :raises TaxonomyError: if the template is faulty; it lists every fault with row and column.
    :raises DataError: if it is empty.
    """
    table = list(csv.reader(StringIO(content.removeprefix("\ufeff"))))
    if len(table) < 2:
        raise DataError(
            f"{name}: has {len(table)} rows; a template has a row of names, a row of template strings ({FORMS})"
        )
    found = _Rows()
    columns = list(read_columns(table[0], table[1], found.faults, taxonomy))
    reader = _Reader(columns, taxonomy, found, _new_names(table, columns))
    for number, row in enumerate(table[2:], start=3):
        reader.read(row, number)
    if not found.faults and not found.triples:
        found.faults.append("no concept is given; add a row below the template strings")
    text = _turtle(found.triples, name)
    if not found.faults:
        found.faults += _faults_of(text, name, extensions, found.rows)
    if found.faults:
        raise TaxonomyError([f"{name}: {fault}" for fault in found.faults])
    return text


def _new_names(table: Sequence[Sequence[str]], columns: Sequence[Column | None]) -> dict[str, str]:
    """Return the labels of the concepts of a template, in lower case, with their IRIs."""
    places = {column.form: n for n, column in enumerate(columns) if column and column.form == "id"}
    label = next(
        (n for n, c in enumerate(columns) if c and c.property == SKOS + "prefLabel" and c.detail == "en"), None
    )
    names: dict[str, str] = {}
    for row in table[2:]:
        if "id" in places and len(row) > places["id"]:
            iri = expand(row[places["id"]].strip())
            names[compress(iri).casefold()] = iri
            if label is not None and len(row) > label and row[label].strip():
                names[row[label].strip().casefold()] = iri
    return names


class _Reader:
    """Reads the rows of a template into statements."""

    def __init__(
        self, columns: Sequence[Column | None], taxonomy: Taxonomy, found: _Rows, new: Mapping[str, str]
    ) -> None:
        self._columns, self._taxonomy, self._found, self._new = columns, taxonomy, found, new
        self._id = next((n for n, column in enumerate(columns) if column and column.form == "id"), None)
        self._classes = {term.curie: term.parents for term in schema_terms(taxonomy).values() if term.kind == "class"}
        self._schemes = _schemes(taxonomy)

    def read(self, row: Sequence[str], number: int) -> None:
        """Read one row; an empty one is left out."""
        if not any(cell.strip() for cell in row):
            return
        if len(row) > len(self._columns):
            self._fault(number, "", f"has {len(row)} cells, but there are {len(self._columns)} template strings")
        iri = self._subject(row, number)
        cells = list(self._cells(row, number))
        typed = any(c and c.form == "type" and cell.strip() for c, cell in zip(self._columns, row, strict=False))
        if iri is not None:
            self._state(ox.NamedNode(iri), cells, number, typed=typed)

    def _subject(self, row: Sequence[str], number: int) -> str | None:
        """Return the IRI of the concept of a row, or note the fault of its identifier."""
        column = self._columns[self._id] if self._id is not None else None
        if self._id is None or column is None:
            return None
        identifier = row[self._id].strip() if len(row) > self._id else ""
        if iri := _iri(identifier):
            return iri
        given = f"'{abridged(identifier)}' is no CURIE with a known prefix and no IRI" if identifier else "is empty"
        self._fault(number, column.place, f"{given}; write e.g. finding:x, uhat:x, udaf:x or https://…")
        return None

    def _cells(self, row: Sequence[str], number: int) -> Iterator[tuple[Column, ox.NamedNode | ox.Literal]]:
        """Yield the values of a row with their columns."""
        for column, cell in zip(self._columns, row, strict=False):
            if column is not None and column.form != "id" and cell.strip():
                values = cell.split(column.split) if column.split else [cell]
                for value in filter(None, (value.strip() for value in values)):
                    term = self._term(column, value, number)
                    if term is not None:
                        yield column, term

    def _state(
        self,
        subject: ox.NamedNode,
        cells: Sequence[tuple[Column, ox.NamedNode | ox.Literal]],
        number: int,
        *,
        typed: bool,
    ) -> None:
        """Add the statements of a row about its concept."""
        curie = compress(subject.value)
        known = curie in self._taxonomy.concepts or curie in self._taxonomy.deprecated
        first = self._found.rows.setdefault(curie, number) == number
        kinds = [term for column, term in cells if column.form == "type"]
        for column, term in cells:
            self._found.triples.append(ox.Triple(subject, ox.NamedNode(column.property), term))
        if not known and kinds:
            self._declare(subject, kinds[0])
        elif not known and first and not typed:
            self._fault(number, "", f"{curie} is new and has no TYPE; give its class, e.g. ns:FindingTerm")

    def _declare(self, subject: ox.NamedNode, kind: ox.NamedNode | ox.Literal) -> None:
        """State what every concept of a class has."""
        types = (SKOS + "Concept", OWL + "NamedIndividual")
        self._found.triples += [ox.Triple(subject, ox.NamedNode(RDF_TYPE), ox.NamedNode(one)) for one in types]
        alike = [
            NS + name.removeprefix("ns:")
            for name, above in self._classes.items()
            if above == self._classes[compress(kind.value)]
        ]
        schemes = [self._schemes[one] for one in (kind.value, *alike) if one in self._schemes]
        for scheme in schemes[:1]:
            self._found.triples.append(ox.Triple(subject, ox.NamedNode(SKOS + "inScheme"), scheme))

    def _term(self, column: Column, value: str, number: int) -> ox.NamedNode | ox.Literal | None:
        """Return the value of a cell as a term, or note its fault."""
        if column.form == "type":
            return self._class(column, value, number)
        if column.form == "iri":
            return self._concept(column, value, number)
        if column.form == "language":
            return ox.Literal(value, language=column.detail)
        if column.form == "typed":
            if TYPES[column.detail].fullmatch(value):
                return ox.Literal(value, datatype=ox.NamedNode(_XSD + column.detail))
            self._fault(number, column.place, f"'{abridged(value)}' is no xsd:{column.detail}")
            return None
        return ox.Literal(value)

    def _class(self, column: Column, value: str, number: int) -> ox.NamedNode | None:
        iri = _iri(value)
        if iri and compress(iri) in self._classes:
            return ox.NamedNode(iri)
        allowed = ", ".join(compress(name) for name in sorted(self._schemes))
        self._fault(number, column.place, f"'{abridged(value)}' is no class of concepts; allowed: {allowed}")
        return None

    def _concept(self, column: Column, value: str, number: int) -> ox.NamedNode | None:
        """Return the concept, property or foreign term that a cell names."""
        name = compress(column.property)
        if iri := self._new.get(value.casefold()):
            return ox.NamedNode(iri)
        foreign = not name.startswith(("ns:", "skos:", "dcterms:")) or name.removeprefix("skos:") in MATCHES
        if foreign or name == "ns:overrides":
            if iri := _iri(value):
                return ox.NamedNode(iri)
            self._fault(number, column.place, f"'{abridged(value)}' is no CURIE with a known prefix and no IRI")
            return None
        if (iri := _iri(value)) and iri.startswith(NS):
            return ox.NamedNode(iri)
        named = concepts_called(self._taxonomy, value)
        if len(named) > 1 and value not in {named[0].curie, named[0].iri, named[0].label}:
            choice = " or ".join(concept.curie for concept in named)
            self._fault(number, column.place, f"'{abridged(value)}' names several concepts; write {choice}")
            return None
        try:
            return ox.NamedNode(find(self._taxonomy, value).iri)
        except UnknownConceptError as error:
            self._fault(number, column.place, str(error))
            return None

    def _fault(self, number: int, place: str, fault: str) -> None:
        column = f", column {place}" if place else ""
        self._found.faults.append(f"row {number}{column}: {fault}")


def _iri(identifier: str) -> str | None:
    """Return the IRI of a CURIE with a known prefix or of an IRI; None for anything else."""
    iri = expand(identifier)
    return iri if _IRI.fullmatch(iri) else None


def _schemes(taxonomy: Taxonomy) -> dict[str, ox.NamedNode]:
    """Return the IRI of each class of concepts with the scheme that most of its members are in."""
    kinds = {concept.iri: NS + concept.kind for concept in taxonomy}
    counts: dict[str, Counter[str]] = {}
    for triple in taxonomy.triples:
        if triple.predicate.value == SKOS + "inScheme" and isinstance(triple.object, ox.NamedNode):
            kind = kinds.get(getattr(triple.subject, "value", ""))
            if kind:
                counts.setdefault(kind, Counter())[triple.object.value] += 1
    return {kind: ox.NamedNode(count.most_common(1)[0][0]) for kind, count in counts.items()}


def _turtle(triples: Sequence[ox.Triple], name: str) -> str:
    """Write the statements, a block a concept, in the order of the template."""
    used = {prefix for prefix, namespace in PREFIXES.items() if any(namespace in str(triple) for triple in triples)}
    lines = [f"# Made from {printable(name)} by `udt taxonomy new`.", ""]
    lines += [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in PREFIXES if prefix in used]
    blocks: dict[str, dict[str, list[str]]] = {}
    for triple in triples:
        subject = blocks.setdefault(_written(triple.subject), {})
        values = subject.setdefault(_predicate(triple.predicate), [])
        if (value := _written(triple.object)) not in values:
            values.append(value)
    for name_of_concept, statements in blocks.items():
        body = " ;\n    ".join(f"{predicate} {' , '.join(values)}" for predicate, values in statements.items())
        lines += ["", f"{name_of_concept} {body} ."]
    return "\n".join(lines) + "\n"


def _predicate(term: ox.NamedNode) -> str:
    return "a" if term.value == RDF_TYPE else _written(term)


def _written(term: object) -> str:
    """Write a term as in Turtle, an IRI as a CURIE if the grammar allows it."""
    return turtle.term(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _faults_of(text: str, name: str, extensions: Sequence[Path], rows: Mapping[str, int]) -> list[str]:
    """Load the extension on top of the taxonomy; return the faults, each with the row of its concept."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(name).stem}.ttl"
        path.write_text(text, "utf-8")
        try:
            Taxonomy.load(*extensions, path)
        except TaxonomyError as error:
            return [_located(fault, path.name, rows) for fault in error.faults]
    return []


def _located(fault: str, file: str, rows: Mapping[str, int]) -> str:
    for curie, row in rows.items():
        if re.search(rf"(?<![\w.:-]){re.escape(curie)}(?![\w-])", fault):
            return f"row {row}: {fault.removeprefix(f'{file}: ')}"
    return fault
