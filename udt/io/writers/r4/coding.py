"""Codes: concepts, contexts and sides as CodeableConcepts, with the systems of the terminologies mapped to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from udt.core.report import Certainty, NamedConcept
from udt.taxonomy.model.namespaces import expand

Json = dict[str, Any]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
NS = "https://w3id.org/udt/ns"
EXTENSIONS = "https://w3id.org/udt/fhir/"

_CONTEXTS: Mapping[Certainty, tuple[str, str]] = {
    "present": ("410515003", "Known present"),
    "possible": ("410590009", "Known possible"),
    "absent": ("410516002", "Known absent"),
    "unknown": ("261665006", "Unknown"),
}
_SIDES = {
    "left": ("7771000", "Left"),
    "right": ("24028007", "Right"),
    "bilateral": ("51440002", "Right and left"),
    "midline": ("260528009", "Median"),
}
_SYSTEMS: Mapping[str, tuple[str, str]] = {
    "MONDO": ("http://purl.obolibrary.org/obo/mondo.owl", "MONDO:"),
    "HP": ("http://human-phenotype-ontology.org", "HP:"),
    "UBERON": ("http://purl.obolibrary.org/obo/uberon.owl", "UBERON:"),
    "PATO": ("http://purl.obolibrary.org/obo/pato.owl", "PATO:"),
    "NCIT": ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", ""),
    "RADLEX": ("http://www.radlex.org", ""),
    "MESH": ("https://meshb.nlm.nih.gov", ""),
    "FMA": ("http://purl.org/sig/ont/fma", ""),
    "DCM": ("http://dicom.nema.org/resources/ontology/DCM", ""),
}
"""Prefix of a terminology to its system in FHIR, and to what its codes begin with."""
_NO_CONTROLS = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n\r"}


def string(text: str) -> str:
    """Replace the control characters that an R4 string may not hold."""
    return text.translate(_NO_CONTROLS)


def concept(system: str, code: str, display: str) -> Json:
    """Return a concept with one code."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


def own(code: str, display: str, text: str | None = None) -> Json:
    """Return a concept with a class or property of the ontology as its code."""
    return concept(NS, code, display) | ({"text": string(text)} if text else {})


def context(certainty: Certainty) -> Json:
    """Return a certainty as a finding context of SNOMED CT."""
    return concept(SNOMED, *_CONTEXTS[certainty])


def side(laterality: str) -> Json:
    """Return a side as a qualifier of SNOMED CT."""
    return concept(SNOMED, *_SIDES[laterality])


def coded(iri: str, display: str) -> Json:
    """Return a concept of the taxonomy, given its IRI."""
    return {"coding": [coding(iri, display)], "text": display}


def named(found: NamedConcept) -> Json:
    """Return a concept of the taxonomy with the codes that mean the same."""
    own_coding = coding(expand(found.concept), found.label)
    return {"coding": [own_coding, *_mapped(found.codes)], "text": found.label}


def _mapped(codes: Iterable[str]) -> list[Json]:
    """Return the codings of CURIEs; one of a terminology without a system in FHIR is given by its IRI."""
    found = []
    for curie in codes:
        prefix, _, local = curie.partition(":")
        if prefix in _SYSTEMS:
            system, start = _SYSTEMS[prefix]
            found.append({"system": system, "code": start + local})
        else:
            found.append(_split(expand(curie)))
    return found


def coding(iri: str, display: str) -> Json:
    """Return a coding: the code follows the last `/` or `#` of the IRI, the system precedes it."""
    return _split(iri) | {"display": display}


def _split(iri: str) -> Json:
    cut = max(iri.rfind("/"), iri.rfind("#"))
    return {"system": iri[:cut], "code": iri[cut + 1 :]} if cut > 0 else {"code": iri}
