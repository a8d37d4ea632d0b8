"""Composite samples: those that have parts, which take their place in a data set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Exists, exists

from udt.records.database.curation_models import SampleOrigin
from udt.records.database.models import Sample


def has_parts(sample_id: Any = Sample.id) -> Exists:
    """Return the condition that a sample is a composite with parts; `~has_parts()` selects all others.

    :param sample_id: the column with the id of the sample.
    """
    return exists().where(SampleOrigin.parent_id == sample_id)
