"""Reading of Turtle files into one list of triples, with the files that declare each subject. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox

from udt.core.hashing import files_sha256
from udt.taxonomy.model.namespaces import RDF_TYPE

_NOT_TAXONOMY = {"shapes.ttl", "closure.ttl"}
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
    core = core_files()
    for path in [*core, *extensions]:
        try:
            _read_file(path, source, extends=path not in core)
            readable.append(path)
        except SyntaxError as error:
            source.faults.append(f"{path.name}: not valid Turtle: {error.msg} (line {error.lineno})")
        except OSError as error:
            source.faults.append(f"{path}: cannot be read: {error.strerror}; give the path of a Turtle file")
        except UnicodeDecodeError as error:
            source.faults.append(f"{path.name}: not UTF-8 at byte {error.start}; save the file as UTF-8")
    source.digest = files_sha256(readable)
    return source


def _read_file(path: Path, source: TurtleSource, *, extends: bool) -> None:
    base = path.resolve().as_uri()
    parser = ox.parse(path.read_text("utf-8"), format=ox.RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=True)
    quads = list(parser)
    source.prefixes.update(parser.prefixes)
    for quad in quads:
        source.triples.append(quad.triple)
        # A built-in file is the origin of the subjects that it types; an extension, of all: any triple may be faulty.
        if isinstance(quad.subject, ox.NamedNode) and (extends or quad.predicate == _RDF_TYPE):
            _note_origin(source, quad.subject.value, path.name)


def _note_origin(source: TurtleSource, iri: str, name: str) -> None:
    """Add the name of a file to the origin of the subject `iri`, unless it is there already."""
    known = source.origin.setdefault(iri, name)
    if name not in known.split(", "):
        source.origin[iri] = f"{known}, {name}"
