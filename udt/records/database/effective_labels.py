"""Effective labels of samples: present or possible, and not denied by a person. SQL that other modules build on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
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


def label_certainties(
    connection: Connection, vocabulary: Vocabulary, samples: Iterable[int]
) -> dict[int, dict[tuple[int, int], Certainty]]:
    """Return the labels of samples with their certainty, as (dimension index, label id).

    A label is present or possible if it is effective: present if it is so for one maker. It is absent if it is
    denied, and not effective.

    :raises DataError: if the concept of a label of a classification task is not in `vocabulary`.
    """
    label_ids = _label_ids(connection, vocabulary)
    query = select(SampleLabel.sample_id, SampleLabel.concept_id, SampleLabel.certainty, Provenance.maker)
    query = query.join(Provenance, Provenance.id == SampleLabel.provenance_id)
    votes: defaultdict[int, defaultdict[tuple[int, int], set[tuple[Certainty, bool]]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for sample, concept, certainty, maker in connection.execute(query.where(SampleLabel.sample_id.in_(list(samples)))):
        found = label_ids[concept]
        if isinstance(found, str):
            raise _unknown(found)
        if found is not None:
            votes[sample][found].add((certainty, maker == Maker.HUMAN))
    return {sample: {label: _winner(given) for label, given in labels.items()} for sample, labels in votes.items()}


def _winner(votes: Set[tuple[Certainty, bool]]) -> Certainty:
    """Return the certainty of a label from (certainty, whether by a person) of each maker."""
    affirmed = {certainty for certainty, _ in votes} - {Certainty.ABSENT}
    if not affirmed or (Certainty.ABSENT, True) in votes:
        return Certainty.ABSENT
    return Certainty.PRESENT if Certainty.PRESENT in affirmed else Certainty.POSSIBLE


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
