"""Counts of things that are read and left out, and texts that are safe to print."""

from __future__ import annotations

from udt.core.tally import Tally
from udt.core.texts import one_line


def test_counts_add_up() -> None:
    tally = Tally(read=3)
    for number in range(5):
        tally.leave_out("video", f"{number}.mp4")
    tally.leave_out("missing", "\x1b.png", 2)
    tally.leave_out("no folder")
    assert (tally.found, tally.reasons) == (11, "5 video, 2 missing, 1 no folder")
    assert tally.first_examples() == ["0.mp4", "\\x1b.png"]
    assert tally.to_dict() == {
        "found": 11,
        "read": 3,
        "left_out": {"video": 5, "missing": 2, "no folder": 1},
        "examples": {"video": ["0.mp4", "1.mp4", "2.mp4"], "missing": ["\\x1b.png"]},
    }


def test_a_text_of_a_file_is_printed_on_one_short_line() -> None:
    assert one_line("a\nb\x9b\udcffß雲") == "a\\nb\\x9b\\udcffß雲"
    assert len(one_line("a" * 10_000)) < 400
