"""`udt taxonomy search`: concepts by words in any language."""

from __future__ import annotations

import json
from pathlib import Path

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.taxonomy.tables import print_parts, table


@click.command(short_help="Search concepts by words.")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Only this kind (Organ, FindingTerm …) or part (anatomy, dimensions, findings, words); repeatable.",
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The most concepts to show.")
@json_option
@taxonomy_option
def search(
    words: tuple[str, ...], kinds: tuple[str, ...], limit: int, as_json: bool, extensions: tuple[Path, ...]
) -> None:
    """Search the labels of all concepts in all languages for WORDS, best matches first.

    Letter case, accents and hyphens count for nothing, and misspelt words are corrected. Exits with status 1 if nothing
    is found.

    \b
    Examples:
      udt taxonomy search gallbladder wall
      udt taxonomy search 胆囊 --kind findings
      udt taxonomy search cyst --kind FindingTerm --limit 5 --json
    """
    from udt.taxonomy.model.faults import closest
    from udt.taxonomy.model.search import PARTS
    from udt.taxonomy.model.search import search as hits_for
    from udt.taxonomy.model.taxonomy import Taxonomy

    loaded = Taxonomy.load(*extensions)
    known = sorted({concept.kind for concept in loaded})
    allowed = {name.casefold() for name in (*known, *PARTS)}
    if unknown := next((kind for kind in kinds if kind.casefold() not in allowed), None):
        some = f"allowed: {', '.join(PARTS)}, or a class of concepts, e.g. Organ or FindingTerm"
        raise click.BadParameter(f"'{unknown}' is no kind; {some}{closest(unknown, known)}", param_hint="--kind")
    query = " ".join(words)
    hits = hits_for(loaded, query, kinds=kinds, limit=limit)
    if as_json:
        found = [
            {
                "curie": hit.concept.curie,
                "kind": hit.concept.kind,
                "label": hit.concept.label,
                "matched": {"text": hit.label.text, "language": hit.label.language, "role": hit.label.role},
                "score": round(hit.score, 1),
            }
            for hit in hits
        ]
        click.echo(json.dumps({"query": query, "hits": found}, ensure_ascii=False))
    elif hits:
        rows = (
            (
                hit.concept.label,
                hit.concept.curie,
                hit.concept.kind,
                "" if hit.label.text == hit.concept.label else f"{hit.label.text} ({hit.label.language})",
            )
            for hit in hits
        )
        print_parts([table(rows, "concept", "id", "kind", "matched")])
    else:
        click.echo("nothing found", err=True)
    if not hits:
        raise click.exceptions.Exit(1)
