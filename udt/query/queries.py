"""Read-only SPARQL queries with a time limit and results in a deterministic order.

>>> from udt import TaxonomyData
>>> table = run_query("SELECT ?task { udaf:margins ns:task ?task }", TaxonomyData())
>>> table.columns, [term.value for row in table.rows for term in row]
(('task',), ['5'])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from udt.core.errors import QueryError
from udt.query.answers import Answer
from udt.query.limits import TIMEOUT, check_timeout
from udt.query.parameters import fill
from udt.query.presets import Preset
from udt.query.safety import check_query
from udt.taxonomy.model.taxonomy import Taxonomy


class Data(Protocol):
    """An engine that answers SPARQL queries: the taxonomy, a store on disk, or a remote endpoint."""

    @property
    def has_records(self) -> bool:
        """Whether it may hold records, which the corpus presets query."""

    def answer(self, query: str, timeout: float) -> Answer:
        """Evaluate a query that has passed `check_query`, for at most `timeout` seconds.

        :raises QueryError: if the query is malformed, fails or takes too long.
        """


def run_query(query: str, data: Data, timeout: float = TIMEOUT) -> Answer:
    """Evaluate a SELECT, ASK, CONSTRUCT or DESCRIBE query.

    The prefixes of `udt.taxonomy.model.namespaces.PREFIXES` are predeclared. Without `ORDER BY` the rows are sorted.

    :param timeout: seconds after which the query is stopped; above 0, up to a day.
    :raises QueryError: if the query would write or call another server, is malformed, fails, takes too long or exceeds
        another limit of `udt.query.limits`, or `timeout` is out of range.
    """
    check_timeout(timeout)
    check_query(query)
    return data.answer(query, timeout)


def run_preset(
    preset: Preset,
    arguments: Mapping[str, str],
    data: Data,
    timeout: float = TIMEOUT,
    load: Callable[[], Taxonomy] = Taxonomy.load,
) -> Answer:
    """Evaluate a preset query; see `fill` for `arguments` and `load`, and `run_query` for the rest.

    :raises QueryError: as `run_query`, or if `preset` queries records and `data` has none.
    :raises UnknownConceptError: if no concept has a given name.
    """
    if preset.corpus and not data.has_records:
        raise QueryError(
            f"the preset '{preset.name}' queries records, and the taxonomy alone has none; build a store of them with "
            "'udt data to-rdf --db … --store DIR' and query it with --store DIR, or query a server with --endpoint URL"
        )
    return run_query(fill(preset, arguments, load), data, timeout)
