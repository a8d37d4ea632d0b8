"""Answers of models on disk, by the hash of everything that determines them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from udt.core.cache import cache_folder
from udt.core.errors import DataError
from udt.core.hashing import parts_sha256

_FILE = "answers.sqlite"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT NOT NULL, tokens_in INTEGER,"
    " tokens_out INTEGER) WITHOUT ROWID"
)
_WAIT = 30.0  # seconds


def default_cache() -> Path:
    """Return the folder of the cache of answers, below that of the user."""
    return cache_folder() / "extraction"


def answer_key(*parts: str) -> str:
    """Return the key of an answer.

    :param parts: model, options, version and hash of the prompt, hash of the taxonomy, and text.
    """
    return parts_sha256(*parts)


class KeptAnswer(NamedTuple):
    """An answer with the tokens that it took; None if the endpoint did not report them."""

    text: str
    tokens_in: int | None
    tokens_out: int | None


class AnswerCache:
    """A table of answers in a file that only its owner may read, since answers quote reports.

    Each answer is stored in a transaction of its own, so that a killed run loses none. Threads may share a cache.

    :raises DataError: if the folder or the file cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / _FILE
        self._lock = Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise DataError(f"{folder}: cannot hold the cache of answers ({error.strerror}); {_OTHER}") from error
        with self._explained():
            self._connection = sqlite3.connect(
                self.path, timeout=_WAIT, isolation_level=None, check_same_thread=False
            )  # fmt: skip
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute(_TABLE)
            except sqlite3.Error:
                self._connection.close()
                raise

    def get(self, key: str) -> KeptAnswer | None:
        """Return the answer with this key, or None."""
        row = self._run("SELECT text, tokens_in, tokens_out FROM answers WHERE key = ?", (key,))
        return KeptAnswer(*row) if row else None

    def put(self, key: str, answer: KeptAnswer) -> None:
        """Store an answer; one that is there already stays."""
        self._run("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?)", (key, *answer))

    def close(self) -> None:
        """Close the file, once no thread uses it; threads that outlive an interrupted run get an error."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> AnswerCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, statement: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        with self._lock, self._explained():
            row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
            return row

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise DataError(f"{self.path}: the cache of answers cannot be used ({error}); {_OTHER}") from error


_OTHER = "remove it, or give another folder with --cache"
