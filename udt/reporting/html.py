"""HTML pages that need no other file: headings, paragraphs, tables and pictures, one below the other."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b2733; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; } details { margin: .5rem 0; }
td, th { padding: .15rem 1rem .15rem 0; text-align: left; border-bottom: 1px solid #e3e8ed; }
td.number, th.number { text-align: right; }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """The whole page; `parts` are HTML, as the functions below make it."""
    return (
        f"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def heading(text: str) -> str:
    """A heading of a section."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>"


def table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:
    """A table. Integers are grouped by thousands, other numbers given to four digits; both stand to the right."""
    head = "".join(f"<th{_class(index)}>{escape(name)}</th>" for index, name in enumerate(header))
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if header else ''}{body}</table>"


def picture(png: bytes, alt: str) -> str:
    """A picture that is part of the page.

    :param alt: what it shows, for those who do not see it.
    """
    return f"<img alt='{escape(alt, quote=True)}' src='data:image/png;base64,{base64.b64encode(png).decode()}'>"


def details(summary: str, content: str) -> str:
    """HTML that opens on a click."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _class(column: int) -> str:
    return " class='number'" if column else ""


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"<td>{escape(str(value))}</td>"
    return f"<td class='number'>{value:,}</td>" if isinstance(value, int) else f"<td class='number'>{value:.4g}</td>"
