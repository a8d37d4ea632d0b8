"""The entry point of the `udt` command: signals are handled before anything else is imported."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line.

    :raises SystemExit: always, with the exit status.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of half-done imports
    from udt.core.shutdown import orderly_exit

    with orderly_exit():
        from udt.cli.main import main as command

        command(prog_name="udt")
