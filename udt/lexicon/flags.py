"""Flags of an entry: how its form differs from the label, its part of speech, and how far it names its concept."""

from __future__ import annotations

from typing import Final

ADJECTIVE: Final = 1
PLURAL: Final = 2
FINAL: Final = 4
"""It names its concept only at the end of a noun phrase."""
ADVERB: Final = 8
BARE: Final = 16
"""It names its concept without what that implies."""
