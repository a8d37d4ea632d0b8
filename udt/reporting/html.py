"""HTML pages that need no other file and no network, from one set of templates and one style sheet.

Parts of a page are made by the functions below. All other strings are escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from udt.reporting.certainty import CERTAINTY
from udt.reporting.fonts import FONTS


def page(title: str, parts: Iterable[str]) -> str:
    """Render a page: its title, and the parts one below the other."""
    return render("page.html.j2", title=title, parts=list(parts))


def render(template: str, package: str = "udt.reporting", **values: Any) -> str:
    """Render a template of `package`, which may extend those of `udt.reporting`.

    :param template: file name in the folder `templates` of the package.
    """
    return _environment(package).get_template(template).render(**values)


def heading(text: str) -> Markup:
    """Make the heading of a section."""
    return _part("heading", text)


def paragraph(text: str) -> Markup:
    """Make a paragraph."""
    return _part("paragraph", text)


def table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> Markup:
    """Make a table. Integers are grouped by thousands, other numbers have four digits; both are aligned right."""
    return _part("table", list(rows), header)


def picture(png: bytes, alt: str) -> Markup:
    """Make a picture that is embedded in the page.

    :param alt: description for readers who do not see it.
    """
    return _part("picture", base64.b64encode(png).decode(), alt)


def details(summary: str, content: str) -> Markup:
    """Make a part that opens on a click."""
    return _part("details", summary, content)


def cards(contents: Iterable[str]) -> Markup:
    """Place cards beside each other, in as many columns as fit."""
    return _part("cards", list(contents))


def card(parts: Iterable[str]) -> Markup:
    """Make a card: parts one below the other in a frame."""
    return _part("card", list(parts))


def listed_texts(texts: Iterable[tuple[str, bool]]) -> Markup:
    """Make a numbered list of texts, each with whether it is marked."""
    return _part("listed_texts", list(texts))


def thumbnails(images: Iterable[tuple[bytes, str, bool]]) -> Markup:
    """Make a row of small pictures that are embedded in the page.

    :param images: PNG, description for readers who do not see it, and whether it is marked.
    """
    return _part("thumbnails", [(base64.b64encode(png).decode(), alt, marked) for png, alt, marked in images])


def _part(name: str, *values: object) -> Markup:
    module = _environment("udt.reporting").get_template("parts.html.j2").module
    return Markup(getattr(module, name)(*values))


@cache
def _environment(package: str) -> Environment:
    loaders = [PackageLoader(one) for one in dict.fromkeys((package, "udt.reporting"))]
    made = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(fonts=_font_list(), certainty=CERTAINTY)
    made.tests["number_cell"] = _is_number
    made.filters["cell_text"] = _cell_text
    return made


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell_text(value: object) -> str:
    if not _is_number(value):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _font_list() -> Markup:
    return Markup(", ".join(f'"{name}"' if " " in name else name for name in ("system-ui", *FONTS)))
