"""Reading of one Turtle file, with limits on what an extension may contain. Nothing is fetched."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from udt.core.errors import TaxonomyError
from udt.core.texts import printable
from udt.taxonomy.model.namespaces import PREFIXES

MAX_BYTES = 32 << 20
"""Most bytes of an extension."""
MAX_TRIPLES = 500_000
"""Most triples of an extension."""
MAX_TRIPLE_TERMS = 1_000
"""Most times that an extension may contain `<<`; the parser recurses for each that is nested."""
MAX_IRI = 2_000
"""Most characters of an IRI."""
MAX_TEXT = 10_000
"""Most characters of a text; for labels, see `udt.taxonomy.model.faults`."""
MAX_FAULTS = 100
"""Most faults that are listed."""

_SHOWN = 100

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Parsed:
    """The content of a file.

    :ivar prefixes: the prefixes that it declares.
    """

    triples: list[ox.Triple]
    prefixes: Mapping[str, str]

    def new_prefixes(self, known: Mapping[str, str]) -> dict[str, str]:
        """Return the prefixes that neither `known` nor the built-in ones give to another namespace."""
        taken = {**known, **PREFIXES}
        return {name: iri for name, iri in self.prefixes.items() if taken.get(name, iri) == iri}


def parse(path: Path) -> Parsed:
    """Parse a Turtle file.

    :raises TaxonomyError: if it is not UTF-8, not Turtle, or has more than `MAX_TRIPLES` triples.
    """
    try:
        content = path.read_text("utf-8-sig")
        if content.count("<<") > MAX_TRIPLE_TERMS:
            raise TaxonomyError([f"{path.name}: contains '<<' more than {MAX_TRIPLE_TERMS:,} times; leave them out"])
        base = path.resolve().as_uri()
        parser = ox.parse(content, format=ox.RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=True)
        triples = [quad.triple for quad in islice(parser, MAX_TRIPLES + 1)]
    except UnicodeDecodeError as error:
        fault = f"{path.name}: not UTF-8 at byte {error.start}; save the file as UTF-8"
        raise TaxonomyError([fault]) from error
    except SyntaxError as error:
        fault = f"{path.name}: not valid Turtle: {printable(error.msg)} (line {error.lineno})"
        raise TaxonomyError([fault]) from error
    if len(triples) > MAX_TRIPLES:
        raise TaxonomyError([f"{path.name}: has more than {MAX_TRIPLES:,} triples, the most allowed; split or cut it"])
    return Parsed(triples, parser.prefixes)


def parse_extension(path: Path) -> Parsed:
    """Parse a Turtle file of the user.

    :raises TaxonomyError: as `parse`, or if it is missing, no regular file, or larger than `MAX_BYTES`.
    """
    if fault := fault_of_file(path):
        raise TaxonomyError([fault])
    try:
        return parse(path)
    except OSError as error:
        fault = f"{path}: cannot be read: {error.strerror}; give the path of a Turtle file"
        raise TaxonomyError([fault]) from error


def fault_of_file(path: Path) -> str | None:
    """Return the fault of a file that must not be opened: a pipe, device or folder, too large, missing; else None."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return f"{path}: cannot be read: {why}; give the path of a Turtle file"
    if not stat.S_ISREG(status.st_mode):
        return f"{path}: is a folder, a pipe or a device; give the path of a Turtle file"
    if status.st_size > MAX_BYTES:
        size = f"{status.st_size >> 20:,} MiB"
        return f"{path}: has {size}; allowed for an extension: {MAX_BYTES >> 20} MiB; split or cut it"
    return None


def faults_of_terms(triples: Iterable[ox.Triple], name: str) -> list[str]:
    """Return the faults of IRIs and texts, at most `MAX_FAULTS`.

    :param name: name of the file.
    """
    return list(islice(_faults(triples, name), MAX_FAULTS))


def _faults(triples: Iterable[ox.Triple], name: str) -> Iterator[str]:
    for triple in triples:
        for term in (triple.subject, triple.predicate, triple.object):
            if fault := _fault(term):
                yield f"{name}: {_short(triple.subject)}: {fault}"


def _fault(term: Term) -> str | None:
    if isinstance(term, ox.Triple):
        return "has a triple term (<<…>>) as its value, which the taxonomy does not use; remove it"
    if isinstance(term, ox.NamedNode) and len(term.value) > MAX_IRI:
        return f"an IRI has {len(term.value):,} characters; allowed: {MAX_IRI:,}; shorten it"
    if isinstance(term, ox.Literal) and len(term.value) > MAX_TEXT:
        return f"a text has {len(term.value):,} characters; allowed: {MAX_TEXT:,}; shorten it"
    if not isinstance(term, ox.BlankNode) and (shown := printable(term.value, "\n\r\t")) != term.value:
        mark = next(c for c, other in zip(term.value, shown, strict=False) if c != other)
        return f"'{_short(term)}' contains the control character U+{ord(mark):04X}; remove it"
    return None


def _short(term: Term) -> str:
    text = term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
    return printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
