"""Snapshots of the taxonomy for comparison: the built-in one, with extensions, or another release as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from udt.core.errors import DataError
from udt.core.hashing import files_sha256
from udt.core.strict_json import parse_json
from udt.taxonomy.model.concept import CompartmentRule, Composition, Concept, Label
from udt.taxonomy.model.document import SCHEMA
from udt.taxonomy.model.loading import concepts_of
from udt.taxonomy.model.namespaces import ONTOLOGY, OWL, RDF_TYPE
from udt.taxonomy.model.source import NOT_TAXONOMY, TurtleSource
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.model.turtle_file import parse_extension

BUILT_IN = "built-in"
_ONTOLOGY = ox.NamedNode(ONTOLOGY)
_FORMATS: Mapping[str, ox.RdfFormat] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".rdfxml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
_ALLOWED = f"'{BUILT_IN}', a folder of Turtle files, or a file ending in {', '.join([*_FORMATS, '.json'])}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state of the taxonomy.

    :ivar name: what it was read from.
    :ivar version: release number; empty if unknown.
    :ivar digest: SHA-256 of what was read, hexadecimal.
    :ivar concepts: CURIE to concept, deprecated ones included.
    """

    name: str
    version: str
    digest: str
    concepts: Mapping[str, Concept]


def snapshot(name: str) -> Snapshot:
    """Read a snapshot.

    A Turtle file or folder without the header of the taxonomy is an extension: it is applied to the built-in taxonomy.
    Other releases are read without validation, so that those of other rules can be compared.

    :param name: `built-in`, a folder of Turtle files, or a file: Turtle, or an export as RDF or JSON.
    :raises DataError: if it is missing, is of another format, or has no concept of the taxonomy.
    :raises udt.core.errors.TaxonomyError: if an extension is faulty.
    """
    if name == BUILT_IN:
        return _loaded(name, Taxonomy.load())
    path = Path(name)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.ttl") if file.name not in NOT_TAXONOMY)
        if not files:
            raise DataError(f"{name}: has no Turtle file (*.ttl); give {_ALLOWED}")
        return _turtle(name, files)
    if not path.is_file():
        raise DataError(f"{name}: is no file or folder; give {_ALLOWED}")
    if path.suffix == ".ttl":
        return _turtle(name, [path])
    if path.suffix == ".json":
        return _json(path)
    if path.suffix in _FORMATS:
        return _whole(name, [path], _triples(path))
    raise DataError(f"{name}: cannot be compared; give {_ALLOWED}")


def _loaded(name: str, taxonomy: Taxonomy) -> Snapshot:
    concepts = {**taxonomy.concepts, **taxonomy.deprecated}
    return Snapshot(name, taxonomy.version, taxonomy.digest, concepts)


def _turtle(name: str, files: list[Path]) -> Snapshot:
    triples = [triple for file in files for triple in parse_extension(file).triples]
    if any(t.subject == _ONTOLOGY and t.predicate.value == RDF_TYPE for t in triples):
        return _whole(name, files, triples)
    return _loaded(name, Taxonomy.load(*files))


def _triples(path: Path) -> list[ox.Triple]:
    try:
        quads = ox.parse(path.read_bytes(), format=_FORMATS[path.suffix], base_iri=path.resolve().as_uri())
        return [quad.triple for quad in quads]
    except SyntaxError as error:
        raise DataError(f"{path}: is not valid {_FORMATS[path.suffix]}: {error.msg}; export it again") from error


def _whole(name: str, files: Iterable[Path], triples: list[ox.Triple]) -> Snapshot:
    concepts = {c.curie: c for c in concepts_of(TurtleSource(triples=triples))}
    if not concepts:
        hint = "; an export as owl has classes instead: use turtle, rdfxml, jsonld or json"
        raise DataError(f"{name}: has no skos:Concept{hint}")
    stated = (t.object for t in triples if t.subject == _ONTOLOGY and t.predicate.value == OWL + "versionInfo")
    version = next((term.value for term in stated if isinstance(term, ox.Literal)), "")
    return Snapshot(name, version, files_sha256(files), concepts)


def _json(path: Path) -> Snapshot:
    try:
        data = parse_json(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: is not valid JSON: {error}; export it again") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise DataError(f"{path}: is no '{SCHEMA}' document; write one with: udt taxonomy export --format json")
    concepts: dict[str, Concept] = {}
    try:
        pending = [node for part in data["concepts"].values() for node in part]
        while pending:
            node = pending.pop()
            concepts[node["curie"]] = _concept(node)
            pending += node.get("children", ())
        return Snapshot(str(path), data["version"], data["sha256"], dict(sorted(concepts.items())))
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: is an incomplete '{SCHEMA}' document; export it again") from error


def _concept(node: Mapping[str, Any]) -> Concept:
    """Build a concept from its document; the reverse of `concept_document`."""
    attributes = {name: tuple(values) for name, values in node.get("attributes", {}).items()}
    return Concept(
        curie=node["curie"],
        iri=node["iri"],
        kind=node["kind"],
        label=node["label"],
        labels=tuple(Label(x["text"], x["language"], x["role"]) for x in node.get("labels", ())),
        broader=tuple(node.get("broader", ())),
        notation=node.get("notation"),
        order=next((value for value in attributes.get("order", ()) if isinstance(value, int)), 0),
        definition=node.get("definition"),
        scope_note=node.get("scope_note"),
        mappings=tuple((name, target) for name, found in node.get("mappings", {}).items() for target in found),
        attributes=attributes,
        compositions=tuple(Composition(c["modifier"], c["head"], c["negated"]) for c in node.get("compositions", ())),
        compartment_rules=tuple(
            CompartmentRule(r["within"], r["resolves_to"]) for r in node.get("compartment_rules", ())
        ),
        source=node.get("source", ""),
        deprecated=bool(node.get("deprecated")),
        replaced_by=tuple(node.get("replaced_by", ())),
    )
