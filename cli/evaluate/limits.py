"""Limits of figures that a run has to keep, given as `NAME=VALUE`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

if TYPE_CHECKING:
    from udt.scoring.findings.evaluation import FindingEvaluation

_ROUNDING = 1e-9


class Limit(NamedTuple):
    """The lowest or highest value of a figure that passes."""

    side: Literal["min", "max"]
    name: str
    value: float

    def allows(self, value: float | int | None) -> bool:
        """Return whether a value keeps the limit; one without anything to count does not."""
        if value is None:
            return False
        return value >= self.value - _ROUNDING if self.side == "min" else value <= self.value + _ROUNDING


def limit_option(
    side: Literal["min", "max"], name: str, help: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the decorator that adds the option `--min` or `--max`, whose values are limits.

    :param name: argument of the command that receives a tuple of `Limit`.
    """

    def parse(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Limit, ...]:
        return tuple(_limit(side, value) for value in values)

    return click.option(f"--{side}", name, multiple=True, metavar="NAME=VALUE", callback=parse, help=help)


def _limit(side: Literal["min", "max"], text: str) -> Limit:
    """Parse a limit.

    :raises click.BadParameter: if no figure has this name, or the value is no number.
    """
    from udt.scoring.findings.figures import figure_names
    from udt.scoring.gold import closest

    name, _, number = text.partition("=")
    allowed = figure_names()
    if name not in allowed:
        raise click.BadParameter(f"no figure is called '{name}'{closest(name, allowed)}")
    try:
        limit = float(number)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise click.BadParameter(f"'{number}' is no number; write e.g. {name}=0.9")
    return Limit(side, name, limit)


def missed_limits(result: FindingEvaluation, limits: Iterable[Limit]) -> Iterator[str]:
    """Yield each limit that the figures miss, with the figure."""
    for limit in limits:
        value = result.value(limit.name)
        if not limit.allows(value):
            shown = "has nothing to count" if value is None else f"is {value:.3f}"
            yield f"{limit.name} {shown} ({limit.side} {limit.value:g})"
