"""Diagrams as SVG elements of an HTML page; each item names its diagram and itself, so that a script can find it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from udt.graphkit.draw.layout import LABEL_SIZE, LABEL_STEP, SMALL_SIZE, SMALL_STEP, Box, Curve, Layout
from udt.graphkit.draw.theme import style
from udt.reporting.certainty import CERTAINTY

_NOTE_DROP = 3.5
"""Pixels from the middle of a line of small type down to its baseline."""


def svg(layout: Layout) -> str:
    """Return the `<svg>` of a layout, without its title."""
    title = escape(layout.diagram.title)
    size = f'viewBox="0 40 {layout.width:.0f} {layout.height - 40:.0f}" width="{layout.width:.0f}"'
    parts = "".join([*map(_curve, layout.curves), *map(_box, layout.boxes), *map(_box, layout.legend)])
    return f'<svg {size} role="group" aria-label="{title}">{parts}</svg>'


def _curve(curve: Curve) -> str:
    start, *rest = curve.points
    path = f"M{start.x:.1f} {start.y:.1f}C" + " ".join(f"{p.x:.1f} {p.y:.1f}" for p in rest)
    ends = f'data-from="{escape(curve.link.source)}" data-to="{escape(curve.link.target)}"'
    ends += f' data-note="{escape(curve.link.note)}"' if curve.link.note else ""
    line = (
        f'stroke="{curve.color}" stroke-width="{curve.thickness:.1f}"{_dashes(CERTAINTY[curve.link.certainty].dashes)}'
    )
    note = ""
    if curve.link.note:
        place = f'x="{curve.mark.x:.1f}" y="{curve.mark.y + _NOTE_DROP:.1f}" font-size="{SMALL_SIZE}"'
        note = f'<text class="note" {place}>{escape(curve.link.note)}</text>'
    return f'<g class="link" {ends}><path d="{path}" {line}/>{note}</g>'


def _box(box: Box) -> str:
    look = style(box.item)
    place = f'width="{box.width:.1f}" height="{box.height:.1f}" rx="6"'
    paint = f'fill="{look.fill}" stroke="{look.line}"{_dashes(look.dashes)}'
    name = escape(" ".join((box.caption, *box.label, *box.notes)))
    legend = box.item.id.startswith("legend:")
    role = "item" if not legend else "key"
    act = "" if legend else f' tabindex="0" data-id="{escape(box.item.id)}" aria-label="{name}"'
    shift = f'transform="translate({box.x:.1f} {box.y:.1f})"'
    return f'<g class="{role}"{act} {shift}><rect {place} {paint}/>{"".join(_lines(box))}</g>'


def _lines(box: Box) -> Iterator[str]:
    look = style(box.item)
    texts: Sequence[tuple[str, int, int, str, str]] = [
        (box.caption, SMALL_SIZE, SMALL_STEP, look.faint, "normal"),
        *((line, LABEL_SIZE, LABEL_STEP, look.text, "bold") for line in box.label),
        *((line, SMALL_SIZE, SMALL_STEP, look.faint, "normal") for line in box.notes),
    ]
    x = box.width / 2
    y = (box.height - sum(step for _, _, step, _, _ in texts)) / 2
    for text, size, step, color, weight in texts:
        y += step
        place = f'x="{x:.1f}" y="{y - step * 0.27:.1f}" font-size="{size}"'
        yield f'<text {place} fill="{color}" font-weight="{weight}">{escape(text)}</text>'


def _dashes(lengths: Sequence[float]) -> str:
    return f' stroke-dasharray="{" ".join(map(str, lengths))}"' if lengths else ""
