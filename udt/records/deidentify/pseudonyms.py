"""Consistent replacements by a keyed hash: the same old value gives the same new one, and none can be reversed."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from udt.core.errors import DataError

_BYTES = 32
_LONGEST_SHIFT = 365  # days


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Replacements of identifiers under a secret key.

    :ivar key: random bytes, which are never written to an output.
    """

    key: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Pseudonyms:
        """Return replacements under a new key, so that nobody can find the old values by trying."""
        return cls(secrets.token_bytes(_BYTES))

    @classmethod
    def of_file(cls, path: Path) -> Pseudonyms:
        """Return replacements under the key in a file, which is created for its owner alone if there is none.

        :raises DataError: if it cannot be read or written, or is not such a key.
        """
        try:
            if not path.exists():
                descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                    stream.write(secrets.token_hex(_BYTES) + "\n")
            key = bytes.fromhex(path.read_text("ascii").strip())
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: is no key that can be used; give a new file, which gets one") from error
        if len(key) != _BYTES:
            raise DataError(
                f"{path}: has a key of {len(key)} bytes; allowed: {_BYTES}; give a new file, which gets one"
            )
        return cls(key)

    def uid(self, uid: str) -> str:
        """Return the UID that replaces another: `2.25.` and 128 bits as a decimal number (PS3.5 B.2)."""
        return f"2.25.{int.from_bytes(self._hash('uid', uid)[:16])}"

    def name(self, kind: str, value: str, digits: int = 12) -> str:
        """Return the pseudonym of a value of a kind, in hexadecimal digits."""
        return self._hash(kind, value).hex()[:digits]

    def days(self, patient: str) -> int:
        """Return the number of days, 1 to 365, by which the dates of a patient are moved back."""
        return 1 + int.from_bytes(self._hash("days", patient)[:8]) % _LONGEST_SHIFT

    def _hash(self, kind: str, value: str) -> bytes:
        return hmac.new(self.key, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
