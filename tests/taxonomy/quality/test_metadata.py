"""Metadata of the schema and of the ontology header, counted against the files themselves."""

from __future__ import annotations

import re
from collections import Counter

from udt.core.version import __version__
from udt.taxonomy.model.namespaces import expand
from udt.taxonomy.model.schema_terms import schema_terms
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

_DECLARED = re.compile(r"^(ns:\w+) a owl:(Annotation|Object|Datatype)?(Property|Class)\b", re.MULTILINE)


def test_every_own_class_and_property_has_label_comment_and_origin(taxonomy: Taxonomy) -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted((ontology_folder() / "schema").glob("*.ttl")))
    declared = {name: kind for name, _, kind in _DECLARED.findall(text)}
    terms = schema_terms(taxonomy)
    counts = Counter("Class" if term.kind == "class" else "Property" for term in terms.values())
    assert declared.keys() <= terms.keys()
    assert counts == Counter(declared.values()) or counts.total() > len(declared)
    assert counts["Property"] >= 69
    found: dict[str, set[str]] = {expand(name): set() for name in terms}
    for triple in taxonomy.triples:
        if (subject := getattr(triple.subject, "value", "")) in found:
            found[subject].add(triple.predicate.value.rpartition("#")[2])
    wanted = {"label", "comment", "isDefinedBy"}
    assert {name: wanted - facts for name, facts in found.items() if not wanted <= facts} == {}


def test_no_term_is_declared_twice() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted(ontology_folder().rglob("*.ttl")))
    counts = Counter(name for name, _, _ in _DECLARED.findall(text))
    assert [name for name, count in counts.items() if count > 1] == []


def test_the_header_is_complete(taxonomy: Taxonomy) -> None:
    header = {
        t.predicate.value.rpartition("/")[2].rpartition("#")[2]: t.object.value  # type: ignore[union-attr]
        for t in taxonomy.triples
        if getattr(t.subject, "value", "") == "https://w3id.org/udt/ontology"
    }
    assert header["versionInfo"] == taxonomy.version == __version__
    assert header["versionIRI"] == taxonomy.version_iri
    assert header["identifier"] == f"sha256:{taxonomy.digest}"
    assert header["preferredNamespaceUri"] == expand("ns:")
    assert header["preferredNamespacePrefix"] == "ns"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", header["issued"])
    assert header["creator"] and header["license"] and header["title"] and header["description"]
