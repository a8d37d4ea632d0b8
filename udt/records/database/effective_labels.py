"""Effective labels of samples: present or possible, and not denied by a person. SQL that other modules build on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, exists, select
from sqlalchemy.orm import aliased

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.records.database.models import Certainty, ConceptRow, Maker, Provenance, SampleLabel

Query = Select[*tuple[Any, ...]]

_BATCH = 10_000


def effective_labels() -> Select[int, int]:
    """Select distinct (sample id, concept id) of all effective labels."""
    denied, by = aliased(SampleLabel), aliased(Provenance)
    denied_by_person = exists().where(
        denied.sample_id == SampleLabel.sample_id,
        denied.concept_id == SampleLabel.concept_id,
        denied.certainty == Certainty.ABSENT,
        by.id == denied.provenance_id,
        by.maker == Maker.HUMAN,
    )
    chosen = select(SampleLabel.sample_id, SampleLabel.concept_id).distinct()
    return chosen.where(SampleLabel.certainty != Certainty.ABSENT, ~denied_by_person)


def label_sets(connection: Connection, vocabulary: Vocabulary) -> Iterator[tuple[int, LabelSet]]:
    """Yield (sample id, effective labels) of every sample with labels, by sample id, in constant memory.

    :raises DataError: if the concept of a label is not in `vocabulary`.
    """
    label_ids = _label_ids(connection, vocabulary)
    query = effective_labels().order_by(SampleLabel.sample_id).execution_options(yield_per=_BATCH)
    with connection.execute(query) as rows:
        for sample, pairs in groupby(rows, key=itemgetter(0)):
            ids: list[list[int]] = [[] for _ in vocabulary.dimensions]
            for _, concept in pairs:
                dimension, label = _label_id(label_ids, concept)
                ids[dimension].append(label)
            yield sample, LabelSet(tuple(tuple(sorted(found)) for found in ids))


def _label_ids(connection: Connection, vocabulary: Vocabulary) -> dict[int, tuple[int, int] | str]:
    """Map each concept id to (dimension index, label id), or to its IRI if the vocabulary does not have it."""
    known = {iri: (i, j) for i, d in enumerate(vocabulary.dimensions) for j, iri in enumerate(d.iris)}
    return {id: known.get(iri, iri) for id, iri in connection.execute(select(ConceptRow.id, ConceptRow.iri))}


def _label_id(label_ids: dict[int, tuple[int, int] | str], concept: int) -> tuple[int, int]:
    found = label_ids[concept]
    if isinstance(found, str):
        hint = "give the extension that declares it with --taxonomy, or run 'udt data validate' for all of them"
        raise DataError(f"a sample has the label {found}, which the taxonomy in use does not have; {hint}")
    return found
