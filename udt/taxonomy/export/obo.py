"""The class view as OBO 1.4: terms with definitions, synonyms, cross-references and relations.

Identifiers are CURIEs (`uhat:liver`), whose prefixes the header declares. OBO has no language tags, so only English and
Latin synonyms are written, without accents: the file is ASCII, since some readers, e.g. pronto, guess the encoding from
the first bytes. The other formats contain all languages and accents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from unicodedata import combining, normalize

from udt.taxonomy.export.class_view import PART_OF, ClassTerm, ClassView, Synonym, metadata_texts
from udt.taxonomy.export.label_sources import Scope
from udt.taxonomy.model.concept import Role
from udt.taxonomy.model.namespaces import DCTERMS, ONTOLOGY, PREFIXES, compress
from udt.taxonomy.model.schema_terms import SchemaTerm
from udt.taxonomy.model.taxonomy import Taxonomy

LANGUAGES = {"en", "la"}
TYPES: Mapping[Role, str] = {"abbreviation": "abbreviation", "adjective": "adjective", "hidden": "hidden"}
_RANK: Mapping[Scope, int] = {"EXACT": 0, "NARROW": 1, "BROAD": 2, "RELATED": 3}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_NAME_ESCAPES = str.maketrans({"\\": "\\\\", "{": "\\{", "}": "\\}", "!": "\\!", "\n": "\\n"})
_IDENTIFIER_ESCAPES = str.maketrans({",": "\\,", " ": "\\W", "[": "\\[", "]": "\\]"})
_METADATA = ("creator", "description", "issued", "license", "title")


def obo_text(taxonomy: Taxonomy) -> str:
    """Write the OBO document, terms and relations sorted by identifier."""
    view = ClassView(taxonomy)
    stanzas = [_stanza(term) for term in view.terms.values()]
    stanzas += [_part_of(), *(_typedef(term) for term in view.properties.values())]
    return "\n\n".join("\n".join(lines) for lines in [_header(view), *stanzas]) + "\n"


def _header(view: ClassView) -> Iterator[str]:
    yield "format-version: 1.4"
    yield f"data-version: {view.taxonomy.version}/{view.taxonomy.digest[:16]}"
    yield 'synonymtypedef: abbreviation "matched in its exact case" EXACT'
    yield 'synonymtypedef: adjective "attributive form" RELATED'
    yield 'synonymtypedef: hidden "misspelling or colloquial form" RELATED'
    targets = {target for term in view.terms.values() for target in term.xrefs}
    prefixes = {name.partition(":")[0] for name in (*view.terms, *targets)}
    for prefix in sorted(prefixes & PREFIXES.keys()):
        yield f"idspace: {prefix} {PREFIXES[prefix]}"
    yield f"remark: classes of {ONTOLOGY}, version IRI {view.version_iri}"
    yield "ontology: udt"
    for name, value in metadata_texts(view):
        if name.removeprefix(DCTERMS) in _METADATA:
            yield f"property_value: {name} {_quoted(value)} xsd:string"


def _stanza(term: ClassTerm) -> Iterator[str]:
    yield "[Term]"
    yield f"id: {_identifier(term.curie)}"
    yield f"name: {_unquoted(term.label)}"
    if term.definition:
        yield f"def: {_quoted(term.definition)} [{ONTOLOGY}]"
    if term.comment:
        yield f"comment: {_unquoted(term.comment)}"
    yield from _synonyms(term)
    yield from (f"xref: {_identifier(target)}" for target in term.xrefs)
    yield from (f"is_a: {_identifier(parent)}" for parent in term.parents)
    if term.signs:
        yield from (f"intersection_of: {_identifier(genus)}" for genus in term.genus)
        yield from (f"intersection_of: {_identifier(name)} {_identifier(value)}" for name, value in term.signs)
    yield from (f"relationship: part_of {_identifier(whole)}" for whole in term.wholes)
    yield from (f"relationship: {_identifier(name)} {_identifier(target)}" for name, target in term.relations)
    if term.deprecated:
        yield "is_obsolete: true"
        yield from (f"replaced_by: {_identifier(target)}" for target in term.replaced_by)
        yield from (f"consider: {_identifier(target)}" for target in term.consider)


def _synonyms(term: ClassTerm) -> Iterator[str]:
    """Yield one line for each text, with the closest of its scopes."""
    lines: dict[str, str] = {}
    for synonym in sorted(term.synonyms, key=lambda s: _RANK[s.scope]):
        if synonym.language in LANGUAGES and synonym.text != term.label:
            lines.setdefault(plain(synonym.text), _synonym(synonym))
    yield from sorted(lines.values())


def _synonym(synonym: Synonym) -> str:
    xrefs = ", ".join(_identifier(xref) for xref in synonym.source.xrefs)
    words = (f"synonym: {_quoted(synonym.text)}", synonym.scope, TYPES.get(synonym.role, ""), f"[{xrefs}]")
    return " ".join(word for word in words if word)


def _part_of() -> Iterator[str]:
    yield "[Typedef]"
    yield "id: part_of"
    yield "name: part of"
    yield f"xref: {compress(PART_OF)}"
    yield "is_transitive: true"


def _typedef(term: SchemaTerm) -> Iterator[str]:
    yield "[Typedef]"
    yield f"id: {_identifier(term.curie)}"
    yield f"name: {_unquoted(term.label)}"
    if term.comment:
        yield f"def: {_quoted(term.comment)} [{ONTOLOGY}]"


def plain(text: str) -> str:
    """Remove the accents of `text`: `Ménière` becomes `Meniere`."""
    return "".join(character for character in normalize("NFKD", text) if not combining(character))


def _quoted(text: str) -> str:
    return f'"{plain(text).translate(_ESCAPES)}"'


def _unquoted(text: str) -> str:
    return plain(text).translate(_NAME_ESCAPES)


def _identifier(curie: str) -> str:
    return curie.translate(_IDENTIFIER_ESCAPES)
