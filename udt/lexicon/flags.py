"""Flags of an entry: how its form differs from the label, the language of the label, or its part of speech."""

from __future__ import annotations

from typing import Final

ADJECTIVE: Final = 1
PLURAL: Final = 2
FRENCH: Final = 4
ADVERB: Final = 8
