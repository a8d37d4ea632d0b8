"""`udt query`: SPARQL queries of the taxonomy, or of a corpus of records."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import taxonomy_option
from udt.core.errors import QueryError
from udt.query.limits import MAX_LENGTH, TIMEOUT, check_timeout

if TYPE_CHECKING:
    from udt.query.answers import Answer, Table
    from udt.query.queries import Data

_FILE_SUFFIXES = (".rq", ".sparql")
_MOST_BYTES = 4 * MAX_LENGTH


def _checked_timeout(context: click.Context, parameter: click.Parameter, seconds: float) -> float:
    try:
        check_timeout(seconds)
    except QueryError as error:
        raise click.BadParameter(str(error)) from error
    return seconds


@click.command("query")
@click.argument("query", required=False, metavar="[QUERY | FILE.rq | -]")
@click.option("--preset", "preset_name", metavar="NAME", help="Run a query that comes with the ontology.")
@click.option(
    "--param", "parameters", metavar="NAME=VALUE", multiple=True, help="Set a parameter of a preset; repeatable."
)
@click.option("--list", "list_presets", is_flag=True, help="List the presets with their parameters and defaults.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True,
    help="Text table, SPARQL JSON or SPARQL CSV. A graph (CONSTRUCT, DESCRIBE) is written as Turtle.",
)  # fmt: skip
@click.option(
    "--timeout", type=float, default=TIMEOUT, show_default=True, metavar="SECONDS", callback=_checked_timeout,
    help="Stop the query after this time; at most a day (86400).",
)  # fmt: skip
@click.option(
    "--store", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Query the records in a store that udt data to-rdf wrote.",
)  # fmt: skip
@click.option("--endpoint", metavar="URL", help="Query a SPARQL server, e.g. http://localhost:7878/query.")
@taxonomy_option
def query(
    query: str | None,
    preset_name: str | None,
    parameters: tuple[str, ...],
    list_presets: bool,
    form: str,
    timeout: float,
    store: Path | None,
    endpoint: str | None,
    extensions: tuple[Path, ...],
) -> None:
    """Query the taxonomy, or a corpus of records, in SPARQL.

    QUERY is the text of the query, a file that ends in .rq or .sparql, or - for standard input. SELECT, ASK, CONSTRUCT
    and DESCRIBE are allowed; updates and SERVICE are refused. The prefixes ns, uhat, udaf, finding, lex, cue, skos,
    owl, rdfs, UBERON and so on are predefined. Rows without ORDER BY are sorted.

    A store or a server contains the records of each source in a named graph (GRAPH), and the taxonomy that they were
    written with; --taxonomy then only sets the names that the parameters of a preset may use.

    \b
    Examples:
      udt query 'SELECT ?organ { ?organ skos:broader uhat:sys.thorax ; a ns:Organ }'
      udt query --preset organs-of-system --param system=Thorax
      udt query --preset mapped-to --param term=UBERON:0002107 --format json
      udt query --store records.rdf --preset lesions-by-organ --param second=hyperechoic
      udt query --list
    """
    _check_usage(query, preset_name, parameters, list_presets)
    if store is not None and endpoint is not None:
        raise click.UsageError("give --store or --endpoint, not both")
    from udt.query.queries import run_query

    if list_presets:
        _write(_listing(), form)
    elif query is not None:
        _write(run_query(_query_text(query), _data(store, endpoint, extensions), timeout), form)
    else:
        _write(_preset(preset_name or "", parameters, _data(store, endpoint, extensions), timeout, extensions), form)


def _data(store: Path | None, endpoint: str | None, extensions: tuple[Path, ...]) -> Data:
    from udt.query.engines.endpoint import EndpointData
    from udt.query.engines.store import StoreData
    from udt.query.engines.taxonomy import TaxonomyData

    if store is not None:
        return StoreData(store)
    return TaxonomyData(extensions) if endpoint is None else EndpointData(endpoint)


def _check_usage(query: str | None, preset_name: str | None, parameters: tuple[str, ...], list_presets: bool) -> None:
    if [query is not None, preset_name is not None, list_presets].count(True) != 1:
        raise click.UsageError("give one of: a query, --preset NAME, or --list")
    if parameters and preset_name is None:
        raise click.UsageError("--param is only allowed with --preset; write the values into the query instead")
    for parameter in parameters:
        if "=" not in parameter:
            raise click.BadParameter(f"'{parameter}' is not NAME=VALUE, e.g. organ=Liver", param_hint="--param")


def _query_text(query: str) -> str:
    """Return the text of a query given as `-`, as a file name, or as text."""
    if query != "-" and not query.endswith(_FILE_SUFFIXES):
        return query
    try:
        if query == "-":
            return _decoded(query, sys.stdin.buffer.read(_MOST_BYTES + 1))
        with Path(query).open("rb") as file:
            return _decoded(query, file.read(_MOST_BYTES + 1))
    except OSError as error:
        raise click.BadParameter(f"'{query}' cannot be read: {error.strerror}", param_hint="QUERY") from error


def _decoded(name: str, content: bytes) -> str:
    if len(content) > _MOST_BYTES:
        raise QueryError(f"{name}: the query has more than {MAX_LENGTH:,} characters, the most allowed; split it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(f"{name}: not UTF-8 at byte {error.start}; save the query as UTF-8") from error


def _preset(name: str, parameters: tuple[str, ...], data: Data, timeout: float, extensions: tuple[Path, ...]) -> Answer:
    from udt.query.presets import preset
    from udt.query.queries import run_preset
    from udt.taxonomy.model.taxonomy import Taxonomy

    arguments = dict(parameter.split("=", 1) for parameter in parameters)
    return run_preset(preset(name), arguments, data, timeout, lambda: Taxonomy.load(*extensions))


def _listing() -> Table:
    import pyoxigraph as ox

    from udt.query.answers import Table
    from udt.query.presets import presets

    columns = ("preset", "asks", "question", "parameters")
    rows = [
        (
            p.name,
            "records" if p.corpus else "taxonomy",
            p.question,
            " ".join(f"{q.name}={q.default}" for q in p.parameters),
        )
        for p in presets()
    ]
    return Table(columns, tuple(tuple(ox.Literal(cell) for cell in row) for row in rows))


def _write(answer: Answer, form: str) -> None:
    from udt.query.results import for_terminal, to_csv, to_json, to_text

    terminal = sys.stdout.isatty()
    if form == "table":
        text = to_text(answer, get_terminal_size().columns if terminal else None)
    else:
        text = to_json(answer) if form == "json" else to_csv(answer)
    click.echo(for_terminal(text) if terminal else text, nl=False)
