"""Keeps compiled lexicons in the user's cache folder, named by the content they were compiled from.

Writers never touch a file that a reader may have open: they write beside it and rename. Several processes may
compile the same lexicon at once; the results are equal and the last rename wins.
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
    """Where compiled lexicons lie: `$UDT_CACHE_DIR`, or the user's cache folder of the platform."""
    chosen = os.environ.get("UDT_CACHE_DIR")
    return Path(chosen) if chosen else user_cache_path("udt-toolkit", appauthor=False)


def load_lexicon_data(extensions: Sequence[Path] = ()) -> dict[str, Any]:
    """The compiled lexicon of the built-in ontology and `extensions`, from the cache or freshly compiled.

    :raises udt.core.errors.TaxonomyError: where the ontology or an extension is faulty.
    """
    path = _path_for(extensions)
    data = _read(path) if path else None
    if data is None:
        data = build(Taxonomy.load(*extensions))
        if path:
            _write(path, data)
    return data


def _path_for(extensions: Sequence[Path]) -> Path | None:
    """None where a file cannot be read; loading the taxonomy then says which and why."""
    try:
        digest = files_sha256([*core_files(), *extensions])
    except OSError:
        return None
    return cache_folder() / f"lexicon-{__version__}-{FORMAT}-{digest[:32]}.json"


def _read(path: Path) -> dict[str, Any] | None:
    """The data in `path`; None where there is no whole file."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found


def _write(path: Path, data: dict[str, Any]) -> None:
    """Best effort: a read-only or full disk only costs the next start its head start."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as beside:
            json.dump(data, beside, ensure_ascii=False, separators=(",", ":"))
        Path(beside.name).replace(path)
    except OSError:
        return
