"""Composite samples: those that have parts, which take their place in a data set."""

from __future__ import annotations

from sqlalchemy import Exists, exists

from udt.records.database.curation_models import SampleOrigin
from udt.records.database.models import Sample


def has_parts() -> Exists:
    """Return the condition that a sample is a composite with parts; `~has_parts()` selects all others."""
    return exists().where(SampleOrigin.parent_id == Sample.id)
