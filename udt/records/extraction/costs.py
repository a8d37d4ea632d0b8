"""Counts of questions and tokens, and their price."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

_MILLION = 1_000_000


@dataclass(slots=True)
class TokenUse:
    """Questions to a model and their tokens.

    :ivar asked: answers from the endpoint, repeated questions included.
    :ivar cached: answers from the cache.
    :ivar tokens_in: tokens of the questions that were asked.
    :ivar tokens_out: tokens of their answers.
    :ivar uncounted: answers for which the endpoint reported no tokens.
    """

    asked: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    uncounted: int = 0

    def add(self, other: TokenUse) -> None:
        """Add the counts of another one."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million tokens, in any currency; None if not known."""

    tokens_in: float | None = None
    tokens_out: float | None = None

    def of(self, use: TokenUse) -> float | None:
        """Return the price of what was asked, or None if a price or a number of tokens is not known."""
        if self.tokens_in is None or self.tokens_out is None or use.uncounted:
            return None
        return (use.tokens_in * self.tokens_in + use.tokens_out * self.tokens_out) / _MILLION


def use_to_dict(use: TokenUse, prices: Prices) -> dict[str, Any]:
    """Return counts and price for `json.dumps`."""
    return {**{one.name: getattr(use, one.name) for one in fields(use)}, "cost": prices.of(use)}


def use_rows(use: TokenUse, prices: Prices) -> list[tuple[str, str]]:
    """Return counts and price as (name, value) rows of a table."""
    cost = prices.of(use)
    return [
        ("answers asked", f"{use.asked:,}"),
        ("from the cache", f"{use.cached:,}"),
        ("tokens in", f"{use.tokens_in:,}"),
        ("tokens out", f"{use.tokens_out:,}"),
        *([("not counted", f"{use.uncounted:,}")] if use.uncounted else []),
        ("cost", "unknown" if cost is None else f"{cost:,.4f}"),
    ]
