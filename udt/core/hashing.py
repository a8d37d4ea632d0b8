"""SHA-256 digests of files, bytes and strings, in hexadecimal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, which is read in pieces.

    :raises OSError: if the file cannot be read.
    """
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def files_sha256(paths: Iterable[Path]) -> str:
    """Return one SHA-256 of the contents of several files; it depends on their order, but not on their names.

    :raises OSError: if a file cannot be read.
    """
    total = hashlib.sha256()
    for path in paths:
        total.update(bytes.fromhex(file_sha256(path)))
    return total.hexdigest()


def bytes_sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def pieces_sha256(pieces: Iterable[bytes]) -> str:
    """Return the SHA-256 of bytes that come in pieces.

    >>> pieces_sha256([b"a", b"b"]) == bytes_sha256(b"ab")
    True
    """
    total = hashlib.sha256()
    for piece in pieces:
        total.update(piece)
    return total.hexdigest()


def parts_sha256(*parts: str) -> str:
    """Return the SHA-256 of a string in UTF-8, or of a sequence of strings with their lengths.

    >>> parts_sha256("ab", "c") == parts_sha256("a", "bc")
    False
    """
    framed = parts[0] if len(parts) == 1 else "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(framed.encode()).hexdigest()
