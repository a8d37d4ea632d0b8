"""SPARQL, read-only, with a time limit and results in a fixed order.

>>> table = run_query("SELECT ?task { udaf:margins ns:task ?task }", TaxonomyData())
>>> table.columns, [term.value for row in table.rows for term in row]
(('task',), ['5'])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from udt.core.errors import QueryError
from udt.query.answers import Answer
from udt.query.parameters import fill
from udt.query.presets import Preset
from udt.query.safety import refuse_writes
from udt.taxonomy.model.taxonomy import Taxonomy

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


def run_query(query: str, data: Data, timeout: float = TIMEOUT) -> Answer:
    """Answer a SELECT, ASK, CONSTRUCT or DESCRIBE query.

    The prefixes of `udt.taxonomy.model.namespaces.PREFIXES` need no declaration. Rows without an `ORDER BY` are sorted.

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
    """Answer a question that comes with the ontology; see `fill` for `arguments` and `load`, and `run_query`.

    :raises QueryError: as `run_query`, and where `preset` asks about records and `data` has none.
    :raises UnknownConceptError: for a name that no concept has.
    """
    if preset.corpus and not data.has_records:
        raise QueryError(
            f"the preset '{preset.name}' asks about records, and the taxonomy alone has none; make a store of them "
            "with 'udt data to-rdf --db … --store DIR' and ask it with --store DIR, or ask a server with --endpoint URL"
        )
    return run_query(fill(preset, arguments, load), data, timeout)
