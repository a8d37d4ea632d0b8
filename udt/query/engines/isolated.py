"""Call a function in a process of its own, which can be killed at any time.

A query runs in native code that no Python exception can interrupt, so its process has to be killed.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from udt.core.errors import QueryError, UdtError

P = ParamSpec("P")
T = TypeVar("T")

MEMORY_LIMIT = 4 << 30
"""Memory limit of the process in bytes, on systems that have one."""

# -P: a module in the current folder must not replace one of ours.
_COMMAND = (sys.executable, "-P", "-c", "from udt.query.engines.isolated import _serve; _serve()")


def call(timeout: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return `function(*args, **kwargs)`, computed in a new process.

    :param timeout: seconds after which the process is killed.
    :param function: a function at the top level of a module; its arguments and result have to be picklable.
    :raises QueryError: if it takes longer than `timeout`, or its process dies.
    :raises UdtError: if the function raises one.
    """
    job = pickle.dumps((function, args, kwargs))
    try:
        done = subprocess.run(_COMMAND, input=job, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise QueryError(
            f"the query was stopped after {timeout:g} s; narrow its pattern, add LIMIT, or increase the limit "
            "(--timeout SECONDS)"
        ) from None
    if done.returncode != 0:
        raise QueryError(_crash_message(done))
    succeeded, outcome = pickle.loads(done.stdout)
    if not succeeded:
        raise _rebuilt(*outcome)
    result: T = outcome
    return result


def _crash_message(done: subprocess.CompletedProcess[bytes]) -> str:
    last_line = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    if any("memory" in line.lower() for line in last_line):
        return f"the query needed more than {MEMORY_LIMIT >> 30} GiB of memory; narrow its pattern or add LIMIT"
    cause = last_line[0] if last_line else "no reason given"
    return f"the process of the query ended with code {done.returncode}: {cause}"


def _rebuilt(kind: type[UdtError], args: tuple[Any, ...], state: dict[str, Any]) -> UdtError:
    """Rebuild an error as it was raised; unpickling would call `__init__` with the finished message."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _serve() -> None:
    """Read a job from standard input, run it, and write the outcome to standard output; the body of the process."""
    _limit_memory()
    function, args, kwargs = pickle.load(sys.stdin.buffer)
    outcome: tuple[bool, Any]
    try:
        outcome = (True, function(*args, **kwargs))
    except UdtError as error:
        outcome = (False, (type(error), error.args, error.__dict__))
    pickle.dump(outcome, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


def _limit_memory() -> None:
    if sys.platform == "win32":  # has no such limit
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
