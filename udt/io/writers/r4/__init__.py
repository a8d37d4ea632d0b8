"""The resources of FHIR R4 that the format `fhir` writes."""
