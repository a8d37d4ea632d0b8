"""Quality checks of the ontology: SPARQL queries in `ontology/checks/` that return the problems."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from udt.core.errors import TaxonomyError
from udt.taxonomy.model.namespaces import compress
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

Level = Literal["ERROR", "WARN"]

_HEADER = re.compile(r"^#\s*(\w+):\s*(.*?)\s*$", re.MULTILINE)
_IRI = re.compile(r"https?://[^\s,;'\"]+")


@dataclass(frozen=True, slots=True)
class TaxonomyCheck:
    """One query and the fields of its header.

    :ivar name: file name without suffix.
    :ivar why: the consequence of a problem.
    :ivar query: SPARQL SELECT of `?term` and `?detail`, one row per problem.
    """

    name: str
    title: str
    level: Level
    why: str
    query: str


@dataclass(frozen=True, slots=True, order=True)
class TaxonomyProblem:
    """One problem of the ontology.

    :ivar check: name of the check, `shacl` or `reasoner`.
    :ivar term: CURIE or IRI; empty if the problem is not about one term.
    :ivar detail: the rest of a sentence that begins with the term.
    """

    level: Level
    check: str
    term: str
    detail: str


def checks(folder: Path | None = None) -> list[TaxonomyCheck]:
    """Read the checks in `folder`, by default the built-in ones, sorted by name.

    :raises TaxonomyError: if a header lacks a title, a level (ERROR or WARN) or a reason.
    """
    paths = sorted((folder or ontology_folder() / "checks").glob("*.rq"))
    return [_check(path) for path in paths]


def _check(path: Path) -> TaxonomyCheck:
    query = path.read_text("utf-8")
    header = dict(_HEADER.findall(query))
    missing = [name for name in ("title", "level", "why") if not header.get(name)]
    if missing:
        raise TaxonomyError([f"{path.name}: no '# {name}: …' line; add it at the top" for name in missing])
    level = header["level"]
    if level != "ERROR" and level != "WARN":
        raise TaxonomyError([f"{path.name}: '# level: {level}'; allowed: ERROR, WARN"])
    return TaxonomyCheck(path.stem, header["title"], level, header["why"], query)


def run_check(check: TaxonomyCheck, store: ox.Store) -> list[TaxonomyProblem]:
    """Run one check on `store`; return its problems, sorted.

    :raises TaxonomyError: if the query is not valid SPARQL or not a SELECT.
    """
    try:
        rows = store.query(check.query)
    except SyntaxError as error:
        raise TaxonomyError([f"{check.name}.rq: not valid SPARQL: {error.msg}"]) from error
    if not isinstance(rows, ox.QuerySolutions):
        raise TaxonomyError([f"{check.name}.rq: not a SELECT; it has to return ?term and ?detail"])
    found = {TaxonomyProblem(check.level, check.name, _shown(row["term"]), _shortened(row["detail"])) for row in rows}
    return sorted(found)


def _shown(term: object) -> str:
    return compress(term.value) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _shortened(detail: object) -> str:
    text = detail.value if isinstance(detail, ox.Literal) else str(detail)
    return _IRI.sub(lambda found: compress(found.group()), text)


def run_checks(taxonomy: Taxonomy, selected: Iterable[TaxonomyCheck] | None = None) -> list[TaxonomyProblem]:
    """Run all checks (or the `selected` ones) on what is in use; return their problems, errors first.

    :raises TaxonomyError: if a check itself is faulty.
    """
    store = taxonomy.store(deprecated=False)
    chosen = checks() if selected is None else selected
    return sorted(problem for check in chosen for problem in run_check(check, store))
