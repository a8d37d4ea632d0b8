from __future__ import annotations

import stat
from pathlib import Path

import pytest

from udt.core.errors import DataError
from udt.records.deidentify.pseudonyms import Pseudonyms


def test_a_key_file_is_created_for_its_owner_and_used_again(tmp_path: Path) -> None:
    path = tmp_path / "key"
    one, other = Pseudonyms.of_file(path), Pseudonyms.of_file(path)
    assert one == other and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert one.name("file", "a") == other.name("file", "a") != Pseudonyms.new().name("file", "a")
    assert one.key.hex() not in repr(one) and repr(one.key) not in repr(one)


def test_kinds_do_not_share_pseudonyms() -> None:
    key = Pseudonyms(b"k" * 32)
    assert key.name("file", "a") != key.name("folder", "a")
    assert 1 <= key.days("a") <= 365


@pytest.mark.parametrize("content", ["no key", "00ff"], ids=["text", "short"])
def test_a_faulty_key_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    with pytest.raises(DataError, match="give a new file"):
        Pseudonyms.of_file(tmp_path / "key")
