"""The labels of the taxonomy in the database, and the label for a name in a data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, literal, select, update

from udt.core.report import NamedConcept
from udt.core.vocabulary import Vocabulary
from udt.records.database.bulk import insert_new, table
from udt.records.database.models import Certainty, ConceptRow, SampleLabel, UnmappedLabel
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.taxonomy import Taxonomy

FINDING_KINDS = frozenset({"FindingTerm"})
"""Kinds of the concepts that a data set can name as the findings of a sample, beside the labels of dimensions."""

_NAMES = {"pref", "alt", "hidden"}

ConceptIds = tuple[tuple[int, ...], ...]


class Resolver:
    """Finds the label id or the finding for a name in a data set, among the labels and synonyms of the taxonomy.

    >>> Resolver(Taxonomy.load()).find("internal_characteristics", "complex cystic solid")
    4
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._names = {dimension.key: _names(dimension.values) for dimension in taxonomy.dimensions}
        self._taxonomy = taxonomy

    def find(self, dimension: str, name: str) -> int | None:
        """Return the label id of `name` in `dimension`, ignoring case, or None if it names no label or several."""
        return self._names[dimension].get(name.casefold())

    def concept(self, name: str) -> NamedConcept | None:
        """Return the finding called `name`, ignoring case: a CURIE, a label, a synonym or an exactly matching code.

        :returns: None if no finding has the name, or several have it.
        """
        found = self._findings.get(name.casefold())
        return None if found is None else named_concept(found)

    @cached_property
    def _findings(self) -> dict[str, Concept | None]:
        """Findings by name, identifier and code."""
        findings = [one for one in self._taxonomy if one.kind in FINDING_KINDS]
        found = {name: None if i is None else findings[i] for name, i in _names(findings).items()}
        for one in findings:
            found |= dict.fromkeys(map(str.casefold, (one.curie, *one.exact_matches)), one)
        return found


def named_concept(concept: Concept) -> NamedConcept:
    """Return a concept as reports have it."""
    return NamedConcept(concept.curie, concept.label, concept.exact_matches)


def _names(concepts: Sequence[Concept]) -> dict[str, int | None]:
    """Map names to the position of their concept; a preferred label takes precedence over an equal synonym of another.

    Synonyms of several concepts are mapped to None.
    """
    found: dict[str, int | None] = {}
    for i, concept in enumerate(concepts):
        for name in {label.text.casefold() for label in concept.labels if label.role in _NAMES}:
            found[name] = None if name in found else i
    return found | {concept.label.casefold(): i for i, concept in enumerate(concepts)}


def sync_concepts(connection: Connection, vocabulary: Vocabulary) -> ConceptIds:
    """Update the table of concepts to `vocabulary`.

    Concepts that the vocabulary no longer has are kept without a position, since samples may have them.

    :param vocabulary: of all dimensions in which samples may have labels.
    :returns: concept ids by dimension index and label id.
    """
    known = dict(connection.execute(select(ConceptRow.iri, ConceptRow.id)).all())
    first = max(known.values(), default=0) + 1
    new = [iri for dimension in vocabulary.dimensions for iri in dimension.iris if iri not in known]
    known.update((iri, id) for id, iri in enumerate(new, first))
    rows = list(_rows(vocabulary, known))
    connection.execute(update(ConceptRow).values(position=None))
    insert_new(connection, ConceptRow, sorted(rows, key=lambda row: row["parent_id"] is not None))
    changed: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "id"}
    connection.execute(
        table(ConceptRow).update().where(ConceptRow.id == bindparam("key")).values(changed),
        [{"key": row["id"], **row} for row in rows],
    )
    return tuple(tuple(known[iri] for iri in dimension.iris) for dimension in vocabulary.dimensions)


def _rows(vocabulary: Vocabulary, ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield a row for each label."""
    nested = any(dimension.parents for dimension in vocabulary.dimensions)
    outer = vocabulary[vocabulary.nested_places[0]].iris if nested else ()
    for d in vocabulary.dimensions:
        parents: list[int | None] = [ids[outer[parent]] for parent in d.parents] or [None] * len(d)
        for i, (iri, label, parent) in enumerate(zip(d.iris, d.labels, parents, strict=True)):
            yield {
                "id": ids[iri],
                "iri": iri,
                "task": d.task,
                "dimension": d.key,
                "role": d.role,
                "label": label,
                "position": i,
                "parent_id": parent,
            }


def adopt(connection: Connection, resolver: Resolver, vocabulary: Vocabulary, ids: ConceptIds) -> int:
    """Convert unmapped labels that are in the taxonomy now to labels of their samples.

    :returns: number of converted labels.
    """
    adopted = 0
    keys = {key: i for i, key in enumerate(vocabulary.keys)}
    given = select(UnmappedLabel.dimension, UnmappedLabel.label).distinct().order_by("dimension", "label")
    for dimension, name in connection.execute(given).all():
        label = resolver.find(dimension, name) if dimension in keys else None
        if label is not None:
            adopted += _adopt(connection, dimension, name, ids[keys[dimension]][label])
    return adopted


def _adopt(connection: Connection, dimension: str, name: str, concept: int) -> int:
    these = (UnmappedLabel.dimension == dimension, UnmappedLabel.label == name)
    existing = select(SampleLabel.sample_id).where(
        SampleLabel.sample_id == UnmappedLabel.sample_id,
        SampleLabel.concept_id == concept,
        SampleLabel.provenance_id == UnmappedLabel.provenance_id,
    )
    columns = ["sample_id", "provenance_id", "concept_id", "certainty"]
    chosen = select(
        UnmappedLabel.sample_id,
        UnmappedLabel.provenance_id,
        literal(concept),
        literal(Certainty.PRESENT, SampleLabel.certainty.type),
    )
    new = chosen.where(*these, ~existing.exists())
    connection.execute(insert(table(SampleLabel)).from_select(columns, new))
    return connection.execute(delete(UnmappedLabel).where(*these)).rowcount
