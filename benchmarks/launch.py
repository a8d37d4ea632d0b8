"""Runs the command given as arguments and prints `[seconds, peak MB of its largest process]`.

A process of its own, because a child's peak counts the memory that its parent had when it started the child.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Runs it; ends with its status."""
    started = time.perf_counter()
    status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _UNIT / 1e6]))
    sys.exit(status)


if __name__ == "__main__":
    main()
