"""The options of commands whose work can be done by the machines of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from udt.core.executors import Executor

Command = Callable[..., Any]

_OPTIONS = (
    click.option("--cluster", type=click.Choice(["ray"]), help="Do the work on the machines of a Ray cluster."),
    click.option(
        "--cluster-address", metavar="ADDRESS",
        help="Address of the cluster, e.g. 10.0.0.1:6379. Default: RAY_ADDRESS; without it, Ray runs on this machine.",
    ),
    click.option(
        "--cluster-workers", type=click.IntRange(min=1), metavar="N",
        help="Most workers of the cluster to use. Default: one for each core.",
    ),
)  # fmt: skip


def cluster_options(command: Command) -> Command:
    """Add the options, of which `open_executor` makes an executor, to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def paths_on_cluster(paths: tuple[Path, ...], *, cluster: str | None, workers: int = 1, **_: Any) -> tuple[Path, ...]:
    """Return the paths of files that workers read: absolute ones on a cluster.

    :param workers: processes of this machine that options ask for.
    :raises UsageError: if options ask for such processes and for a cluster.
    """
    if cluster is None:
        return paths
    if workers > 1:
        raise click.UsageError("--workers is for this machine alone; with --cluster, give --cluster-workers")
    return tuple(path.resolve() for path in paths)


@contextmanager
def open_executor(
    *, cluster: str | None, cluster_address: str | None, cluster_workers: int | None, **_: Any
) -> Iterator[Executor | None]:
    """Open a connection to the cluster that options give, and close it at the end; yield None without a cluster.

    :raises UsageError: if an address or a number of workers is given without a cluster.
    :raises DataError: if Ray is not installed, or no cluster answers.
    """
    if cluster is None:
        given = {"--cluster-address": cluster_address, "--cluster-workers": cluster_workers}
        if unused := [name for name, value in given.items() if value is not None]:
            raise click.UsageError(f"{unused[0]} is for a cluster; give --cluster ray, too, or leave it out")
        yield None
        return
    from udt.core.ray_cluster import open_ray

    with open_ray(cluster_address, cluster_workers) as executor:
        yield executor
