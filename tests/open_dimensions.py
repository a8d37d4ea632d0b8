"""Two further classification tasks from one Turtle file: a dimension of its own, and one that the taxonomy ships."""

from __future__ import annotations

from pathlib import Path

from tests.turtle import HEADER

OWN_DIMENSION = """
ns:BreathingPhaseValue a owl:Class ; rdfs:subClassOf ns:Value ; rdfs:label "breathing phase value"@en .

udaf:breathing-phase a ns:Dimension , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "Breathing phase"@en ; skos:notation "D10" ;
    skos:definition "The phase of breathing in which a finding was seen."@en ;
    ns:key "breathing_phase" ; ns:task 10 ; ns:valueClass ns:BreathingPhaseValue ;
    ns:prompt "an ultrasound image in {label}" ; skos:inScheme <https://w3id.org/udt/udaf> .

udaf:breathing-phase.inspiration a ns:BreathingPhaseValue , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "inspiration"@en ; skos:notation "BP-IN" ; ns:order 1 ;
    skos:definition "While the patient breathes in."@en ;
    skos:broader udaf:breathing-phase ; skos:inScheme <https://w3id.org/udt/udaf> .

udaf:breathing-phase.expiration a ns:BreathingPhaseValue , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "expiration"@en ; skos:notation "BP-EX" ; ns:order 2 ;
    skos:definition "While the patient breathes out."@en ;
    skos:broader udaf:breathing-phase ; skos:inScheme <https://w3id.org/udt/udaf> .
"""

SHIPPED_DIMENSION = "udaf:mobility ns:task 12 .\n"

TEXTS = {
    "a": "Gallbladder: mobile stone and a polyp, seen in inspiration.",
    "b": "Right kidney: mild hydronephrosis. Possible hypoechoic mass in expiration, without inspiration.",
    "c": "Liver: hypoechoic mass without calcifications.",
}


def write_extension(folder: Path) -> Path:
    """Write the Turtle file of both dimensions."""
    path = folder / "further.ttl"
    path.write_text(HEADER + OWN_DIMENSION + SHIPPED_DIMENSION, "utf-8")
    return path
