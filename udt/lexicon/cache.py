"""Cache of compiled lexicons in the user's cache folder, keyed by the SHA-256 of the source files.

A file is a line with the SHA-256 of the rest, which is JSON. One that is damaged or of another form is compiled again
and replaced. Files are written atomically: to a temporary file, which is then renamed. If several processes compile the
same lexicon at once, the results are equal and the last rename wins.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from udt.core.cache import cache_folder
from udt.core.hashing import bytes_sha256
from udt.core.version import __version__
from udt.lexicon.build import FORMAT, build
from udt.taxonomy.model.source import sources_digest
from udt.taxonomy.model.taxonomy import Taxonomy

_LARGEST = 1 << 30
"""Bytes of the largest file that is read."""
_STALE = 3600
"""Seconds after which a temporary file is left over from a process that was killed."""
_TEMPORARY, _SUFFIX = ".lexicon-", ".tmp"
_SHAPE: Mapping[str, type] = {
    "format": int,
    "version": str,
    "digest": str,
    "dimensions": list,
    "concepts": dict,
    "suffixes": dict,
    "compositions": list,
    "compounds": list,
    "structures": dict,
    "findings_of_values": dict,
    "parts": dict,
    "wholes": dict,
    "predicates": dict,
    "prefixes": list,
    "positions": dict,
    "portions": list,
    "languages": dict,
    "joined_negations": list,
    "abbreviations": list,
    "sides": dict,
    "grammar": list,
    "tries": dict,
    "other_tries": dict,
}


def load_lexicon_data(extensions: Sequence[Path] = ()) -> dict[str, Any]:
    """Load the compiled lexicon of the built-in ontology and `extensions` from the cache, or compile and cache it.

    :raises udt.core.errors.TaxonomyError: if the ontology or an extension is faulty.
    """
    digest = sources_digest(extensions)
    path = cache_folder() / f"lexicon-{__version__}-{FORMAT}-{digest[:32]}" if digest else None
    data = _read(path) if path else None
    if data is None:
        data = build(Taxonomy.load(*extensions))
        if path:
            _write(path, data)
    return data


def _read(path: Path) -> dict[str, Any] | None:
    """Read the data in `path`; return None if the file is missing, damaged or of another form."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return None
        head, _, body = path.read_bytes().partition(b"\n")
        found: Any = json.loads(body) if head == bytes_sha256(body).encode() else None
    except (OSError, ValueError, RecursionError):
        return None
    return found if _is_lexicon(found) else None


def _is_lexicon(found: Any) -> bool:
    right = isinstance(found, dict) and found.keys() == _SHAPE.keys()
    return right and found["format"] == FORMAT and all(isinstance(found[key], kind) for key, kind in _SHAPE.items())


def _write(path: Path, data: dict[str, Any]) -> None:
    """Write `data` to the cache; on a read-only or full disk, leave it out, and the next start compiles again."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(path.parent)
        handle, name = tempfile.mkstemp(_SUFFIX, _TEMPORARY, path.parent)  # which its owner alone can read
        try:
            with os.fdopen(handle, "wb") as temporary:
                temporary.writelines((bytes_sha256(body).encode(), b"\n", body))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)


def _remove_stale(folder: Path) -> None:
    for path in folder.glob(f"{_TEMPORARY}*{_SUFFIX}"):
        with suppress(OSError):
            if path.lstat().st_mtime < time.time() - _STALE:
                path.unlink()
