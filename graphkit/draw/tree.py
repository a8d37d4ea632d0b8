"""Diagrams of findings as trees to read on a terminal."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from udt.graphkit.draw.diagram import Diagram, Item, ItemGroup
from udt.reporting.certainty import CERTAINTY
from udt.reporting.console import printable, rendered

_LONGEST_QUOTE = 60
_QUOTED = {"diagnosis", "attribute", "interpretation"}


def to_text(diagram: Diagram, width: int, color: bool) -> str:
    """Render a diagram as a tree: places, findings and diagnoses as branches, each attribute with its words."""
    tree = Tree(Text(diagram.title, "bold"))
    for group in diagram.groups:
        _grow(tree, group)
    if not diagram.groups:
        tree.add("nothing found")
    return rendered([tree], width, color)


def _grow(tree: Tree, group: ItemGroup) -> None:
    """Add one branch for the items of a group, which share the groups below; attributes are leaves."""
    if group.items[0].kind in {"attribute", "interpretation"}:
        for item in group.items:
            dimension = (item.dimension or item.kind).replace("_", " ")
            tree.add(Text.assemble((f"{dimension}: ", "dim"), _named(item), _quotes(item)))
        return
    parts = [Text.assemble(*_head(item), *(f"  {note}" for note in item.notes), _quotes(item)) for item in group.items]
    branch = tree.add(Text(", ").join(parts))
    for part in group.below:
        _grow(branch, part)


def _head(item: Item) -> list[Text]:
    """Return the name of an item; a finding has its id before it and, unless it is in the findings, its section."""
    if item.kind not in {"finding", "mention"}:
        return [_named(item)]
    again = "again: " if item.kind == "mention" else ""
    section = f"  ({printable(item.section)})" if item.section not in {None, "findings"} else ""
    return [Text(f"{again}{printable(item.id)} ", "dim"), _named(item), Text(section, "dim")]


def _named(item: Item) -> Text:
    style = "cyan" if item.kind in {"body system", "organ"} else CERTAINTY[item.certainty].console
    return Text(CERTAINTY[item.certainty].mark + printable(item.label), style)


def _quotes(item: Item) -> Text:
    """Return the words that a label was read from, if they differ from the label."""
    if item.kind not in _QUOTED:
        return Text()
    words = dict.fromkeys(" ".join(printable(e.text).split()) for e in item.evidence)
    quotes = [w for w in words if w and w.casefold() != item.label.casefold() and len(w) <= _LONGEST_QUOTE]
    return Text("".join(f"  “{w}”" for w in quotes), "dim")
