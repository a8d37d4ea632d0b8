"""Reading of Turtle files into one list of triples, with the files that declare each subject. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox

from udt.core.errors import TaxonomyError
from udt.core.hashing import files_sha256
from udt.taxonomy.model.amendments import Change, amend
from udt.taxonomy.model.namespaces import DCTERMS, ONTOLOGY, OWL, RDF_TYPE
from udt.taxonomy.model.turtle_file import Parsed, fault_of_file, faults_of_terms, parse, parse_extension

NOT_TAXONOMY = {"shapes.ttl", "closure.ttl", "dimension-shapes.ttl"}
"""Names of Turtle files of the ontology that are not loaded: shapes, and what is generated from the rest."""
CoreState = tuple[tuple[Path, int, int], ...]
"""Path, time of the last change, and size of each built-in file."""

_RDF_TYPE = ox.NamedNode(RDF_TYPE)
_ONTOLOGY = ox.NamedNode(ONTOLOGY)
_VERSION = ox.NamedNode(OWL + "versionInfo")
_VERSION_IRI = ox.NamedNode(OWL + "versionIRI")
_IDENTIFIER = ox.NamedNode(DCTERMS + "identifier")


@dataclass(slots=True)
class TurtleSource:
    """The triples of some Turtle files.

    :ivar origin: IRI of a subject to the files that declare it and the extensions that add to it, joined by `, `.
    :ivar prefixes: prefixes that the files declare.
    :ivar faults: a sentence for each file that cannot be read, and for each change that cannot be made.
    :ivar changes: what extensions override, retract and deprecate, in their order.
    :ivar digest: SHA-256 over the files' contents in order; hexadecimal.
    """

    triples: list[ox.Triple] = field(default_factory=list)
    origin: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    digest: str = ""


def ontology_folder() -> Path:
    """Return the folder of the built-in ontology."""
    return Path(str(files("udt.ontology")))


def core_files() -> list[Path]:
    """Return the Turtle files of the built-in taxonomy, in a fixed order."""
    found = (path for path in ontology_folder().rglob("*.ttl") if path.name not in NOT_TAXONOMY)
    return sorted(found, key=lambda path: (path.name, path.as_posix()))


def read(extensions: Iterable[Path] = ()) -> TurtleSource:
    """Read the built-in ontology and then `extensions`; unreadable files become faults, not exceptions."""
    core = _core(core_state())
    source = TurtleSource([*core.triples], {**core.origin}, {**core.prefixes})
    readable = [*core_files()]
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
    _stamp(source)
    return source


def sources_digest(extensions: Iterable[Path] = ()) -> str | None:
    """Return the SHA-256 of the built-in files and `extensions`; None if one cannot be read, which `read` reports."""
    paths = list(extensions)
    if any(fault_of_file(path) for path in paths):
        return None
    try:
        return files_sha256([*core_files(), *paths])
    except OSError:
        return None


def core_state() -> CoreState:
    """Return path, time of the last change in nanoseconds, and size of each built-in file, in order."""
    found = ((path, path.stat()) for path in core_files())
    return tuple((path, state.st_mtime_ns, state.st_size) for path, state in found)


@lru_cache(maxsize=1)
def _core(state: CoreState) -> TurtleSource:
    """Read the built-in files, once for a state of them. The result must not be changed."""
    source = TurtleSource()
    for path, _, _ in state:
        _add(path, source, parse(path), extends=False)
    return source


def _stamp(source: TurtleSource) -> None:
    """Replace `owl:versionIRI` by one for what is loaded, and add the digest as `dcterms:identifier`."""
    header = {t.predicate: n for n, t in enumerate(source.triples) if t.subject == _ONTOLOGY}
    if _VERSION_IRI in header and _VERSION in header:
        version = source.triples[header[_VERSION]].object
        iri = ox.NamedNode(versioned_iri(getattr(version, "value", ""), source.digest))
        source.triples[header[_VERSION_IRI]] = ox.Triple(_ONTOLOGY, _VERSION_IRI, iri)
        source.triples.append(ox.Triple(_ONTOLOGY, _IDENTIFIER, ox.Literal(f"sha256:{source.digest}")))


def versioned_iri(version: str, digest: str, document: str = "ontology") -> str:
    """Return the version IRI of a document of the taxonomy.

    >>> versioned_iri("0.2.0", "0123456789abcdef" * 4)
    'https://w3id.org/udt/0.2.0/0123456789abcdef/ontology'

    :param digest: SHA-256 over all loaded files, hexadecimal.
    :param document: last part of the IRI: `ontology`, or `classes` for the class view.
    """
    return f"{ONTOLOGY.rpartition('/')[0]}/{version}/{digest[:16]}/{document}"


def _add(path: Path, source: TurtleSource, parsed: Parsed, *, extends: bool) -> None:
    source.prefixes.update(parsed.new_prefixes(source.prefixes))
    if extends:
        amended = amend(source.triples, parsed.triples, path.name)
        source.triples = amended.earlier + amended.added
        source.changes += amended.changes
        source.faults += amended.faults
    else:
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
