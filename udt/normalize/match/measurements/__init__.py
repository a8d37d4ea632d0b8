"""Measurements in text: `14 x 11 mm (previously 12 mm)`, `PSV 120 cm/s`, `wall 3 mm (normal < 3)`, `RI 0.74`."""
