"""Formats of diagrams: pictures, one HTML page, and files for graph tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import BinaryIO

from udt.core.errors import UdtError
from udt.graphkit.draw.diagram import Diagram

FORMATS = ("png", "svg", "html", "graphml", "dot", "json")


def write(diagrams: Sequence[Diagram], form: str, target: BinaryIO, text: str = "") -> None:
    """Write the first of `diagrams`, and all of them to an HTML page.

    :param form: one of FORMATS; `png` and `svg` need Matplotlib, `graphml` and `json` NetworkX.
    :param text: the text that the offsets of the evidence refer to, for the page; empty if it is not known.
    :raises ValueError: if there is no such form.
    :raises UdtError: if a package that the form needs is not installed.
    """
    try:
        _write(diagrams, form, target, text)
    except ModuleNotFoundError as error:
        hint = "install it with: pip install 'udt-toolkit[plot]'; html, dot and json need nothing more"
        raise UdtError(f"writing {form} needs '{error.name}', which is not installed; {hint}") from error


def _write(diagrams: Sequence[Diagram], form: str, target: BinaryIO, text: str) -> None:
    if form in {"png", "svg"}:
        from udt.graphkit.draw.figure import draw

        draw(diagrams[0], target, "png" if form == "png" else "svg")
    elif form == "html":
        from udt.graphkit.draw.html import to_html

        target.write(to_html(diagrams, diagrams[0].title, text).encode())
    elif form in {"graphml", "dot", "json"}:
        target.write(_exchanged(diagrams[0], form))
    else:
        raise ValueError(f"there is no form '{form}'; allowed: {', '.join(FORMATS)}")


def _exchanged(diagram: Diagram, form: str) -> bytes:
    from udt.graphkit.draw import exchange

    if form == "graphml":
        return exchange.to_graphml(diagram)
    if form == "dot":
        return exchange.to_dot(diagram).encode()
    return (json.dumps(exchange.to_json(diagram), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
