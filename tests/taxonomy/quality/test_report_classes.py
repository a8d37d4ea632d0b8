"""The RDF of normalised reports conforms to the shapes and is classified by the OWL definitions."""

from __future__ import annotations

import io
import shutil

import pyoxigraph as ox
import pytest
from rdflib import Graph

from udt import Normalizer
from udt.io.writers.base import Settings
from udt.io.writers.ttl import writer
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.reasoner import reason
from udt.taxonomy.quality.shacl import validate

pytestmark = pytest.mark.slow

TEXT = (
    "Liver: anechoic well-defined cyst with posterior enhancement, 2 x 3 cm. No septated cyst.\n"
    "Right breast: irregular hypoechoic mass without calcifications."
)


@pytest.fixture(scope="module")
def written() -> str:
    """One report as Turtle."""
    turtle = writer(Settings(base_iri="https://example.org/record/"))
    handle = io.BytesIO()
    turtle.write([turtle.encode(Normalizer().normalize(TEXT, "r1"))], handle)
    return handle.getvalue().decode()


def test_written_records_conform_to_the_shapes(taxonomy: Taxonomy, written: str) -> None:
    assert "ns:DeniedFinding" in written
    assert validate(Graph().parse(data=written, format="turtle"), taxonomy) == []


@pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs Java, and none is installed")
def test_written_findings_are_classified(taxonomy: Taxonomy, written: str) -> None:
    found = reason(taxonomy, [quad.triple for quad in ox.parse(written, format=ox.RdfFormat.TURTLE)])
    classes = {name for curie, names in found.types.items() if "/record/r1#" in curie for name in names}
    assert found.status == "consistent"
    assert {"ns:SimpleCyst", "ns:SuspiciousBreastMass", "ns:DeniedFinding"} <= classes
    assert "ns:SeptatedCyst" not in classes
    assert "ns:CalcifiedMass" not in classes
