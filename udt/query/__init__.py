"""SPARQL, read-only, with a time limit and results in a fixed order.

>>> table = run("SELECT ?task { udaf:margins ns:task ?task }", TaxonomyData())
>>> table.columns, [term.value for row in table.rows for term in row]
(('task',), ['5'])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from udt.errors import QueryError
from udt.query.answer import Answer, Graph, Table
from udt.query.endpoint import EndpointData
from udt.query.guard import refuse_writes
from udt.query.parameters import fill
from udt.query.presets import Parameter, Preset, preset, presets
from udt.query.store import StoreData
from udt.query.taxonomy import TaxonomyData
from udt.taxonomy import Taxonomy

__all__ = [
    "Answer",
    "Data",
    "EndpointData",
    "Graph",
    "Parameter",
    "Preset",
    "StoreData",
    "Table",
    "TaxonomyData",
    "fill",
    "preset",
    "presets",
    "refuse_writes",
    "run",
    "run_preset",
]

TIMEOUT = 30.0


class Data(Protocol):
    """Something that answers SPARQL: the taxonomy, a store on disk, a remote endpoint."""

    @property
    def has_records(self) -> bool:
        """Whether it may hold records, which the corpus presets ask about."""

    def answer(self, query: str, timeout: float) -> Answer:
        """Evaluate `query`, which has been found to be read-only, and give up after `timeout` seconds.

        :raises QueryError: where the query is malformed, fails or takes too long.
        """


def run(query: str, data: Data, timeout: float = TIMEOUT) -> Answer:
    """Answer a SELECT, ASK, CONSTRUCT or DESCRIBE query.

    The prefixes of `udt.taxonomy.namespaces.PREFIXES` need no declaration. Rows without an `ORDER BY` are sorted.

    :param timeout: seconds after which the query is stopped.
    :raises QueryError: where the query would write or call another server, is malformed, fails or takes too long.
    """
    refuse_writes(query)
    return data.answer(query, timeout)


def run_preset(
    preset: Preset,
    arguments: Mapping[str, str],
    data: Data,
    timeout: float = TIMEOUT,
    load: Callable[[], Taxonomy] = Taxonomy.load,
) -> Answer:
    """Answer a question that comes with the ontology; see `fill` for `arguments` and `load`, and `run`.

    :raises QueryError: as `run`, and where `preset` asks about records and `data` has none.
    :raises UnknownConceptError: for a name that no concept has.
    """
    if preset.corpus and not data.has_records:
        raise QueryError(
            f"the preset '{preset.name}' asks about records, and the taxonomy alone has none; make a store of them "
            "with 'udt data to-rdf --db … --store DIR' and ask it with --store DIR, or ask a server with --endpoint URL"
        )
    return run(fill(preset, arguments, load), data, timeout)
