"""Loads the exports of a folder with OAK, and validates mapping tables with sssom; run by test_interoperability.py.

It runs in an environment of its own and prints one JSON object. A warning is an error, and log messages are printed.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oaklib import get_adapter
    from oaklib.datamodels.vocabulary import IS_A, PART_OF
    from sssom.constants import SchemaValidationType
    from sssom.parsers import parse_sssom_table
    from sssom.validators import validate

PART_OF_IRI = "http://purl.obolibrary.org/obo/BFO_0000050"


class _Refuse(logging.Handler):
    """Collects messages of level WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def loaded(selector: str, namespace: str) -> dict[str, object]:
    """Load an export with OAK; return what it holds of the liver, and how many classes are below three roots.

    :param namespace: what stands before the local name of `uhat:` and `ns:` in this format.
    """
    adapter = get_adapter(selector)
    uhat, ns = (f"{namespace}uhat/", f"{namespace}ns#") if namespace else ("uhat:", "ns:")
    edges = set(adapter.relationships([f"{uhat}liver"]))
    roots = {root: f"{ns}{root}" for root in ("Organ", "Anatomy", "Finding")}
    return {
        "label": adapter.label(f"{uhat}liver"),
        "is_a": sorted(o.removeprefix(ns) for _, p, o in edges if p == IS_A),
        "part_of": sorted(o.removeprefix(uhat) for _, p, o in edges if p in {PART_OF, PART_OF_IRI}),
        "below": {root: len(list(adapter.descendants([iri], [IS_A]))) - 1 for root, iri in roots.items()},
    }


def main(folder: Path, tables: list[Path]) -> None:
    """Print what the tools find in the exports in `folder` and in `tables`."""
    refuse = _Refuse()
    logging.getLogger().addHandler(refuse)
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", ResourceWarning)  # OAK leaves the file of OBO Graphs open
    found: dict[str, object] = {
        "obo": loaded(f"simpleobo:{folder / 'udt.obo'}", ""),
        "pronto": loaded(f"pronto:{folder / 'udt.obo'}", ""),
        "obograph": loaded(f"obograph:{folder / 'udt.json'}", "https://w3id.org/udt/"),
        "tables": {},
    }
    warnings.simplefilter("default")
    kinds = [SchemaValidationType.JsonSchema, SchemaValidationType.PrefixMapCompleteness]
    for table in tables:
        reports = validate(parse_sssom_table(str(table)), [*kinds, SchemaValidationType.StrictCurieFormat], False)
        found["tables"][table.name] = [r.message for report in reports.values() for r in report.results]  # type: ignore[index]
    print(json.dumps({**found, "logged": refuse.messages}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
