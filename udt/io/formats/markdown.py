"""Markdown to text: headings, lists and paragraphs stay as they are, marks of emphasis, links and tables go."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ ]{0,3}(?:`{3,}|~{3,})[^\n`]*$", re.MULTILINE)
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+([^\n]+)$", re.MULTILINE)
_UNDERLINE = re.compile(r"^[ ]{0,3}(?:=+|-{2,})[ \t]*$\n?", re.MULTILINE)
_RULE = re.compile(r"^[ ]{0,3}(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]*)[*+](?=[ \t])", re.MULTILINE)
_QUOTE = re.compile(r"^[ ]{0,3}>[ ]?", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,1000})\]\([^()\n]{0,2000}\)")
_STRONG = re.compile(r"(?<![\w\\])(\*\*|__|\*|_)(?=[^\s*_])([^*_\n]{1,2000})(?<=[^\s*_])\1(?!\w)")
_CODE = re.compile(r"`([^`\n]{1,2000})`")
_STRUCK = re.compile(r"~~(?=\S)[^~\n]{1,2000}(?<=\S)~~")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~<])")
_ROW = re.compile(r"^[ ]{0,3}\|(.*)\|[ \t]*$", re.MULTILINE)
_SEPARATOR = re.compile(r"^[ ]{0,3}\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?$\n?", re.MULTILINE)
_TAG = re.compile(
    r"</?(?:br|p|div|span|b|i|u|em|strong|sub|sup|table|tr|td|th|h[1-6]|ul|ol|li)\b[^<>]*>", re.IGNORECASE
)


def _heading(found: re.Match[str]) -> str:
    return f"\n{found[1].strip().rstrip('#').rstrip()}\n"


def markdown_text(source: str) -> str:
    """Return the text of a document. Struck text is left out."""
    text = source.replace("\r\n", "\n")
    for pattern, to in (
        (_COMMENT, ""), (_FENCE, ""), (_SEPARATOR, ""), (_HEADING, _heading), (_RULE, ""),
        (_UNDERLINE, ""), (_BULLET, r"\1-"), (_QUOTE, ""), (_STRUCK, ""), (_LINK, r"\1"), (_CODE, r"\1"),
        (_STRONG, r"\2"), (_STRONG, r"\2"),
    ):  # fmt: skip
        text = pattern.sub(to, text)
    text = _ROW.sub(lambda row: "\t".join(cell.strip() for cell in row[1].split("|")), text)
    text = _TAG.sub(lambda tag: "\n" if tag[0][1:3].lower() == "br" else "", text)
    return re.sub(r"\n{3,}", "\n\n", _ESCAPE.sub(r"\1", text)).strip("\n")
