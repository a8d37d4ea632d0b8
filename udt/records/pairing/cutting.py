"""Cut panels out of figures and write them as PNG files."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image as Pillow

from udt.core.atomic import atomic_output
from udt.records.pairing.panels import PanelBox

_NAME = 16  # characters of the hash of the figure


def cut_panel(figure: Pillow.Image, box: PanelBox) -> bytes:
    """Return a panel of a figure as PNG, without metadata."""
    panel = figure.crop((box.left, box.top, box.left + box.width, box.top + box.height))
    panel.info.clear()
    encoded = io.BytesIO()
    panel.save(encoded, "PNG", optimize=True)
    return encoded.getvalue()


def panel_name(sha256: str, box: PanelBox) -> str:
    """Return the name of the file of a panel: the same for the same file and box, and without words.

    :param sha256: of the file of the figure.
    """
    return f"{sha256[:_NAME]}-{box.left}-{box.top}-{box.width}-{box.height}.png"


def write_panel(folder: Path, name: str, content: bytes) -> None:
    """Write the file of a panel atomically; an equal one is left as it is."""
    path = folder / name
    if not (path.is_file() and path.read_bytes() == content):
        with atomic_output(path) as file:
            file.write(content)
