"""Reading of Turtle files into one list of triples, with the files that declare each subject. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox

from udt.core.errors import TaxonomyError
from udt.core.hashing import files_sha256
from udt.taxonomy.model.namespaces import RDF_TYPE
from udt.taxonomy.model.turtle_file import Parsed, faults_of_terms, parse, parse_extension

_NOT_TAXONOMY = {"shapes.ttl", "closure.ttl", "dimension-shapes.ttl"}
_RDF_TYPE = ox.NamedNode(RDF_TYPE)


@dataclass(slots=True)
class TurtleSource:
    """The triples of some Turtle files.

    :ivar origin: IRI of a subject to the files that declare it and the extensions that add to it, joined by `, `.
    :ivar prefixes: prefixes that the files declare.
    :ivar faults: a sentence for each file that cannot be read.
    :ivar digest: SHA-256 over the files' contents in order; hexadecimal.
    """

    triples: list[ox.Triple] = field(default_factory=list)
    origin: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    digest: str = ""


def ontology_folder() -> Path:
    """Return the folder of the built-in ontology."""
    return Path(str(files("udt.ontology")))


def core_files() -> list[Path]:
    """Return the Turtle files of the built-in taxonomy, in a fixed order."""
    found = (path for path in ontology_folder().rglob("*.ttl") if path.name not in _NOT_TAXONOMY)
    return sorted(found, key=lambda path: path.name)


def read(extensions: Iterable[Path] = ()) -> TurtleSource:
    """Read the built-in ontology and then `extensions`; unreadable files become faults, not exceptions."""
    source = TurtleSource()
    readable = []
    for path in core_files():
        _add(path, source, parse(path), extends=False)
        readable.append(path)
    for path in extensions:
        try:
            parsed = parse_extension(path)
        except TaxonomyError as error:
            source.faults += error.faults
        else:
            source.faults += faults_of_terms(parsed.triples, path.name)
            _add(path, source, parsed, extends=True)
            readable.append(path)
    source.digest = files_sha256(readable)
    return source


def _add(path: Path, source: TurtleSource, parsed: Parsed, *, extends: bool) -> None:
    source.prefixes.update(parsed.new_prefixes(source.prefixes))
    source.triples += parsed.triples
    for triple in parsed.triples:
        # A built-in file is the origin of the subjects that it types; an extension, of all: any triple may be faulty.
        if isinstance(triple.subject, ox.NamedNode) and (extends or triple.predicate == _RDF_TYPE):
            _note_origin(source, triple.subject.value, path.name)


def _note_origin(source: TurtleSource, iri: str, name: str) -> None:
    """Add the name of a file to the origin of the subject `iri`, unless it is there already."""
    known = source.origin.setdefault(iri, name)
    if name not in known.split(", "):
        source.origin[iri] = f"{known}, {name}"
