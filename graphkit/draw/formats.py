"""Formats of drawings by name; another package adds one by an entry point of the group `udt.drawings`."""

from __future__ import annotations

from collections.abc import Callable

from udt.core.errors import UdtError
from udt.core.registry import Registry
from udt.graphkit.draw.diagram import Drawing

Encoder = Callable[[Drawing], bytes]
"""Encodes a drawing as the content of a file."""

# A name is also the suffix of the files.
FORMATS: Registry[Encoder] = Registry(
    "drawing format",
    "udt.drawings",
    {
        "png": "udt.graphkit.draw.figure:to_png",
        "svg": "udt.graphkit.draw.figure:to_svg",
        "html": "udt.graphkit.draw.html:to_html",
        "graphml": "udt.graphkit.draw.exchange:to_graphml",
        "dot": "udt.graphkit.draw.exchange:to_dot",
        "json": "udt.graphkit.draw.exchange:to_json",
    },
)


def encode(drawing: Drawing, format: str) -> bytes:
    """Return the content of a file of one of `FORMATS`.

    :raises udt.core.errors.DataError: if there is no such format.
    :raises UdtError: if Matplotlib, which `png` and `svg` need, is not installed.
    """
    try:
        return FORMATS.load(format)(drawing)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "matplotlib":
            raise
        hint = "install it with: pip install 'udt-toolkit[plot]'; html, graphml, dot and json do not need it"
        raise UdtError(f"writing {format} needs Matplotlib, which is not installed; {hint}") from error
