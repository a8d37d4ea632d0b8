"""The prefixes of Turtle files that tests write: those of the taxonomy, and `ex:`."""

from __future__ import annotations

from udt.taxonomy.model.namespaces import PREFIXES

HEADER = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
HEADER += "@prefix ex: <https://example.org/> .\n"
