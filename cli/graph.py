"""`udt graph`: the graph of a report, of one of its findings, or of a corpus."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import taxonomy_option

if TYPE_CHECKING:
    from udt.core.labels import LabelSet
    from udt.core.report import Finding, LabelSets, Report
    from udt.core.vocabulary import Vocabulary
    from udt.graphkit.corpus import Association, Measure
    from udt.graphkit.draw.diagram import Diagram
    from udt.taxonomy.model.taxonomy import Taxonomy

# The triples and the training graph of the report, which are no drawings.
_TURTLE, _DGL = ".ttl", ".dgl"
_ONLY_REPORT = {"id": "--id", "finding": "--finding", "db": "--db", "private": "--private"}
_ONLY_CORPUS = {
    "organ": "--organ",
    "diagnosis": "--diagnosis",
    "top": "--top",
    "measure": "--measure",
    "least": "--least",
}


@click.command(short_help="Show or draw the graph of a report, or of a corpus.")
@click.argument("report", required=False)
@click.option("--id", metavar="NAME", help="Id of the report, if there are several.")
@click.option("--finding", metavar="f1", help="One finding only.")
@click.option("--db", metavar="FILE|URL", help="REPORT is the number of a sample in this database of records.")
@click.option("--corpus", metavar="FILE|URL", help="Labelled records: .jsonl, - or a database that holds them.")
@click.option("--organ", multiple=True, help="Corpus: only samples of this organ or body system; repeatable.")
@click.option("--diagnosis", metavar="LABEL", help="Corpus: only pairs of this diagnosis.")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Corpus: how many pairs.")
@click.option(
    "--measure", type=click.Choice(["count", "lift", "ppmi"]), default="count", show_default=True,
    help="Corpus: weight of a pair.",
)  # fmt: skip
@click.option(
    "--least", type=click.IntRange(min=1), default=1, show_default=True,
    help="Corpus: leave out pairs of fewer samples; few samples reach a high lift by chance.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; its suffix gives the format, e.g. .png, .svg, .html, .graphml, .dot, .json, .ttl, .dgl.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the graph as one JSON object (node-link).")
@click.option("--private", is_flag=True, help="Leave all words of the text out of the graph.")
@taxonomy_option
@click.pass_context
def graph(
    context: click.Context, /, out: Path | None, as_json: bool, extensions: tuple[Path, ...], **given: Any
) -> None:
    """Show the findings of REPORT as a tree, or draw them as a graph: body system, organ, findings, diagnoses,
    attributes.

    REPORT is a text, as a file or - for standard input; or the output of 'udt normalize' (.json, .jsonl). With
    --corpus, the graph is that of all its samples: which attributes go with which diagnosis, and how much more often
    than by chance (lift; PPMI is its logarithm).

    \b
    Examples:
      udt graph examples/reports/thyroid.txt
      udt graph examples/reports/thyroid.txt --finding f3 --out nodule.png
      udt graph --corpus reports.jsonl --organ kidney --diagnosis cyst --measure lift --out cysts.html
    """
    _check_usage(context, out, as_json, given)
    if given["corpus"] is not None:
        _corpus(out, as_json, extensions, **{name: given[name] for name in ("corpus", *_ONLY_CORPUS)})
    else:
        _report(out, as_json, extensions, **{name: given[name] for name in ("report", *_ONLY_REPORT)})


def _check_usage(context: click.Context, out: Path | None, as_json: bool, given: dict[str, Any]) -> None:
    from click.core import ParameterSource

    if (given["report"] is None) == (given["corpus"] is None):
        raise click.UsageError("give one of: a report (a file, or - for standard input), or --corpus FILE")
    refused, source = (_ONLY_CORPUS, "--corpus") if given["corpus"] is None else (_ONLY_REPORT, "a report")
    for name, option in refused.items():
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise click.UsageError(f"{option} goes with {source}")
    if given["db"] is not None and not given["report"].isdecimal():
        raise click.BadParameter(f"'{given['report']}' is not the number of a sample, e.g. 17", param_hint="REPORT")
    if given["db"] is not None and given["id"] is not None:
        raise click.UsageError("--db takes the number of a sample, which needs no --id")
    if out is not None and as_json:
        raise click.UsageError("--json prints, --out writes a file; give one of them, or --out FILE.json")
    if out is not None:
        _check_suffix(out, given["corpus"] is not None)


def _check_suffix(out: Path, corpus: bool) -> None:
    from udt.graphkit.draw.formats import FORMATS

    suffixes = [*(f".{name}" for name in FORMATS.names()), _TURTLE, _DGL]
    if out.suffix.lower() not in suffixes:
        got = f"the suffix '{out.suffix}'" if out.suffix else "no suffix"
        raise click.BadParameter(f"'{out.name}' has {got}; allowed: {', '.join(suffixes)}", param_hint="--out")
    if out.suffix.lower() == _TURTLE and corpus:
        hint = "choose another format, or put the corpus itself into a store: udt data to-rdf --help"
        raise click.BadParameter(f"the graph of a corpus has no Turtle form; {hint}", param_hint="--out")
    if out.suffix.lower() == _DGL and corpus:
        hint = "choose another format, or make a graph of each sample: udt.graphkit.convert.dgl.batch_dgl"
        raise click.BadParameter(f"the graph of a corpus is not written for DGL; {hint}", param_hint="--out")


def _report(
    out: Path | None, as_json: bool, extensions: tuple[Path, ...], *, report: str, id: str | None, finding: str | None,
    db: str | None, private: bool,
) -> None:  # fmt: skip
    from udt.graphkit.draw.findings import find, finding_diagram, findings_with_labels, report_diagram
    from udt.graphkit.read.reports import read_report
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    vocabulary = taxonomy.full_vocabulary
    if db is None:
        read = read_report(report, id, extensions, lambda found: click.echo(f"note: {found}", err=True))
    else:
        from udt.graphkit.read.records import report_of_sample

        read = report_of_sample(db, int(report), vocabulary)
    if private:
        read = read.without_text()
    chosen = find(read, finding) if finding is not None else None
    if out is not None and out.suffix.lower() == _TURTLE:
        from udt.graphkit.draw.turtle import to_turtle

        _save(out, to_turtle(read, extensions, chosen))
        return
    if out is not None and out.suffix.lower() == _DGL:
        _save(out, _for_dgl(chosen or read, taxonomy.vocabulary))
        return
    diagrams = [finding_diagram(chosen, vocabulary, read.text)] if chosen else [report_diagram(read, vocabulary)]
    if chosen is None:
        diagrams += [finding_diagram(one, vocabulary, read.text) for one in findings_with_labels(read, vocabulary)]
    if not _written(diagrams, out, as_json, read.text):
        from udt.graphkit.draw.tree import to_text

        color = sys.stdout.isatty()
        click.echo(to_text(diagrams[0], get_terminal_size((100, 24)).columns if color else 100, color), nl=False)


def _for_dgl(part: Report | Finding, vocabulary: Vocabulary) -> bytes:
    """Return the file of the heterograph of a report or a finding."""
    from udt.graphkit.convert.dgl import saved_dgl, to_dgl
    from udt.graphkit.nodes import NodeSpace
    from udt.graphkit.sample import SampleGraph

    space = NodeSpace(vocabulary)
    return saved_dgl([to_dgl(SampleGraph.of_report(part, space), space)])


def _corpus(
    out: Path | None, as_json: bool, extensions: tuple[Path, ...], *, corpus: str, organ: Sequence[str],
    diagnosis: str | None, top: int, measure: Measure, least: int,
) -> None:  # fmt: skip
    from udt.graphkit.corpus import CorpusGraph, with_any_label
    from udt.graphkit.draw.associations import corpus_diagram
    from udt.graphkit.nodes import NodeSpace
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    space = NodeSpace(taxonomy.vocabulary)
    node = None if diagnosis is None else space.diagnosis(diagnosis)
    samples = _label_sets(corpus, space.vocabulary)
    places = _places(organ, taxonomy, space.vocabulary)
    if places:
        samples = with_any_label(samples, places)
    counted = CorpusGraph.of(samples, space)
    edges = counted.top(top, measure, node, least)
    title = _title(counted.samples, places.named(space.vocabulary), diagnosis)
    if not _written([corpus_diagram(counted, edges, measure, title)], out, as_json):
        _print_table(title, edges)


def _label_sets(corpus: str, vocabulary: Vocabulary) -> Iterator[LabelSet]:
    from udt.graphkit.read.reports import JSON_SUFFIXES
    from udt.similarity.label_counts import labels_of_database, labels_of_lines

    if corpus == "-" or Path(corpus).suffix.lower() in JSON_SUFFIXES:
        return labels_of_lines(Path(corpus), vocabulary)
    return labels_of_database(corpus, vocabulary)


def _places(names: Iterable[str], taxonomy: Taxonomy, vocabulary: Vocabulary) -> LabelSet:
    """Return the places of these names: the innermost that each implies, an organ or else a body system."""
    from udt.core.errors import UnknownConceptError
    from udt.core.labels import LabelSet
    from udt.taxonomy.model.describe import find, implied_labels

    places = LabelSet.of({}, vocabulary)
    for name in names:
        labels = implied_labels(taxonomy, find(taxonomy, name))
        key = next((key for key in reversed(vocabulary.nested_places) if key in labels), None)
        if key is None:
            raise UnknownConceptError(name, f"'{name}' is no organ and no body system; 'udt taxonomy show' lists them")
        places |= LabelSet.of({key: labels[key]}, vocabulary)
    return places


def _title(count: int, places: LabelSets, diagnosis: str | None) -> str:
    samples = "1 sample" if count == 1 else f"{count:,} samples"
    names = [label for labels in places.values() for label in labels]
    of = f" of {' or '.join(names)}" if names else ""
    return f"{samples}{of}: attributes of {diagnosis or 'every diagnosis'}"


def _print_table(title: str, edges: Sequence[Association]) -> None:
    from rich.table import Table
    from rich.text import Text

    from udt.reporting.console import rendered

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("diagnosis", "attribute", "dimension"):
        table.add_column(column)
    for column in ("samples", "share", "lift", "PPMI"):
        table.add_column(column, justify="right")
    for e in edges:
        dimension = e.attribute.dimension.replace("_", " ")
        numbers = f"{e.count:,}", f"{e.share:.0%}", f"{e.lift:.2f}", f"{e.ppmi:.2f}"
        table.add_row(e.diagnosis.label, e.attribute.label, dimension, *numbers)
    color = sys.stdout.isatty()
    body = table if edges else "no diagnosis and attribute occur together"
    click.echo(
        rendered([Text(title, "bold"), body], get_terminal_size((120, 24)).columns if color else 120, color), nl=False
    )


def _written(diagrams: Sequence[Diagram], out: Path | None, as_json: bool, text: str = "") -> bool:
    """Write or print the graph in the requested form; return False if none was requested."""
    from udt.graphkit.draw.diagram import Drawing
    from udt.graphkit.draw.formats import encode

    if out is None and not as_json:
        return False
    content = encode(Drawing(diagrams, text), "json" if out is None else out.suffix.lower().removeprefix("."))
    if out is None:
        click.echo(json.dumps(json.loads(content), ensure_ascii=False))
    else:
        _save(out, content)
    return True


def _save(out: Path, content: bytes) -> None:
    from udt.core.atomic import atomic_output

    with atomic_output(out) as handle:
        handle.write(content)
    click.echo(f"wrote {out}", err=True)
