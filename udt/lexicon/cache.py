"""Cache of compiled lexicons in the user's cache folder, keyed by the SHA-256 of the source files.

Files are written atomically: to a temporary file, which is then renamed. If several processes compile the same lexicon
at once, the results are equal and the last rename wins.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from udt.core.hashing import files_sha256
from udt.core.version import __version__
from udt.lexicon.build import FORMAT, build
from udt.taxonomy.model.source import core_files
from udt.taxonomy.model.taxonomy import Taxonomy


def cache_folder() -> Path:
    """Return the folder of compiled lexicons: `$UDT_CACHE_DIR`, or the cache folder of the platform."""
    chosen = os.environ.get("UDT_CACHE_DIR")
    return Path(chosen) if chosen else user_cache_path("udt-toolkit", appauthor=False)


def load_lexicon_data(extensions: Sequence[Path] = ()) -> dict[str, Any]:
    """Load the compiled lexicon of the built-in ontology and `extensions` from the cache, or compile and cache it.

    :raises udt.core.errors.TaxonomyError: if the ontology or an extension is faulty.
    """
    path = _path_for(extensions)
    data = _read(path) if path else None
    if data is None:
        data = build(Taxonomy.load(*extensions))
        if path:
            _write(path, data)
    return data


def _path_for(extensions: Sequence[Path]) -> Path | None:
    """Return the path in the cache, or None if a source is unreadable: loading the taxonomy then reports the file."""
    try:
        digest = files_sha256([*core_files(), *extensions])
    except OSError:
        return None
    return cache_folder() / f"lexicon-{__version__}-{FORMAT}-{digest[:32]}.json"


def _read(path: Path) -> dict[str, Any] | None:
    """Read the data in `path`; return None if the file is missing or damaged."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found


def _write(path: Path, data: dict[str, Any]) -> None:
    """Write `data` to the cache; on a read-only or full disk, leave it out, and the next start compiles again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as temporary:
            json.dump(data, temporary, ensure_ascii=False, separators=(",", ":"))
        Path(temporary.name).replace(path)
    except OSError:
        return
