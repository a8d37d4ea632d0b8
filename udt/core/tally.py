"""Counts of things that a command finds, reads and leaves out, with the reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from udt.core.texts import one_line

_EXAMPLES = 3


@dataclass(slots=True)
class Tally:
    """Counts of things of one kind: `found` is the sum of `read` and the numbers left out.

    :ivar read: number of things that were read or written.
    :ivar left_out: number of the others for each reason.
    :ivar examples: the first few of them for each reason.
    """

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def found(self) -> int:
        """Number of all things."""
        return self.read + self.left_out.total()

    def leave_out(self, reason: str, example: str | None = None, count: int = 1) -> None:
        """Count things that are left out.

        :param reason: a few words, the same for all things with this fault.
        :param example: description of one of them.
        """
        reason = one_line(reason)
        self.left_out[reason] += count
        shown = self.examples.setdefault(reason, [])
        if example is not None and len(shown) < _EXAMPLES:
            shown.append(one_line(example))

    @property
    def reasons(self) -> str:
        """The reasons with their numbers, the most frequent first: `40 video, 6 DICOM`."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.most_common())

    def first_examples(self) -> list[str]:
        """Return the first example of each reason, the most frequent first."""
        return [one for reason, _ in self.left_out.most_common() for one in self.examples[reason][:1]]

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        counts = {"found": self.found, "read": self.read, "left_out": dict(self.left_out)}
        return {**counts, "examples": {reason: shown for reason, shown in self.examples.items() if shown}}
