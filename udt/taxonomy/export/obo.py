"""The taxonomy as OBO 1.4: anatomy, dimensions with their values, and findings, without cues and words.

`is_a` represents `skos:broader`. Identifiers are CURIEs (`uhat:liver`), whose prefixes the header declares. OBO has no
language tags, so only English and Latin synonyms are written, without accents: the file is ASCII, since some readers,
e.g. pronto, guess the encoding from the first bytes. The other formats contain all languages and accents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from unicodedata import combining, normalize

from udt.taxonomy.model.concept import Concept, Role
from udt.taxonomy.model.document import part_of
from udt.taxonomy.model.namespaces import PREFIXES
from udt.taxonomy.model.taxonomy import Taxonomy

_LANGUAGES = {"en", "la"}
_SCOPES: Mapping[Role, str] = {
    "pref": "EXACT",
    "alt": "EXACT",
    "abbreviation": "EXACT",
    "adjective": "RELATED",
    "hidden": "RELATED",
}
_TYPES: Mapping[Role, str] = {"abbreviation": "abbreviation", "adjective": "adjective", "hidden": "hidden"}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_NAME_ESCAPES = str.maketrans({"\\": "\\\\", "{": "\\{", "}": "\\}", "!": "\\!", "\n": "\\n"})
_IDENTIFIER_ESCAPES = str.maketrans({",": "\\,", " ": "\\W", "[": "\\[", "]": "\\]"})


def obo_text(taxonomy: Taxonomy) -> str:
    """Write the OBO document, terms sorted by identifier."""
    terms = sorted((c for c in taxonomy if part_of(c) != "words" and c.label), key=lambda c: c.curie)
    known = {term.curie for term in terms}
    stanzas = ("\n".join(_stanza(term, known)) for term in terms)
    return "\n\n".join(["\n".join(_header(taxonomy, terms)), *stanzas]) + "\n"


def _header(taxonomy: Taxonomy, terms: Iterable[Concept]) -> Iterator[str]:
    yield "format-version: 1.4"
    yield f"data-version: {taxonomy.version}"
    yield 'synonymtypedef: abbreviation "matched in its exact case" EXACT'
    yield 'synonymtypedef: adjective "attributive form" RELATED'
    yield 'synonymtypedef: hidden "misspelling or colloquial form" RELATED'
    for prefix in sorted({term.curie.partition(":")[0] for term in terms} & PREFIXES.keys()):
        yield f"idspace: {prefix} {PREFIXES[prefix]}"
    yield "remark: is_a stands for skos:broader"
    yield "ontology: udt"


def _stanza(term: Concept, known: set[str]) -> Iterator[str]:
    yield "[Term]"
    yield f"id: {_identifier(term.curie)}"
    yield f"name: {_unquoted(term.label)}"
    if term.definition:
        yield f"def: {_quoted(term.definition)} []"
    if term.scope_note:
        yield f"comment: {_unquoted(term.scope_note)}"
    yield from _synonyms(term)
    targets = {target for predicate, target in term.mappings if predicate in {"exactMatch", "closeMatch"}}
    yield from (f"xref: {_identifier(target)}" for target in sorted(targets))
    yield from (f"is_a: {_identifier(parent)}" for parent in term.broader if parent in known)


def _synonyms(term: Concept) -> Iterator[str]:
    """Yield one line for each text, with the first of its roles."""
    lines: dict[str, str] = {}
    for label in term.labels:
        if label.language in _LANGUAGES and label.text != term.label:
            words = [f"synonym: {_quoted(label.text)}", _SCOPES[label.role], _TYPES.get(label.role, ""), "[]"]
            lines.setdefault(_plain(label.text), " ".join(word for word in words if word))
    yield from sorted(lines.values())


def _plain(text: str) -> str:
    """Remove the accents of `text`: `Ménière` becomes `Meniere`."""
    return "".join(character for character in normalize("NFKD", text) if not combining(character))


def _quoted(text: str) -> str:
    return f'"{_plain(text).translate(_ESCAPES)}"'


def _unquoted(text: str) -> str:
    return _plain(text).translate(_NAME_ESCAPES)


def _identifier(curie: str) -> str:
    return curie.translate(_IDENTIFIER_ESCAPES)
