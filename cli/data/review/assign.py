"""`udt data review assign`: blind, balanced assignment of samples to reviewers."""

from __future__ import annotations

import json

import click

from udt.cli.shared.options import db_option, json_option
from udt.cli.shared.tallies import print_left_out


@click.command("assign", short_help="Assign samples to reviewers.")
@db_option
@click.option("--reviewer", "reviewers", multiple=True, metavar="NAME", help="A reviewer; repeatable.")
@click.option(
    "--adjudicator", "adjudicators", multiple=True, metavar="NAME",
    help="Assign the disputed samples to this person instead; repeatable.",
)  # fmt: skip
@click.option(
    "--per-sample", type=click.IntRange(min=1), default=3, show_default=True, help="Reviewers of each sample."
)
@click.option(
    "--sample", "count", type=click.IntRange(min=1), metavar="N", help="Assign a random sample. Default: all samples."
)
@click.option("--flagged-first", is_flag=True, help="Take the samples with a flag before the random ones.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the random sample and of the assignment.",
)
@json_option
def assign(
    db: str,
    reviewers: tuple[str, ...],
    adjudicators: tuple[str, ...],
    per_sample: int,
    count: int | None,
    flagged_first: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Assign samples with image and caption to reviewers, so that all have equally many and meet equally often.

    The random sample depends on --seed alone: the same command again assigns nothing twice. With --adjudicator, samples
    in which two reviewers see a problem go to one of the persons named, who has not reviewed them.

    \b
    Examples:
      udt data review assign --db records.db --reviewer Ann --reviewer Bo --reviewer Cy --reviewer Di --sample 500
      udt data review assign --db records.db --adjudicator "Dr Ward"
    """
    from udt.records.database.database import Database
    from udt.records.review.assignment import assign_adjudications, assign_reviews

    if bool(reviewers) == bool(adjudicators):
        raise click.UsageError("give either --reviewer, once for each, or --adjudicator")
    if adjudicators and (count is not None or flagged_first):
        raise click.UsageError("--sample and --flagged-first are only allowed with --reviewer")
    with Database.open(db) as database:
        if adjudicators:
            made = assign_adjudications(database, adjudicators, seed=seed)
        else:
            made = assign_reviews(
                database, reviewers, per_sample=per_sample, count=count, flagged_first=flagged_first, seed=seed
            )
    if as_json:
        click.echo(json.dumps({"samples": made.samples.to_dict(), "reviewers": dict(made.loads)}, ensure_ascii=False))
        return
    click.echo(f"{made.samples.found:,} samples found, {made.samples.read:,} assigned")
    print_left_out(made.samples, "  {:>9,} {}")
    for name, number in made.loads.items():
        click.echo(f"{name}: {number:,} samples")
