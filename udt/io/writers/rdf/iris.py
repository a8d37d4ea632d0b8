"""IRIs of reports and their parts: under a base that the user sets, or else name-based `urn:uuid:`."""

from __future__ import annotations

import re
from urllib.parse import quote

from udt.core.errors import DataError
from udt.core.report import Report
from udt.core.texts import brief
from udt.io.writers.identity import case_id, report_uuid
from udt.io.writers.rdf.nodes import PREFIXES

_BASE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):[^\x00-\x20<>\"{}|\\^`#]+")


def checked_base(base: str) -> str:
    """Return a base IRI as it is; an empty one stands for `urn:uuid:`.

    :raises DataError: if it is no absolute IRI, has a fragment, or begins with a prefix of the output.
    """
    if not base:
        return ""
    match = _BASE.fullmatch(base)
    if match is None or match[1] in PREFIXES:
        raise DataError(
            f"'{brief(base)}' cannot be the base of IRIs; give an absolute IRI without a fragment, e.g. "
            "https://example.org/reports/"
        )
    return base


def report_iri(report: Report, base: str) -> str:
    """Return the IRI of a report.

    Without a base it is a `urn:uuid:` of the identifier and the text, so the same report always gets the same one.
    With a base it is the base and the identifier, or the hash of the text if there is no identifier.
    """
    if not base:
        return f"urn:uuid:{report_uuid(report)}"
    return base + quote(case_id(report), safe="")
