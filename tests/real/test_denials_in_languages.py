"""Denials in several languages, none of which may be read as an affirmation."""

from __future__ import annotations

import json

import pytest

from tests.locations import SHARED
from udt.normalize.normalizer import Normalizer

FILE = SHARED / "lang" / "lang-denied-dev.jsonl"


@pytest.mark.skipif(not FILE.exists(), reason=f"{FILE} is missing")
def test_no_denial_is_present() -> None:
    read = Normalizer()
    rows = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    affirmed = {
        (row["lang"], row["text"])
        for row in rows
        for finding in read.normalize(row["text"]).findings
        if finding.certainty in {"present", "possible"} and finding.kind != "organ"
    }
    assert affirmed == set()
