"""SPARQL, read-only, with a time limit and results in a fixed order.

>>> table = run("SELECT ?task { udaf:margins ns:task ?task }", TaxonomyData())
>>> table.columns, [term.value for row in table.rows for term in row]
(('task',), ['5'])
"""

from __future__ import annotations

from typing import Protocol

from udt.query.answer import Answer, Graph, Table
from udt.query.guard import refuse_writes
from udt.query.parameters import fill
from udt.query.presets import Parameter, Preset, preset, presets
from udt.query.taxonomy import TaxonomyData

__all__ = [
    "Answer",
    "Data",
    "Graph",
    "Parameter",
    "Preset",
    "Table",
    "TaxonomyData",
    "fill",
    "preset",
    "presets",
    "refuse_writes",
    "run",
]

TIMEOUT = 30.0


class Data(Protocol):
    """Something that answers SPARQL: the taxonomy, a store on disk, a remote endpoint."""

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
