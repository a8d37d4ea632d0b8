"""A package with entry points, as `pip install` would leave it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_package(folder: Path, name: str, group: str, points: Mapping[str, str], body: str) -> None:
    """Write the module `name` and its metadata to `folder`, which has to be on `sys.path` of the process under test.

    :param points: entry point to `module:attribute`, in the entry-point group `group`.
    """
    (folder / f"{name}.py").write_text(body, "utf-8")
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = "".join(f"{point} = {value}\n" for point, value in points.items())
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{lines}")
