"""`udt language check`: how far a language is read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.taxonomy.tables import print_parts, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.normalize.normalizer import Normalizer
    from udt.scoring.languages.coverage import Coverage
    from udt.scoring.languages.inventory import Inventory
    from udt.scoring.languages.sentences import SentenceOutcome


@click.command(short_help="Check how far a language is read.")
@click.argument("tag")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--lines", is_flag=True, help="Each line of FILE is a report.")
@click.option(
    "--sentences",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sentences to read in place of those of the language: a table with phenomenon, text and expected.",
)
@click.option("--errors", is_flag=True, help="List each sentence that is read wrongly.")
@json_option
@taxonomy_option
def check(
    tag: str,
    file: Path | None,
    lines: bool,
    sentences: Path | None,
    errors: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Count the words that the taxonomy holds of the language TAG, read its own sentences, and measure FILE.

    Of the reports in FILE (any file or folder that udt normalize reads), the share of the clauses with evidence is
    printed, and the most frequent words that no label has. Exits with status 1 if a needed kind of words is missing or
    a sentence is read wrongly.

    \b
    Examples:
      udt language check zh
      udt language check de reports.txt --lines --errors
    """
    from udt.normalize.normalizer import Normalizer
    from udt.scoring.languages.inventory import inventory, known_languages
    from udt.scoring.languages.sentences import check_sentences, read_sentences, sentences_file
    from udt.taxonomy.model.faults import closest
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    known = known_languages(taxonomy)
    if tag not in known:
        allowed = f"allowed: {', '.join(known)}{closest(tag, known)}"
        raise click.BadParameter(f"no label is in the language {tag!r}; {allowed}", param_hint="TAG")
    normalizer = Normalizer(extensions)
    path = sentences or sentences_file(tag)
    outcomes = check_sentences(read_sentences(path), normalizer.normalize) if path.exists() else []
    counted = inventory(taxonomy, tag)
    measured = _measure(file, lines, tag, normalizer) if file is not None else None
    if as_json:
        click.echo(json.dumps(_to_dict(counted, outcomes, measured), ensure_ascii=False))
    else:
        print_parts(_tables(counted, outcomes, measured, errors))
    if counted.missing or any(outcome.missed for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _measure(file: Path, lines: bool, tag: str, normalizer: Normalizer) -> Coverage:
    from udt.io.readers import read_texts
    from udt.scoring.languages.coverage import coverage

    texts = (text for _, text in read_texts(file, lines=lines))
    return coverage(((text, normalizer.normalize(text)) for text in texts), tag, normalizer.lexicon)


def _to_dict(counted: Inventory, outcomes: Sequence[SentenceOutcome], measured: Coverage | None) -> dict[str, object]:
    wrong = [
        {"phenomenon": one.sentence.phenomenon, "text": one.sentence.text, "missed": list(one.missed)}
        for one in outcomes
        if one.missed
    ]
    sentences = {"read": len(outcomes), "right": len(outcomes) - len(wrong), "wrong": wrong}
    return {**counted.to_dict(), "sentences": sentences, "coverage": measured.to_dict() if measured else None}


def _tables(
    counted: Inventory, outcomes: Sequence[SentenceOutcome], measured: Coverage | None, errors: bool
) -> Iterator[RenderableType]:
    yield f"{counted.name} ({counted.tag})\n"
    names = ((c.kind, f"{c.named:,}", f"{c.concepts:,}", f"{c.labels:,}") for c in counted.names)
    yield table(names, "names of", "named", "of", "labels")
    yield ""
    words = ((c.kind, f"{c.words:,}" if c.words else "none: needed" if c.needed else "none") for c in counted.words)
    yield table(words, "words of", "number")
    yield ""
    if outcomes:
        totals = Counter(one.sentence.phenomenon for one in outcomes)
        right = Counter(one.sentence.phenomenon for one in outcomes if not one.missed)
        yield table(
            ((name, f"{right[name]}", f"{total}") for name, total in totals.items()), "sentences", "right", "of"
        )
        yield f"in all {sum(right.values())} of {len(outcomes)} are read right"
    else:
        yield "it has no sentences of its own"
    if errors:
        for one in outcomes:
            if one.missed:
                yield f"\n{one.sentence.phenomenon}: {one.sentence.text}\n  expected {'; '.join(one.missed)}"
    if measured is not None:
        yield f"\n{measured.texts:,} of {measured.all_texts:,} texts are in this language"
        yield f"{measured.read:,} of {measured.clauses:,} clauses have evidence ({measured.share:.1%})"
        if measured.unread:
            yield table(((word, f"{count:,}") for word, count in measured.unread), "unread word", "clauses")
