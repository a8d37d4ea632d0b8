"""The `udt` command: imports subcommands on first use and converts errors to messages."""

from __future__ import annotations

import errno
from typing import Any

import click

from udt.cli.shared.lazy_group import LazyGroup
from udt.core.errors import UdtError
from udt.core.texts import printable

_COMMANDS = {
    "ablate": "udt.cli.ablate:ablate",
    "data": "udt.cli.data.group:data",
    "evaluate": "udt.cli.evaluate.group:evaluate",
    "graph": "udt.cli.graph:graph",
    "normalize": "udt.cli.normalize:normalize",
    "query": "udt.cli.query:query",
    "similarity": "udt.cli.similarity:similarity",
    "taxonomy": "udt.cli.taxonomy:taxonomy",
    "train": "udt.cli.train:train",
}

_INTERRUPTED = 130

# Messages may have several lines.
_KEPT = "\n\t"


class _Main(LazyGroup):
    """A group that exits with 1 on data errors, 2 on usage errors and 130 on Ctrl-C, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        :raises ClickException: if input or output is faulty.
        """
        try:
            return super().invoke(ctx)
        except UdtError as error:
            raise click.ClickException(printable(str(error), _KEPT)) from error
        except click.ClickException as error:
            vars(error)["message"] = printable(error.message, _KEPT)
            raise
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            place = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(printable(f"{place}{error.strerror or error}", _KEPT)) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(_INTERRUPTED)


@click.group(cls=_Main, commands=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="udt-toolkit", prog_name="udt")
def main() -> None:
    """Turn ultrasound reports and captions into structured data.

    \b
    Example:
      echo 'Liver: hypoechoic nodule, 2 cm. No ascites.' | udt normalize -
    """
