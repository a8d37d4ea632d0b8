"""Bundles as older versions wrote them, without the labels that captions name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq

from udt.bundle.reader import FIRST_SCHEMA, MANIFEST, SAMPLES
from udt.core.hashing import file_sha256


def first_version(bundle: Path, folder: Path) -> Path:
    """Copy a bundle to a folder as `udt-bundle/1`, and return the folder."""
    shutil.copytree(bundle, folder)
    table = pq.read_table(folder / SAMPLES)
    pq.write_table(table.drop_columns([n for n in table.column_names if n.startswith("caption_")]), folder / SAMPLES)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest.pop("caption_labels", None)
    changed = {"bytes": (folder / SAMPLES).stat().st_size, "sha256": file_sha256(folder / SAMPLES)}
    manifest |= {"schema": FIRST_SCHEMA, "files": {**manifest["files"], SAMPLES: changed}}
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return folder
