"""The options of the methods that count labels in a corpus."""

from __future__ import annotations

from udt.similarity.methods.registry import MethodOption, OptionKind

CORPUS = MethodOption(
    "corpus",
    OptionKind.INPUT,
    "labelled records, one JSON object a line; - for standard input.",
    metavar="RECORDS.jsonl",
)
DATABASE = MethodOption("db", OptionKind.TEXT, "a database that `udt data import` filled.", metavar="FILE|URL")
