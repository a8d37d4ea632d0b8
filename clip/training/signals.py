"""Stopping between two steps, so that nothing is lost."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import torch
from torch import distributed

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Within its block, Ctrl-C and SIGTERM ask to stop; a second one interrupts at once, as ever.

    Signals reach the main thread alone: in another one, the block changes nothing.

    :ivar asked: whether one came.
    """

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Stop:
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def asked_anywhere(self, device: torch.device) -> bool:
        """Whether one came to any of the processes that train together; all of them have to ask."""
        if not distributed.is_initialized() or distributed.get_world_size() == 1:
            return self.asked
        found = torch.tensor(int(self.asked), device=device)
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return bool(found)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
