"""Tokens and their price; a price that is not known is not made up."""

from __future__ import annotations

import pytest

from udt.records.extraction.costs import Prices, TokenUse, use_rows, use_to_dict


def test_counts_add_up() -> None:
    use = TokenUse(1, 2, 3, 4, 5)
    use.add(TokenUse(10, 20, 30, 40, 50))
    assert use == TokenUse(11, 22, 33, 44, 55)


@pytest.mark.parametrize(
    ("prices", "use", "cost"),
    [
        (Prices(0.5, 2.0), TokenUse(tokens_in=3_000_000, tokens_out=500_000), 2.5),
        (Prices(0.0, 0.0), TokenUse(tokens_in=3, tokens_out=5), 0.0),
        (Prices(0.5, None), TokenUse(tokens_in=3, tokens_out=5), None),
        (Prices(), TokenUse(), None),
        (Prices(1.0, 1.0), TokenUse(tokens_in=3, uncounted=1), None),
    ],
    ids=["both", "free", "one price", "no price", "not counted"],
)
def test_price(prices: Prices, use: TokenUse, cost: float | None) -> None:
    assert prices.of(use) == cost
    assert use_to_dict(use, prices)["cost"] == cost
    assert dict(use_rows(use, prices))["cost"] == ("unknown" if cost is None else f"{cost:.4f}")
