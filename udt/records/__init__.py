"""Labelled samples in a database: sources, cases, images, captions and labels with their evidence."""

from __future__ import annotations

from udt.records.database import Database
from udt.records.selects import effective_labels, label_sets

__all__ = ["Database", "effective_labels", "label_sets"]
