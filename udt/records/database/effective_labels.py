"""Which labels of a sample count, as SQL that the other modules build on."""

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
    """Distinct (sample id, concept id) of the labels that count: not denied, and not taken back by a person."""
    denied, by = aliased(SampleLabel), aliased(Provenance)
    taken_back = exists().where(
        denied.sample_id == SampleLabel.sample_id,
        denied.concept_id == SampleLabel.concept_id,
        denied.certainty == Certainty.ABSENT,
        by.id == denied.provenance_id,
        by.maker == Maker.HUMAN,
    )
    chosen = select(SampleLabel.sample_id, SampleLabel.concept_id).distinct()
    return chosen.where(SampleLabel.certainty != Certainty.ABSENT, ~taken_back)


def label_sets(connection: Connection, vocabulary: Vocabulary) -> Iterator[tuple[int, LabelSet]]:
    """(sample id, labels) of every sample that has labels, by sample id; memory stays flat.

    :raises DataError: where a label's concept is not in `vocabulary`.
    """
    places = _places(connection, vocabulary)
    query = effective_labels().order_by(SampleLabel.sample_id).execution_options(yield_per=_BATCH)
    with connection.execute(query) as rows:
        for sample, pairs in groupby(rows, key=itemgetter(0)):
            ids: list[list[int]] = [[] for _ in vocabulary.dimensions]
            for _, concept in pairs:
                dimension, label = _place(places, concept)
                ids[dimension].append(label)
            yield sample, LabelSet(tuple(tuple(sorted(found)) for found in ids))


def _places(connection: Connection, vocabulary: Vocabulary) -> dict[int, tuple[int, int] | str]:
    """Concept id to (dimension index, label id), or to the IRI of one that the vocabulary lacks."""
    known = {iri: (i, j) for i, d in enumerate(vocabulary.dimensions) for j, iri in enumerate(d.iris)}
    return {id: known.get(iri, iri) for id, iri in connection.execute(select(ConceptRow.id, ConceptRow.iri))}


def _place(places: dict[int, tuple[int, int] | str], concept: int) -> tuple[int, int]:
    place = places[concept]
    if isinstance(place, str):
        hint = "give the extension that declares it with --taxonomy, or run 'udt data validate' for all of them"
        raise DataError(f"a sample has the label {place}, which the taxonomy in use does not have; {hint}")
    return place
