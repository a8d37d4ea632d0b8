"""Stopping a training between two steps, so that nothing is lost."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import torch
from torch import distributed

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Context manager under which Ctrl-C and SIGTERM request a stop; a second one acts as if there were none.

    Signals reach the main thread alone; in another thread it has no effect.

    :ivar requested: whether a signal arrived.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Stop:
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._request) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def requested_anywhere(self, device: torch.device) -> bool:
        """Return whether a signal arrived in any of the processes that train together.

        A collective operation: all processes have to call it.
        """
        if not distributed.is_initialized() or distributed.get_world_size() == 1:
            return self.requested
        found = torch.tensor(int(self.requested), device=device)
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return bool(found)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            self._restore()
            signal.raise_signal(number)
        self.requested = True

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
