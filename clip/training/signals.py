"""Stop a training between two steps, so that nothing is lost."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import torch
from torch import distributed

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Context in which Ctrl-C and SIGTERM request a stop; a second one interrupts at once.

    Signals reach the main thread alone: in another one, the context changes nothing.

    :ivar asked: whether a stop was requested.
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
        """Return whether any of the processes that train together was asked to stop; all of them have to call this."""
        if not distributed.is_initialized() or distributed.get_world_size() == 1:
            return self.asked
        found = torch.tensor(int(self.asked), device=device)
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return bool(found)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
