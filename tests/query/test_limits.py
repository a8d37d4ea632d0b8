"""Limits of queries: each is stated in its own words, and the scan for them takes linear time."""

from __future__ import annotations

import math
import time
from contextlib import suppress

import pytest

from udt.core.errors import QueryError
from udt.query import limits
from udt.query.engines.taxonomy import TaxonomyData
from udt.query.limits import check_size, check_timeout
from udt.query.queries import run_query
from udt.query.safety import check_query, keywords_of


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 0, -1, 1e300, 86_401])
def test_a_time_limit_out_of_range_is_refused(seconds: float) -> None:
    with pytest.raises(QueryError, match=r"the time limit is .* s; allowed: a number of seconds above 0, up to 86,400"):
        run_query("ASK { }", TaxonomyData(), timeout=seconds)


@pytest.mark.parametrize("seconds", [0.001, 30, 86_400])
def test_a_time_limit_in_range(seconds: float) -> None:
    check_timeout(seconds)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ASK { FILTER(" + "(" * 499 + "1" + ")" * 499 + ") }", "nested 501 levels deep.*allowed: 500"),
        ("ASK { FILTER(" + "!" * 10_000 + "true) }", "has 10,002 operators.*allowed: 10,000"),
        ("ASK { }" + " " * 1_000_000, "has 1,000,007 characters; allowed: 1,000,000"),
        ("ASK {\n '\ud800' }", "half of a surrogate pair at line 2, column 3"),
        ("ASK { \\u0053ERVICE <http://e/> { } }", "escapes .* replaced by characters, SERVICE at line 1, column 7"),
        ("ASK { ?s ?p '\\u0027 . SERVICE <http://e/> { } #' }", "escapes .* SERVICE"),
        ("\\U00000044ROP ALL", "escapes .* DROP at line 1, column 1 is an update"),
    ],
    ids=lambda text: text[:20],
)
def test_a_query_beyond_a_limit_is_refused(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { VALUES ?x { " + "'(((' 1.5 'a'^^xsd:string <http://e/(((> " * 5_000 + "} }",
        "ASK { ?s ?p 'caf\\u00e9', '\\U0001F600', '\\uD83D' }",
        "# " + "(" * 1000 + "\nASK { }",
        "ASK { FILTER(?x IN (" + ", ".join(map(str, range(20_000))) + ")) }",
    ],
    ids=["values", "escapes", "comment", "numbers"],
)
def test_a_large_query_of_data_passes(query: str) -> None:
    check_query(query)


def test_depth_and_parts_are_counted_outside_strings() -> None:
    check_size(keywords_of("ASK { FILTER('" + "(!+" * 20_000 + "' = 'a') }"))


@pytest.mark.parametrize(
    "unit",
    ["<a://", "'", '\\"', "<'", "'''x' \\", "'''\\'", '"""\n\'', "''' \"", "a:\\'", "<a:'", "\\u0027", "@a-", ":%4"],
)
@pytest.mark.parametrize("start", ["", "'''", '"""', "<", '"', "ASK {"])
def test_the_scan_takes_linear_time(start: str, unit: str) -> None:
    query = start + unit * (300_000 // len(unit))
    started = time.monotonic()
    with suppress(QueryError):
        check_query(query)
    assert time.monotonic() - started < 5


def test_limits_are_in_proportion() -> None:
    assert limits.TIMEOUT < limits.MAX_TIMEOUT
    assert limits.MAX_BODY < limits.MAX_RESULT < limits.MEMORY_LIMIT
