"""The entries of a lexicon: word sequences with the concepts that they name."""

from __future__ import annotations

from udt.lexicon.forms import Words

Entry = tuple[str, int, str | None]
"""A concept, the flags of the form, and the exact spelling that the text has to have, or None for any case."""
Entries = dict[Words, list[Entry]]
