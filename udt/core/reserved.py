"""Names of columns that a dimension may not have as its key."""

from __future__ import annotations

RESERVED_KEYS = frozenset(
    {
        *("id", "case", "case_id", "record_id", "report_id", "study_id", "image_id"),
        *("text", "report", "caption", "findings", "attributes", "private"),
        *("concept", "site"),
        *("image", "frame_index", "frame_time", "split", "age", "sex", "side", "all"),
    }
)
"""Columns of texts, records, bundles and reports, fields of findings, and the word for all dimensions."""

RESERVED_PREFIXES = ("possible_", "absent_", "caption_")
"""Beginnings of the columns of hedged labels, of denied labels, and of those that captions name."""
