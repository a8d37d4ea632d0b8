"""The reading of dimensions: which layer of the normaliser matches their values in text, if any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from udt.taxonomy.model.concept import Concept, Reading

MEASUREMENT_KINDS = frozenset({"Unit", "LengthUnit", "MeasurementTerm"})
"""Kinds of the words that are matched beside numbers."""
_BESIDE_NUMBERS_ALONE = MEASUREMENT_KINDS - {"LengthUnit"}

READINGS: Mapping[str, Reading] = {"ns:AsLabel": "label", "ns:AsAttribute": "attribute", "ns:NotRead": "none"}


def reading_of(dimension: Concept, concepts: Mapping[str, Concept]) -> Reading:
    """Return the reading of a dimension: `ns:NotRead` of its own or of its module, else its own, else the default.

    By default the values of a dimension with a task are read as labels, those of others as attributes.
    """
    own = {READINGS.get(name) for name in dimension.all("reading")}
    modules = [concepts[name] for name in dimension.all("module") if name in concepts]
    of_module = {READINGS.get(name) for module in modules for name in module.all("reading")}
    if "none" in own | of_module:
        return "none"
    if own & {"label", "attribute"}:
        return "attribute" if "attribute" in own else "label"
    return "attribute" if dimension.number("task") is None else "label"


def kinds_apart(concepts: Iterable[Concept]) -> frozenset[str]:
    """Return the kinds of the concepts that may share labels with those of other kinds.

    They are the values that are not read as labels, and the words that are matched beside numbers alone.
    """
    known = {concept.curie: concept for concept in concepts}
    dimensions = (concept for concept in known.values() if concept.kind == "Dimension")
    return _BESIDE_NUMBERS_ALONE | frozenset(
        name.removeprefix("ns:")
        for dimension in dimensions
        if reading_of(dimension, known) != "label"
        for name in dimension.all("valueClass")
    )
