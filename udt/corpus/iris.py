"""IRIs of the sources, records, cases, images and makers of a corpus, under a base that the user sets."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from udt.corpus.samples import SampleRow
from udt.io.writers.rdf.iris import checked_base

GRAPHS = {
    "findingGraph": "findings",
    "deniedGraph": "denied",
    "mentionedGraph": "mentioned",
    "evidenceGraph": "evidence",
    "caseGraph": "cases",
}
"""Property of a source to the kind of graph that it names, beside the graph of its records."""
BASE = "urn:x-udt:"
"""The base without another one: names that are no addresses."""


@dataclass(frozen=True, slots=True)
class CorpusIris:
    """Makes the IRIs of a corpus.

    :ivar base: begins all of them.
    """

    base: str = BASE

    @classmethod
    def of(cls, base: str | None) -> CorpusIris:
        """Return the maker of IRIs under `base`, or under `BASE` without one.

        :raises DataError: if it is no absolute IRI, has a fragment, or begins with a prefix of the ontology.
        """
        return cls(checked_base(base) if base else BASE)

    def source(self, name: str) -> str:
        """Return the IRI of a source, which also names the graph of its records."""
        return f"{self.base}source/{quote(name, safe='')}"

    def graph(self, source: str, kind: str) -> str:
        """Return the IRI of another graph of a source.

        :param kind: a value of `GRAPHS`.
        """
        return f"{self.source(source)}#{kind}"

    def record(self, sample: SampleRow) -> str:
        """Return the IRI of a record, made of its source and its id in the database."""
        return f"{self.base}record/{quote(sample.source, safe='')}/{sample.id}"

    def case(self, source: str, key: str) -> str:
        """Return the IRI of a case, given its key in its source."""
        return f"{self.base}case/{quote(source, safe='')}/{quote(key, safe='')}"

    def image(self, id: int) -> str:
        """Return the IRI of an image, made of its id in the database."""
        return f"{self.base}image/{id}"

    def maker(self, id: int) -> str:
        """Return the IRI of the activity of a maker, made of its id in the database."""
        return f"{self.base}maker/{id}"
