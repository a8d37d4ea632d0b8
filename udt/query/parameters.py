"""Parse user input for the parameters of a preset into RDF terms, so that no raw text gets into a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import pyoxigraph as ox

from udt.core.errors import QueryError
from udt.query.presets import Parameter, Preset
from udt.taxonomy.model.concept import Dimension
from udt.taxonomy.model.namespaces import PREFIXES, compress, expand
from udt.taxonomy.model.taxonomy import Taxonomy

Term = ox.NamedNode | ox.Literal
LoadTaxonomy = Callable[[], Taxonomy]


def fill(preset: Preset, arguments: Mapping[str, str], load: LoadTaxonomy = Taxonomy.load) -> str:
    """Return the query of `preset` with the given arguments.

    :param arguments: parameter to value as the user writes it, e.g. `organ` to `Liver`.
    :param load: loads the taxonomy in which concepts are looked up; called at most once, when a concept is named.
    :raises QueryError: for an unknown parameter or a value of the wrong kind.
    :raises UnknownConceptError: if no concept has a given name.
    """
    once = cache(load)
    terms = {name: _term(preset.parameter(name), value, once) for name, value in arguments.items()}
    return preset.with_terms({name: str(term) for name, term in terms.items()})


def _term(parameter: Parameter, value: str, load: LoadTaxonomy) -> Term:
    return _KINDS[parameter.kind](parameter.name, value, load)


def _concept(name: str, value: str, load: LoadTaxonomy) -> Term:
    return ox.NamedNode(load()[value].iri)


def _dimension(name: str, value: str, load: LoadTaxonomy) -> Term:
    return ox.NamedNode(_find_dimension(value, load()).concept.iri)


def _property(name: str, value: str, load: LoadTaxonomy) -> Term:
    return ox.NamedNode(_find_dimension(value, load()).label_property)


def _find_dimension(value: str, taxonomy: Taxonomy) -> Dimension:
    for dimension in taxonomy.dimensions:
        concept = dimension.concept
        iris = {concept.curie, concept.iri, dimension.label_property, compress(dimension.label_property)}
        if value in iris or value.casefold() in {dimension.key, concept.label.casefold()}:
            return dimension
    return taxonomy.dimension(value)


def _iri(name: str, value: str, load: LoadTaxonomy) -> Term:
    iri = expand(value)
    if iri == value and "://" not in value:
        raise QueryError(
            f"the parameter '{name}' got '{value}', which is neither an IRI nor a CURIE with a known prefix; "
            f"known prefixes: {', '.join(PREFIXES)}"
        )
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise QueryError(f"the parameter '{name}' got '{value}', which is not a valid IRI: {error}") from error


def _prefix(name: str, value: str, load: LoadTaxonomy) -> Term:
    by_name = {prefix.casefold(): namespace for prefix, namespace in PREFIXES.items()}
    if value.casefold() not in by_name:
        raise QueryError(f"the parameter '{name}' got the unknown prefix '{value}'; allowed: {', '.join(PREFIXES)}")
    return ox.Literal(by_name[value.casefold()])


def _integer(name: str, value: str, load: LoadTaxonomy) -> Term:
    try:
        return ox.Literal(int(value))
    except ValueError:
        raise QueryError(f"the parameter '{name}' got '{value}'; it has to be an integer") from None


def _text(name: str, value: str, load: LoadTaxonomy) -> Term:
    return ox.Literal(value)


_KINDS: Mapping[str, Callable[[str, str, LoadTaxonomy], Term]] = {
    "concept": _concept,
    "dimension": _dimension,
    "property": _property,
    "iri": _iri,
    "prefix": _prefix,
    "integer": _integer,
    "text": _text,
}
