"""The `udt` command: finds the subcommands, imports each only when it is used, and words every error."""

from __future__ import annotations

import errno
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from udt.errors import UdtError

# Each is a module of `udt.cli` that holds a command of the same name.
COMMANDS = ("ablate", "data", "evaluate", "graph", "normalize", "query", "similarity", "taxonomy", "train")

_INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose commands are modules, imported on use.

    Data errors end with their message and status 1, usage errors with status 2, Ctrl-C with 130; none with a traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"udt.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` name.

        :raises UsageError: with the closest command, where there is no such one.
        """
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"choose one of: {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command '{args[0]}'; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        :raises ClickException: where input or output is faulty.
        """
        try:
            return super().invoke(ctx)
        except UdtError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            place = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{place}{error.strerror or error}") from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(_INTERRUPTED)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="udt-toolkit", prog_name="udt")
def main() -> None:
    """Turn ultrasound reports and captions into structured data.

    \b
    Example:
      echo 'Liver: hypoechoic nodule, 2 cm. No ascites.' | udt normalize -
    """
