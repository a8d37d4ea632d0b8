"""The `udt` command: imports subcommands on first use and converts errors to messages."""

from __future__ import annotations

import errno
import signal
from functools import partial
from typing import Any

import click

from udt.cli.shared.lazy_group import LazyGroup
from udt.cli.shared.messages import safe_message
from udt.core.errors import UdtError
from udt.core.shutdown import interrupt

_COMMANDS = {
    "ablate": "udt.cli.ablate:ablate",
    "data": "udt.cli.data.group:data",
    "evaluate": "udt.cli.evaluate.group:evaluate",
    "graph": "udt.cli.graph:graph",
    "language": "udt.cli.language.group:language",
    "normalize": "udt.cli.normalize:normalize",
    "query": "udt.cli.query:query",
    "similarity": "udt.cli.similarity.group:similarity",
    "taxonomy": "udt.cli.taxonomy.group:taxonomy",
    "train": "udt.cli.train:train",
    "transfer": "udt.cli.transfer:transfer",
}

# A query is no text of a report, and its message shows the line of the fault.
_UNMASKED = ["query"]
_ARGUMENTS = "udt.arguments"


class _Main(LazyGroup):
    """A group that exits with 1 on data errors and 2 on usage errors, without a traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, and remember them for the messages of errors."""
        ctx.meta[_ARGUMENTS] = [] if args[:1] == _UNMASKED else list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        :raises ClickException: if input or output is faulty.
        :raises Interruption: if the reader of standard output has closed it.
        """
        safe = partial(safe_message, arguments=ctx.meta[_ARGUMENTS])
        try:
            return super().invoke(ctx)
        except UdtError as error:
            raise click.ClickException(safe(str(error))) from error
        except click.ClickException as error:
            vars(error)["message"] = safe(error.message)
            raise
        except OSError as error:
            if error.errno == errno.EPIPE:
                interrupt(signal.SIGPIPE)
            place = f"{error.filename}: " if error.filename else ""
            hint = "check the path, and whether you may use it" if error.filename else "run the command again"
            raise click.ClickException(safe(f"{place}{error.strerror or error}; {hint}")) from error


@click.group(cls=_Main, commands=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="udt-toolkit", prog_name="udt")
def main() -> None:
    """Turn ultrasound reports and captions into structured data.

    \b
    Example:
      echo 'Liver: hypoechoic nodule, 2 cm. No ascites.' | udt normalize -
    """
