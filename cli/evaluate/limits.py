"""Limits of figures that a run has to keep, given as `NAME=VALUE`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
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


class LimitType(click.ParamType):
    """The type of options whose values are limits.

    :param side: whether the value is the lowest or the highest that passes.
    """

    name = "NAME=VALUE"

    def __init__(self, side: Literal["min", "max"]) -> None:
        self._side = side

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the form of a value for the help."""
        return self.name

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Limit:
        """Parse a limit.

        :raises BadParameter: if no figure has this name, or the value is no number.
        """
        from udt.scoring.findings.figures import figure_names

        name, _, number = str(value).partition("=")
        allowed = figure_names()
        if name not in allowed:
            close = get_close_matches(name, allowed, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"allowed: {', '.join(allowed)}"
            self.fail(f"no figure is called '{name}'; {hint}", param, ctx)
        try:
            limit = float(number)
        except ValueError:
            limit = math.nan
        if not math.isfinite(limit):
            self.fail(f"'{number}' is no number; write e.g. {name}=0.9", param, ctx)
        return Limit(self._side, name, limit)


def missed_limits(result: FindingEvaluation, limits: Iterable[Limit]) -> Iterator[str]:
    """Yield each limit that the figures miss, with the figure."""
    for limit in limits:
        value = result.value(limit.name)
        if not limit.allows(value):
            shown = "has nothing to count" if value is None else f"is {value:.3f}"
            yield f"{limit.name} {shown} ({limit.side} {limit.value:g})"
