"""`udt data review status`: progress, outcomes, effective rate and agreement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import db_option, json_option

if TYPE_CHECKING:
    from udt.records.review.agreement import ReviewerAgreement
    from udt.records.review.status import EffectiveRate


@click.command("status", short_help="Show progress, effective rate and agreement.")
@db_option
@click.option(
    "--sample", "count", type=click.IntRange(min=1), metavar="N",
    help="Effective rate of the random sample of N that assign drew with this seed. Default: of all reviewed samples.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed that assign drew the sample with."
)
@click.option("--agreement", "with_agreement", is_flag=True, help="Compute the agreement of the reviewers.")
@click.option(
    "--resamples", type=click.IntRange(min=1), default=1000, show_default=True, help="Bootstrap resamples of cases."
)
@json_option
def status(db: str, count: int | None, seed: int, with_agreement: bool, resamples: int, as_json: bool) -> None:
    """Show what each reviewer has decided, the outcomes of the samples, and the share of pairs accepted as they are.

    With --agreement: Cohen's kappa of each two reviewers, Fleiss' kappa and Krippendorff's alpha, with 95% bootstrap
    intervals over cases. It needs the extra review.

    \b
    Examples:
      udt data review status --db records.db
      udt data review status --db records.db --sample 500 --agreement
    """
    from udt.records.database.database import Database
    from udt.records.review.status import review_status

    with Database.open(db) as database, database.reading() as connection:
        found = review_status(connection, count=count, seed=seed)
    agreements: list[ReviewerAgreement] = []
    if with_agreement:
        from udt.records.review.agreement import agreement, to_document

        agreements = agreement(found.votes, resamples=resamples)
    if as_json:
        document = {
            "reviewers": [asdict(one) for one in found.loads],
            "outcomes": dict(found.outcomes),
            "effective": {**asdict(found.effective), "random": count is not None},
        }
        more = {"agreement": to_document(agreements)} if with_agreement else {}
        click.echo(json.dumps({**document, **more}, ensure_ascii=False))
        return
    for one in found.loads:
        click.echo(f"{one.reviewer} ({one.role}): {one.decided:,} of {one.assigned:,} decided, {one.doubts:,} doubts")
    for name, number in found.outcomes.items():
        if number:
            click.echo(f"  {number:>9,} samples {name}")
    click.echo(_rate(found.effective, count is not None))
    for line in _lines(agreements):
        click.echo(line)


def _rate(effective: EffectiveRate, random: bool) -> str:
    of = "of the random sample" if random else "of all samples with reviews, which may be no random sample"
    if effective.rate is None:
        return f"effective rate: none of the {effective.drawn:,} samples has an outcome yet"
    interval = f"95% {effective.low:.1%} to {effective.high:.1%}"
    counts = f"{effective.accepted:,} of {effective.final:,} accepted"
    rest = f"{effective.drawn - effective.final:,} of {effective.drawn:,} open"
    return f"effective rate {effective.rate:.1%} ({interval}): {counts}, {rest}, {of}"


def _lines(agreements: Sequence[ReviewerAgreement]) -> Iterator[str]:
    for one in agreements:
        yield f"agreement on {one.question}: {one.observed:.1%} of pairs of answers are equal"
        for each in one.estimates:
            of = " and ".join(each.reviewers) if each.name == "cohen" else "all"
            value = "not defined" if each.value is None else f"{each.value:.3f}"
            interval = "" if each.low is None else f" (95% {each.low:.3f} to {each.high:.3f})"
            yield f"  {each.name} {value}{interval}, {of}, {each.samples:,} samples"
