"""Diagrams as one HTML page that needs no network and no other file.

The page shows one diagram at a time, and the text beside it with all evidence marked, if the text is known. The item
under the pointer, or reached with the keyboard, is lit with its links and its evidence; a mark of the text lights its
items. Items can be opened and folded, quiet ones are folded at first, and a search finds items by their words.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from udt.graphkit.draw.diagram import Diagram, Drawing, Item, ItemGroup
from udt.graphkit.draw.layout import ACROSS, NOTE_AT, lay_out
from udt.graphkit.draw.markup import svg
from udt.reporting.certainty import CERTAINTY
from udt.reporting.html import render


def to_html(drawing: Drawing) -> bytes:
    """Render the page of all diagrams of a drawing; the first is shown first, and its title is that of the page."""
    facts = {d.id: {item.id: _facts(item) for item in d.items} for d in drawing.diagrams}
    words = {name: look.word for name, look in CERTAINTY.items()}
    pictures = [(diagram, Markup(svg(lay_out(diagram)))) for diagram in drawing.diagrams]
    trees = {d.id: list(map(_tree, d.groups)) for d in drawing.diagrams if _folds(d)}
    gaps = {"item": ACROSS.item, "group": ACROSS.group, "lead": ACROSS.lead, "note": NOTE_AT}
    data = _script_safe({"facts": facts, "words": words, "text": drawing.text, "trees": trees, "gaps": gaps})
    title = drawing.diagram.title
    values = {"title": title, "pictures": pictures, "data": data, "has_text": bool(drawing.text)}
    return render("graph.html.j2", "udt.graphkit.draw", **values).encode()


def _folds(diagram: Diagram) -> bool:
    """Return whether the items of a diagram can be opened and folded."""
    return diagram.across and not diagram.weighted


def _tree(group: ItemGroup) -> dict[str, Any]:
    ids = [item.id for item in group.items]
    return {"items": ids, "below": list(map(_tree, group.below)), "quiet": group.quiet}


def _facts(item: Item) -> dict[str, Any]:
    fields = ("label", "text", "start", "end", "certainty", "cue", "reason")
    return {
        "kind": (item.caption or item.dimension or item.kind).replace("_", " "),
        "finding": item.kind in {"finding", "mention"},
        "place": item.kind in {"body system", "organ"},
        "label": item.label,
        "iri": item.iri,
        "codes": item.codes,
        "certainty": item.certainty,
        "notes": item.notes,
        "evidence": [{name: getattr(one, name) for name in fields} for one in item.evidence],
    }


def _script_safe(data: Any) -> Markup:
    """Return JSON in ASCII that cannot end the script element that holds it."""
    return Markup(json.dumps(data).replace("<", "\\u003c"))
