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

    Labels of dimensions without a classification task are left out if `vocabulary` does not have them.

    :raises DataError: if the concept of another label is not in `vocabulary`.
    """
    label_ids = _label_ids(connection, vocabulary)
    query = effective_labels().order_by(SampleLabel.sample_id).execution_options(yield_per=_BATCH)
    with connection.execute(query) as rows:
        for sample, pairs in groupby(rows, key=itemgetter(0)):
            ids: list[list[int]] = [[] for _ in vocabulary.dimensions]
            for _, concept in pairs:
                found = label_ids[concept]
                if isinstance(found, str):
                    raise _unknown(found)
                if found is not None:
                    ids[found[0]].append(found[1])
            yield sample, LabelSet(tuple(tuple(sorted(numbers)) for numbers in ids))


def _label_ids(connection: Connection, vocabulary: Vocabulary) -> dict[int, tuple[int, int] | str | None]:
    """Map each concept id to (dimension index, label id) in the vocabulary.

    A concept that it lacks is mapped to its IRI, or to None if it is of a dimension without a task.
    """
    known = {iri: (i, j) for i, d in enumerate(vocabulary.dimensions) for j, iri in enumerate(d.iris)}
    rows = connection.execute(select(ConceptRow.id, ConceptRow.iri, ConceptRow.task))
    return {id: known.get(iri, None if task is None else iri) for id, iri, task in rows}


def _unknown(iri: str) -> DataError:
    hint = "give the extension that declares it with --taxonomy, or run 'udt data validate' for all of them"
    return DataError(f"a sample has the label {iri}, which the taxonomy in use does not have; {hint}")
