"""The end of a training in several processes."""

from __future__ import annotations

import gc

from torch import distributed


def leave_process_group() -> None:
    """Wait for the other processes of the training and close the connections; without others, do nothing.

    Models that were wrapped for distributed training keep the connections open, and may abort the process at its exit;
    call this after the last reference to them is gone.
    """
    if distributed.is_available() and distributed.is_initialized():
        gc.collect()
        distributed.barrier()
        distributed.destroy_process_group()
