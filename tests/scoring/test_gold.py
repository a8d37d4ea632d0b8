"""Gold records of a wrong shape, and damaged files, are worded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.attacks.attempt import CONTROL
from tests.attacks.mutations import mutations
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.scoring.gold import read_gold

RECORDS = [{"id": f"g{n}", "text": "Oval hypoechoic mass.", "labels": {"shape": ["oval"]}} for n in range(6)]


def test_damaged_gold_is_read_or_worded(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "gold.jsonl"
    for data in mutations("".join(json.dumps(row) + "\n" for row in RECORDS).encode(), 400, seed=1):
        path.write_bytes(data)
        try:
            read_gold(path, vocabulary.dimensions)
        except DataError as error:
            assert not CONTROL.intersection(str(error)) and "hypoechoic" not in str(error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": []}, "has no object 'labels'"),
        ({"labels": {"shape": "oval"}}, "'shape' is not a list of texts"),
        ({"labels": {"shape": [1]}}, "'shape' is not a list of texts"),
        ({"labels": {"form": []}}, "unknown dimension 'form'"),
        ({"labels": {"shape": ["x" * 50_000]}}, r"no label '\(a name of 50,000 characters\)'"),
        ({"labels": {"x" * 50_000: []}}, r"unknown dimension '\(a name of 50,000 characters\)'"),
        ({"text": "a\0"}, "'text' holds a NUL"),
        ({"id": None}, "'id' is null"),
    ],
)
def test_records_of_a_wrong_shape(
    tmp_path: Path, vocabulary: Vocabulary, change: dict[str, object], message: str
) -> None:
    (tmp_path / "gold.jsonl").write_text(json.dumps({**RECORDS[0], **change}))
    with pytest.raises(DataError, match=rf"gold\.jsonl:1: .*{message}"):
        read_gold(tmp_path / "gold.jsonl", vocabulary.dimensions)
