"""Write readings: the reports of samples, with the labels that they give to the samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select

from udt.core.report import NamedConcept
from udt.records.database.bulk import advance_counters, insert, next_id
from udt.records.database.concepts import ConceptIds
from udt.records.database.finding_models import FindingRow, Reading, TermCode, TermRow
from udt.records.database.models import Maker, Provenance, SampleLabel
from udt.records.readings.rows import TABLES, Ids, ReadReport, concepts_of, rows_of
from udt.taxonomy.model.taxonomy import Taxonomy

_COUNTED = (Reading, FindingRow, TermRow)


@dataclass(slots=True)
class ReadingWriter:
    """Writes the readings of one maker.

    :ivar concepts: (dimension key, label) to concept id.
    :ivar places: label of a place to concept id; that of an inner place goes before that of an outer one.
    :ivar names: CURIE of a concept to its preferred label.
    """

    provenance_id: int
    concepts: Mapping[tuple[str, str], int]
    places: Mapping[str, int]
    names: Mapping[str, str]
    _terms: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, provenance_id: int, taxonomy: Taxonomy, ids: ConceptIds) -> ReadingWriter:
        """Return a writer for the labels of all dimensions of `taxonomy`, whose concepts have the ids `ids`."""
        vocabulary = taxonomy.full_vocabulary
        dimensions = list(zip(vocabulary.dimensions, ids, strict=True))
        concepts = {
            (d.key, label): id for d, own in dimensions for label, id in zip(d.labels, own, strict=True)
        }  # fmt: skip
        places = [d.key for d in vocabulary.dimensions if d.role == "place"]
        named = {label: concepts[key, label] for key in places for label in vocabulary[key].labels}
        return cls(provenance_id, concepts, named, {one.curie: one.label for one in taxonomy})

    def write(self, connection: Connection, reports: Sequence[ReadReport]) -> None:
        """Write one batch of samples that this maker has not read yet."""
        self._find_terms(connection, [concept for one in reports for concept in concepts_of(one.report)])
        first = next_id(connection, Reading), next_id(connection, FindingRow)
        rows = rows_of(reports, Ids(self.provenance_id, self.concepts, self.places, self._terms, *first))
        for table in TABLES:
            insert(connection, table, rows[table])

    def finish(self, connection: Connection) -> None:
        """Set the id counters of the database past the ids that were assigned here."""
        advance_counters(connection, _COUNTED)

    def _find_terms(self, connection: Connection, concepts: Iterable[NamedConcept]) -> None:
        """Look up or add the terms of `concepts`."""
        missing = {one.concept: one for one in concepts if one.concept not in self._terms}
        if not missing:
            return
        query = select(TermRow.concept, TermRow.id).where(TermRow.concept.in_(missing))
        self._terms.update(connection.execute(query).all())
        new = [one for name, one in missing.items() if name not in self._terms]
        ids = dict(enumerate(new, next_id(connection, TermRow)))
        insert(
            connection,
            TermRow,
            [
                {"id": id, "concept": one.concept, "label": self.names.get(one.concept, one.label)}
                for id, one in ids.items()
            ],
        )
        codes = [(id, number, code) for id, one in ids.items() for number, code in enumerate(one.codes, 1)]
        insert(connection, TermCode, [{"term_id": id, "number": n, "code": code} for id, n, code in codes])
        self._terms.update((one.concept, id) for id, one in ids.items())


def forget_rules(connection: Connection, samples: Sequence[int], keep: int) -> None:
    """Delete what other versions of the normaliser than the maker `keep` found in `samples`.

    Labels that a data set states as those of rules stay. Their provenance has no version of a program.
    """
    ours = Provenance.version.is_not(None) | Provenance.detail.startswith("udt ")  # old ones have no version
    others = select(Provenance.id).where(Provenance.maker == Maker.RULE, ours, Provenance.id != keep)
    for table in (Reading, SampleLabel):
        connection.execute(
            delete(table).where(table.sample_id.in_(samples), table.provenance_id.in_(others))
        )  # fmt: skip
