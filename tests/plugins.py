"""Packages with entry points, as third parties install them."""

from __future__ import annotations

from pathlib import Path


def write_package(folder: Path, name: str, group: str, points: dict[str, str], body: str = "") -> None:
    """Write an installed package of one module with entry points of one group; `folder` has to be on the path."""
    (folder / f"{name}.py").write_text(body)
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = "".join(f"{key} = {value}\n" for key, value in points.items())
    (about / "entry_points.txt").write_text(f"[{group}]\n{lines}")
