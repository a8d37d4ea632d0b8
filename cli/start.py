"""The entry point of the `udt` command: signals and the environment are set before anything else is imported."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run the command line.

    :raises SystemExit: always, with the exit status.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of half-done imports
    # Threads of OpenMP that wait sleep instead of spinning; on a busy machine torch is several times as fast. Its
    # runtime reads this once, when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from udt.core.shutdown import orderly_exit

    with orderly_exit():
        from udt.cli.main import main as command

        command(prog_name="udt")
