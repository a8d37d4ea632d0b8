"""Damaged copies of a valid file: flipped bits, cuts, insertions and splices, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

_INSERTED = (
    b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\r", b"\n", b"\t", b",", b'"', b"'",
    b"\\", b"\\ud800", b"\\u0000", b"{", b"}", b"[", b"]", b"[" * 200, b'{"a":' * 200, b":", b"null", b"true", b"-1",
    b"NaN", b"Infinity", b"1e400", b"0.5", b"9" * 5000, b"99999999999999999999", b"=", b"[[x]]", b"#", b"\x1b[31m",
    b"\x1f\x8b\x08", b"PAR1", "ß\u202e\u2028".encode(),
)  # fmt: skip


def mutations(sample: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` damaged copies of `sample`, each with one to four changes."""
    random = Random(seed)
    for _ in range(count):
        data = bytearray(sample)
        for _ in range(random.choice((1, 1, 1, 2, 4))):
            random.choice(_CHANGES)(data, random)
        yield bytes(data)


def _flip(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((0, 0xFF, 0x7F, 0x80, 0x22, random.randrange(256)))


def _cut(data: bytearray, random: Random) -> None:
    del data[random.randint(0, len(data)) :]


def _remove(data: bytearray, random: Random) -> None:
    start = random.randint(0, len(data))
    del data[start : start + random.choice((1, 4, 16, 256))]


def _insert(data: bytearray, random: Random) -> None:
    place = random.randint(0, len(data))
    data[place:place] = random.choice(_INSERTED)


def _splice(data: bytearray, random: Random) -> None:
    start, place = random.randint(0, len(data)), random.randint(0, len(data))
    data[place:place] = data[start : start + random.choice((1, 8, 64, 1024))]


_CHANGES: tuple[Callable[[bytearray, Random], None], ...] = (
    _flip,
    _flip,
    _set,
    _cut,
    _remove,
    _insert,
    _insert,
    _splice,
)
