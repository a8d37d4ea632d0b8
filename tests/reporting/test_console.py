from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from udt.reporting.console import fitted, grid, longest_line, rendered


@pytest.mark.parametrize(
    ("contents", "width", "widths"),
    [([3, 4], 20, [3, 4]), ([3, 30, 40], 49, [3, 21, 22]), ([0, 10, 10], 12, [0, 5, 5]), ([], 10, [])],
)
def test_wide_columns_share_what_is_left(contents: list[int], width: int, widths: list[int]) -> None:
    assert fitted(contents, width, gap=1) == widths


@given(st.lists(st.integers(0, 200), max_size=8), st.integers(20, 200))
def test_columns_fit_and_use_the_width(contents: list[int], width: int) -> None:
    found = fitted(contents, width, gap=1)
    taken = sum(size + 1 for size in found if size)
    assert all(size <= content and bool(size) == bool(content) for size, content in zip(found, contents, strict=True))
    assert taken <= width and (found == contents or taken == width)


def test_a_grid_leaves_out_empty_columns_and_cuts_no_word() -> None:
    assert longest_line(Text("ab\nabcd")) == 4
    shown = rendered([grid([(Text("a"), Text(""), Text("implied by finding:fibroid"))], [1, 0, 10], 2)], 40, False)
    assert "".join(shown.split()) == "aimpliedbyfinding:fibroid"
    assert shown.startswith("  a  implied")
