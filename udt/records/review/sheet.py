"""Review sheets: one HTML page that needs no network and no other file, and gives a file of decisions."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from udt.records.database.curation_models import ReviewRole
from udt.records.review.sheet_data import Sheet
from udt.reporting.html import render

_PACKAGE = "udt.records.review"


def sheet_page(sheet: Sheet) -> str:
    """Render the page of a sheet.

    Its policy allows the one script of the page, by its hash, and embedded images; texts of the records are data of
    that script, which never reads them as HTML.
    """
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    title = f"{'Adjudication' if sheet.role is ReviewRole.ADJUDICATION else 'Review'} · {sheet.reviewer}"
    values = {"title": title, "script": Markup(script), "script_hash": digest, "data": _data(sheet), "sheet": sheet}
    return render("sheet.html.j2", _PACKAGE, **values)


@cache
def _script() -> str:
    return files(_PACKAGE).joinpath("templates", "sheet.js").read_text("utf-8")


def _data(sheet: Sheet) -> Markup:
    """Encode a sheet as JSON that cannot end the script element which it is in."""
    text = json.dumps(sheet.to_dict(), ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
