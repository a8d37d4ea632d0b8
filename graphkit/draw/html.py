"""Diagrams as one HTML page that needs no network and no other file.

The page shows one diagram at a time. The item under the pointer, or reached with the keyboard, is lit with its links;
its evidence is listed beside it and marked in the text, if the text is known.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from udt.graphkit.draw.diagram import Drawing, Item
from udt.graphkit.draw.layout import lay_out
from udt.graphkit.draw.markup import svg
from udt.reporting.certainty import CERTAINTY
from udt.reporting.html import render


def to_html(drawing: Drawing) -> bytes:
    """Render the page of all diagrams of a drawing; the first is shown first, and its title is that of the page."""
    facts = {d.id: {item.id: _facts(item) for item in d.items} for d in drawing.diagrams}
    words = {name: look.word for name, look in CERTAINTY.items()}
    pictures = [(diagram, Markup(svg(lay_out(diagram)))) for diagram in drawing.diagrams]
    data = _script_safe({"facts": facts, "words": words, "text": drawing.text})
    title = drawing.diagram.title
    return render("graph.html.j2", "udt.graphkit.draw", title=title, pictures=pictures, data=data).encode()


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


def _script_safe(data: Any) -> Markup:
    """Return JSON in ASCII that cannot end the script element that holds it."""
    return Markup(json.dumps(data).replace("<", "\\u003c"))
