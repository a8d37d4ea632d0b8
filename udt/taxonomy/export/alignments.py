"""The mappings to other vocabularies: SSSOM tables, and the `skos:*Match` triples that are generated from them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from udt.core.errors import DataError
from udt.taxonomy.export import turtle
from udt.taxonomy.model.namespaces import MATCHES, PREFIXES, compress
from udt.taxonomy.model.source import ontology_folder

PREDICATES = tuple(f"skos:{name}" for name in MATCHES)
_NAMING = ("skos:exactMatch", "skos:broadMatch", "skos:narrowMatch")
_REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_COMMENT = "Generated from ontology/alignments/*.sssom.tsv by `make regenerate`; edit the tables, not this file."


@dataclass(frozen=True, slots=True)
class Alignment:
    """One row of the table, with identifiers expanded.

    :ivar subject: IRI of the concept of this taxonomy.
    :ivar predicate: one of `PREDICATES`.
    :ivar object: IRI in the other vocabulary.
    :ivar justification: `semapv:` CURIE.
    :ivar confidence: from 0 to 1; None if the table gives none.
    """

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    justification: str
    comment: str
    confidence: float | None = None


def sssom_files() -> list[Path]:
    """Return the paths of the built-in tables, `ontology/alignments/*.sssom.tsv`, sorted by name."""
    return sorted((ontology_folder() / "alignments").glob("*.sssom.tsv"))


def read_tables(paths: Iterable[Path]) -> list[Alignment]:
    """Read several SSSOM tables, in their order.

    :raises DataError: if a table is faulty, or maps a concept to an object that it or an earlier table maps it to.
    """
    alignments: list[Alignment] = []
    first: dict[tuple[str, str], str] = {}
    for path in paths:
        for alignment in read_sssom(path):
            pair = (alignment.subject, alignment.object)
            if pair in first:
                raise DataError(
                    f"{path.name}: a second mapping of {alignment.subject} to {alignment.object}, which {first[pair]} "
                    "has already; a concept and an object have one row in all tables: keep the right one"
                )
            first[pair] = path.name
            alignments.append(alignment)
    return alignments


def read_sssom(path: Path) -> list[Alignment]:
    """Read the rows of an SSSOM table with a commented metadata block, in their order.

    :raises DataError: if it is not UTF-8, a column or a cell is missing, a prefix is not in the `curie_map`, or a
        predicate not in `PREDICATES`.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8 at byte {error.start}; save the table as UTF-8") from error
    prefixes = dict(_curie_map(lines))
    body = [line for line in lines if not line.startswith("#")]
    table = csv.DictReader(body, delimiter="\t")
    missing = [column for column in _REQUIRED if column not in (table.fieldnames or ())]
    if missing:
        got = ", ".join(table.fieldnames or ()) or "nothing"
        raise DataError(
            f"{path.name}: no column {', '.join(missing)}; got {got}; a table needs all of {', '.join(_REQUIRED)}"
        )
    first = len(lines) - len(body) + 2
    try:
        return [_alignment(row, prefixes, f"{path.name}:{place}") for place, row in enumerate(table, start=first)]
    except csv.Error as error:
        raise DataError(
            f"{path.name}:{first + table.line_num - 1}: not a row of a table ({error}); correct it"
        ) from error


def _curie_map(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the prefix and namespace of the `PREFIX: namespace` lines that are indented below `curie_map:`."""
    margin: int | None = None
    for line in lines:
        if not line.startswith("#"):
            return
        text = line[1:].strip()
        indent = len(line[1:]) - len(line[1:].lstrip())
        if margin is not None and indent > margin:
            prefix, _, namespace = text.partition(":")
            yield prefix, namespace.strip()
        else:
            margin = indent if text == "curie_map:" else None


def _alignment(row: Mapping[str, str], prefixes: Mapping[str, str], place: str) -> Alignment:
    if empty := [name for name in _REQUIRED if not row[name]]:
        raise DataError(f"{place}: no {', '.join(empty)}; fill in the cells, which tabs separate")
    if row["predicate_id"] not in PREDICATES:
        raise DataError(f"{place}: predicate_id '{row['predicate_id']}'; allowed: {', '.join(PREDICATES)}")
    return Alignment(
        subject=_expanded(row["subject_id"], prefixes, place),
        subject_label=row.get("subject_label") or "",
        predicate=row["predicate_id"],
        object=_expanded(row["object_id"], prefixes, place),
        object_label=row.get("object_label") or "",
        justification=row["mapping_justification"],
        comment=row.get("comment") or "",
        confidence=_confidence(row.get("confidence") or "", place),
    )


def _confidence(cell: str, place: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise DataError(f"{place}: confidence '{cell}'; allowed: a number from 0 to 1, or nothing")
    return value


def _expanded(curie: str, prefixes: Mapping[str, str], place: str) -> str:
    prefix, colon, local = curie.partition(":")
    if not colon or prefix not in prefixes:
        raise DataError(
            f"{place}: '{curie}' has a prefix that the curie_map lacks; it has {', '.join(sorted(prefixes))}; "
            "add the prefix at the top of the file"
        )
    return prefixes[prefix] + local


def match_triples(alignments: Iterable[Alignment]) -> str:
    """Write the rows as Turtle: `skos:*Match` triples, and the labels of the objects of the predicates in `_NAMING`.

    Both are grouped by subject and sorted. With the labels, a check can compare the synonyms of a concept with the
    names that other vocabularies give to another.
    """
    rows = sorted(alignments, key=lambda a: (a.subject, PREDICATES.index(a.predicate), a.object, a.object_label))
    used = {compress(iri).partition(":")[0] for row in rows for iri in (row.subject, row.object)} | {"skos", "rdfs"}
    blocks = [turtle.header([prefix for prefix in PREFIXES if prefix in used], _COMMENT)]
    for subject, group in groupby(rows, key=lambda a: a.subject):
        matches = " ;\n".join(
            _objects(predicate, part) for predicate, part in groupby(group, key=lambda a: a.predicate)
        )
        blocks.append(f"{turtle.term(subject)}\n{matches} .\n")
    labels = {row.object: row.object_label for row in rows if row.predicate in _NAMING and _is_own_label(row)}
    lines = [f"{turtle.term(iri)} rdfs:label {turtle.literal(label, 'en')} ." for iri, label in sorted(labels.items())]
    return "\n".join([*blocks, *lines, ""])


def _is_own_label(row: Alignment) -> bool:
    """Return whether the vocabulary of the object itself has this label; others name their vocabulary in brackets."""
    return bool(row.object_label) and not row.object_label.endswith(")")


def _objects(predicate: str, alignments: Iterable[Alignment]) -> str:
    terms = dict.fromkeys(turtle.term(alignment.object) for alignment in alignments)
    return f"    {predicate}\n{turtle.wrapped(terms, indent=8, separator=' ,')}"
