"""The cache keeps answers between runs, for its owner alone."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from udt.core.errors import DataError
from udt.records.extraction.cache import AnswerCache, KeptAnswer, answer_key, default_cache

ANSWER = KeptAnswer('{"shape": []}', 100, None)


def test_answers_are_kept(tmp_path: Path) -> None:
    with AnswerCache(tmp_path / "deep" / "cache") as cache:
        assert cache.get("a") is None
        cache.put("a", ANSWER)
        cache.put("a", KeptAnswer("other", 1, 1))
    with AnswerCache(tmp_path / "deep" / "cache") as cache:
        assert cache.get("a") == ANSWER
        assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600


def test_threads_and_runs_share_a_cache(tmp_path: Path) -> None:
    with AnswerCache(tmp_path) as one, AnswerCache(tmp_path) as other, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: (one, other)[n % 2].put(str(n), ANSWER._replace(tokens_in=n)), range(100)))
        assert [cache.get(str(n)) for n in range(100) for cache in (one, other)] == [
            ANSWER._replace(tokens_in=n) for n in range(100) for _ in "ab"
        ]


def test_keys_depend_on_each_part() -> None:
    assert len({answer_key("a", "b"), answer_key("ab", ""), answer_key("b", "a"), answer_key("a", "b", "")}) == 4


def test_a_damaged_cache_is_named(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(DataError, match=r"answers\.sqlite: .*--cache"):
        AnswerCache(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot hold the cache .*--cache"):
        AnswerCache(tmp_path / "file" / "cache")


def test_the_default_is_the_cache_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UDT_CACHE_DIR", str(tmp_path))
    assert default_cache() == tmp_path / "extraction"
