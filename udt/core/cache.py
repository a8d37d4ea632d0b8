"""The folder of what is computed once and can be computed again: compiled lexicons, features of frozen towers."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return `$UDT_CACHE_DIR`, or the cache folder of the platform; it may not exist yet."""
    chosen = os.environ.get("UDT_CACHE_DIR")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path  # training on a bundle, without frozen towers, needs no cache

    return user_cache_path("udt-toolkit", appauthor=False)
