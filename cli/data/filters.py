"""Options that choose samples."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from udt.records.browsing.selection import SampleFilter

_OPTIONS = (
    click.option("--source", metavar="NAME", help="Samples of this source."),
    click.option("--split", type=click.Choice(["train", "valid", "test", "none"]), help="Samples of this split."),
    click.option(
        "--review",
        type=click.Choice(["unreviewed", "accepted", "corrected", "rejected"]),
        help="Samples in this state of their review.",
    ),
    click.option(
        "--label",
        "labels",
        multiple=True,
        metavar="LABEL",
        help="Samples with this label, e.g. oval, or 'organ: Liver'; repeatable, all have to be there.",
    ),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose samples; the command gets them as the argument `chosen`."""

    @wraps(command)
    def with_filter(
        *args: Any, source: str | None, split: str | None, review: str | None, labels: tuple[str, ...], **rest: Any
    ) -> Any:
        from udt.records.browsing.selection import SampleFilter

        chosen: SampleFilter = SampleFilter(source, split, review, labels)
        return command(*args, chosen=chosen, **rest)

    decorated: Callable[..., Any] = with_filter
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
