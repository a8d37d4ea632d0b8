"""Diagrams for other tools: GraphML and node-link JSON by NetworkX, and DOT for Graphviz."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO

import networkx as nx

from udt.core.report import Certainty
from udt.graphkit.draw.diagram import Diagram, Drawing, Item, Link
from udt.graphkit.draw.theme import style
from udt.reporting.certainty import CERTAINTY

_DASHES: Mapping[Certainty, str] = {"present": "", "possible": ",dashed", "absent": ",dotted", "unknown": ",dotted"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _to_graph(diagram: Diagram) -> nx.DiGraph[str]:
    """Build the graph of a diagram; attributes are strings or numbers, and missing ones are left out."""
    graph: nx.DiGraph[str] = nx.DiGraph(id=diagram.id, title=diagram.title)
    for item in diagram.items:
        graph.add_node(item.id, **_item_attributes(item))
    for link in diagram.links:
        graph.add_edge(link.source, link.target, **_link_attributes(link))
    return graph


def to_graphml(drawing: Drawing) -> bytes:
    """Write the first diagram as GraphML, for Gephi, Cytoscape, yEd and similar tools."""
    target = BytesIO()
    nx.write_graphml_xml(_to_graph(drawing.diagram), target, named_key_ids=True)
    return target.getvalue()


def to_json(drawing: Drawing) -> bytes:
    """Write the first diagram in the node-link form of NetworkX, each node with its evidence."""
    data = nx.node_link_data(_to_graph(drawing.diagram), edges="edges")
    evidence = {item.id: [one._asdict() for one in item.evidence] for item in drawing.diagram.items}
    for node in data["nodes"]:
        node["evidence"] = evidence[node["id"]]
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def to_dot(drawing: Drawing) -> bytes:
    """Write the first diagram in the DOT language of Graphviz, in the colours of the pictures."""
    diagram = drawing.diagram
    direction = "LR" if diagram.across else "TB"
    head = f'  graph [label={_quoted(diagram.title)} labelloc="t" rankdir="{direction}" fontname="sans-serif"]\n'
    nodes = "".join(f"  {_quoted(item.id)} [{_look(item)}]\n" for item in diagram.items)
    edges = "".join(f"  {_quoted(k.source)} -> {_quoted(k.target)} [{_line(k)}]\n" for k in diagram.links)
    defaults = '  node [shape="box" fontname="sans-serif"]\n  edge [arrowhead="none" fontname="sans-serif"]\n'
    return f"digraph {_quoted(diagram.id)} {{\n{head}{defaults}{nodes}{edges}}}\n".encode()


def _item_attributes(item: Item) -> dict[str, str]:
    found = {
        "kind": item.kind,
        "label": item.label,
        "dimension": item.dimension,
        "iri": item.iri,
        "certainty": item.certainty,
        "notes": "; ".join(item.notes),
        "section": item.section,
        "codes": " ".join(item.codes),
        "quotes": " | ".join(dict.fromkeys(evidence.text for evidence in item.evidence)),
    }
    return {name: _xml_safe(value) for name, value in found.items() if value}


def _xml_safe(text: str) -> str:
    """Remove the characters that XML 1.0 does not allow."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _link_attributes(link: Link) -> dict[str, str | float]:
    weight = {} if link.weight is None else {"weight": link.weight}
    return {"relation": link.relation, "certainty": link.certainty, **weight, **dict(link.measures)}


def _look(item: Item) -> str:
    looks, lines = style(item), [CERTAINTY[item.certainty].mark + item.label, *item.notes]
    return (
        f"label={_quoted(chr(10).join(lines))} style={_quoted(f'rounded,filled{_DASHES[item.certainty]}')} "
        f"fillcolor={_quoted(looks.fill)} color={_quoted(looks.line)} fontcolor={_quoted(looks.text)}"
    )


def _line(link: Link) -> str:
    weight = "" if link.weight is None else f" weight={link.weight:.6g}"
    note = f" label={_quoted(link.note)}" if link.note else ""
    return f'style="{_DASHES[link.certainty].removeprefix(",") or "solid"}"{weight}{note}'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
