"""Measurements in text: `14 x 11 mm (previously 12 mm)`, `PSV 120 cm/s`, `wall 3 mm (normal < 3)`, `RI 0.74`."""

from udt.normalize.match.measurements.quantity import quantity_for
from udt.normalize.match.measurements.reading import ReadMeasurement, read_measurements

__all__ = ["ReadMeasurement", "quantity_for", "read_measurements"]
