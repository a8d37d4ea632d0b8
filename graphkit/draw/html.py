"""Diagrams as one HTML page that needs nothing else: no network, no other file.

The page shows one diagram at a time. What is pointed at, or reached with the keyboard, lights up with its links; its
evidence is told beside it and marked in the text, where the text is known.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from udt.graphkit.draw.diagram import Diagram, Item
from udt.graphkit.draw.layout import lay_out
from udt.graphkit.draw.markup import svg
from udt.graphkit.draw.theme import FONTS, WORDS


def to_html(diagrams: Sequence[Diagram], title: str, text: str = "") -> str:
    """The page of `diagrams`, the first of them shown at first.

    :param text: the text that the evidence stands in; empty where it is not known.
    """
    page = Template(files("udt.graphkit.draw").joinpath("page.html").read_text("utf-8"))
    views = (f'<section id="{escape(d.id)}">{_heading(d, title)}{svg(lay_out(d))}</section>' for d in diagrams)
    tabs = (f'<a href="#{escape(d.id)}">{escape(d.id)}</a>' for d in diagrams)
    facts = {d.id: {item.id: _facts(item) for item in d.items} for d in diagrams}
    return page.substitute(
        title=escape(title),
        fonts=", ".join(name if name == "sans-serif" else f'"{name}"' for name in FONTS),
        tabs="".join(tabs) if len(diagrams) > 1 else "",
        views="".join(views),
        data=_script_safe({"facts": facts, "words": WORDS, "text": text}),
    )


def _heading(diagram: Diagram, title: str) -> str:
    return f"<h2>{escape(diagram.title)}</h2>" if diagram.title != title else ""


def _facts(item: Item) -> dict[str, Any]:
    fields = ("label", "text", "start", "end", "certainty", "cue", "reason")
    return {
        "kind": (item.dimension or item.kind).replace("_", " "),
        "label": item.label,
        "iri": item.iri,
        "certainty": item.certainty,
        "notes": item.notes,
        "evidence": [{name: getattr(one, name) for name in fields} for one in item.evidence],
    }


def _script_safe(data: Any) -> str:
    """JSON in ASCII that cannot end the script element that it stands in."""
    return json.dumps(data).replace("<", "\\u003c")
