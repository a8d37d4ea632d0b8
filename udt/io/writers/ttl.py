"""Turtle: each report an `ns:LabelledRecord` with its labels, its findings and the evidence for them.

A finding is an `ns:Finding`; one that the text denies is an `ns:DeniedFinding`, and so is the denied part of a present
finding (*a mass without calcifications*). A finding of another person, of an earlier or planned time, or in a language
without known words of denial is an `ns:MentionedFinding`. A finding that is not mentioned has no node.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial

from udt.core.report import Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.rdf.iris import checked_base
from udt.io.writers.rdf.nodes import DECIMAL, INTEGER, PREFIXES, STRING, A, Iri, Literal, RdfNode, Value, full
from udt.io.writers.rdf.report import report_node
from udt.io.writers.vocabulary import LabelIris

_ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', **{i: f"\\u{i:04X}" for i in (*range(32), 127)}}
_SAFE_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_BARE = {INTEGER: re.compile(r"[+-]?[0-9]+"), DECIMAL: re.compile(r"[+-]?[0-9]*\.[0-9]+")}
"""Datatypes of numbers that Turtle writes without quotes, if they look so."""


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of Turtle with the IRIs of the taxonomy and `settings.extensions`, and `settings.base_iri`.

    :raises TaxonomyError: if an extension is faulty.
    :raises DataError: if the base cannot be used.
    """
    base = checked_base(settings.base_iri)
    prefixes = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())
    return text_writer(partial(_record, LabelIris.load(settings.extensions), base), head=prefixes)


def _record(iris: LabelIris, base: str, report: Report) -> str:
    return "".join(map(_block, dict.fromkeys(_subjects(report_node(iris, base, report)))))


def _subjects(node: RdfNode) -> Iterator[RdfNode]:
    """Yield the named nodes with statements of a tree, from the top."""
    if node.name and node.pairs:
        yield node
    for _, objects in node.pairs:
        for value in objects:
            if isinstance(value, RdfNode):
                yield from _subjects(value)


def _block(node: RdfNode) -> str:
    return f"\n{_term(node.name)} {_statements(node, 4)} .\n"


def _statements(node: RdfNode, indent: int) -> str:
    """Write the predicates of a node, each on a line of its own, indented by `indent` spaces from the second on."""
    lines = [f"{_predicate(name)} {_listed(objects, indent)}" for name, objects in node.pairs]
    return f" ;\n{' ' * indent}".join(lines)


def _predicate(name: str) -> str:
    return "a" if name == A else _term(name)


def _listed(objects: tuple[Value, ...], indent: int) -> str:
    """List objects; each blank node has lines of its own."""
    separator = f" ,\n{' ' * (indent + 4)}" if any(map(_is_blank, objects)) else " , "
    return separator.join(_object(value, indent + 4) for value in objects)


def _is_blank(value: Value) -> bool:
    return isinstance(value, RdfNode) and not value.name


def _object(value: Value, indent: int) -> str:
    if isinstance(value, Literal):
        return _literal(value)
    if isinstance(value, Iri) or value.name:
        return _term(value.name)
    if any(_is_blank(one) for _, objects in value.pairs for one in objects):
        return f"[ {_statements(value, indent + 2)} ]"
    pairs = [f"{_predicate(name)} {_listed(objects, indent)}" for name, objects in value.pairs]
    return f"[ {' ; '.join(pairs)} ]"


@lru_cache(maxsize=10_000)
def _term(name: str) -> str:
    prefix, _, local = name.partition(":")
    return name if prefix in PREFIXES and _SAFE_LOCAL.fullmatch(local) else f"<{full(name)}>"


def _literal(literal: Literal) -> str:
    bare = _BARE.get(literal.type)
    if bare is not None and bare.fullmatch(literal.text):
        return literal.text
    quoted = f'"{literal.text.translate(_ESCAPES)}"'
    if literal.language:
        return f"{quoted}@{literal.language}"
    return quoted if literal.type == STRING else f"{quoted}^^{_term(literal.type)}"


FORMAT = ReportFormat(writer, suffixes=(".ttl",))
