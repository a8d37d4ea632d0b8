"""Codes: concepts, contexts and sides as CodeableConcepts, with the systems of the terminologies mapped to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from udt.core.report import Certainty, Measurement, NamedConcept, Quantity
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
_DICOM = _SYSTEMS["DCM"][0]
_OF_NAME: Mapping[str, tuple[str, str, str]] = {
    "PSV": (LOINC, "11726-7", "Peak systolic velocity"),
    "EDV": (LOINC, "11653-3", "End diastolic velocity"),
    "MEAN VELOCITY": (LOINC, "20352-1", "Time averaged mean velocity"),
    "RI": (LOINC, "12023-8", "Resistivity index"),
    "PI": (LOINC, "12008-9", "Pulsatility index"),
    "S/D": (LOINC, "12144-2", "Systolic to diastolic velocity ratio"),
    "ACCELERATION TIME": (LOINC, "20168-1", "Acceleration time"),
    "VOLUME FLOW": (LOINC, "33878-0", "Volume flow"),
}
"""Name of a quantity in capitals to the system, code and meaning that DICOM uses for it (CID 12120, 12121, 12222)."""
_OF_QUANTITY: Mapping[Quantity, tuple[str, str, str]] = {
    "length": (SNOMED, "410668003", "Length"),
    "diameter": (SNOMED, "81827009", "Diameter"),
    "thickness": (LOINC, "59089-3", "ROI thickness by US"),
    "depth": (SNOMED, "131197000", "Depth"),
    "distance": (_DICOM, "121206", "Distance"),
    "area": (SNOMED, "42798000", "Area"),
    "volume": (SNOMED, "118565006", "Volume"),
}
"""Quantity to the system, code and meaning that DICOM uses for it (CID 7470 to 7472 and 12250)."""
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


def measured(one: Measurement) -> list[Json]:
    """Return the standard code of what a measurement measures, or nothing; a size has none, since its axes differ."""
    found = _OF_NAME.get(one.name.upper()) if one.name else _OF_QUANTITY.get(one.quantity)
    return concept(*found)["coding"] if found is not None else []


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
