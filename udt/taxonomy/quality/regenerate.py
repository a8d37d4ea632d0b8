"""The generated files of `ontology/`. `python -m udt.taxonomy.quality.regenerate` writes them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from udt.taxonomy.export.alignments import match_triples, read_sssom, sssom_file
from udt.taxonomy.export.closure import closing_axioms
from udt.taxonomy.export.shapes import dimension_shapes
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy


def _alignments() -> str:
    return match_triples(read_sssom(sssom_file()))


def _closure() -> str:
    return closing_axioms(Taxonomy.load())


def _dimension_shapes() -> str:
    return dimension_shapes(Taxonomy.load())


GENERATED: Mapping[str, Callable[[], str]] = {
    "alignments.ttl": _alignments,
    "closure.ttl": _closure,
    "dimension-shapes.ttl": _dimension_shapes,
}
"""File name to the function that returns the content of the file."""


def main() -> None:
    """Write every generated file and print its path."""
    for name, content in GENERATED.items():
        path = ontology_folder() / "generated" / name
        path.write_text(content(), "utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
