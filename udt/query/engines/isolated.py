"""Call a function in a process of its own, which can be killed at any time.

A query runs in native code that no Python exception can interrupt, so its process has to be killed. It is limited in
memory, and killed with its parent.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from udt.core.errors import QueryError, UdtError
from udt.query.limits import MAX_RESULT, MEMORY_LIMIT, STACK

P = ParamSpec("P")
T = TypeVar("T")

# -P: a module in the current folder must not replace one of ours.
_COMMAND = (sys.executable, "-P", "-c", "from udt.query.engines.isolated import _serve; _serve()")
_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def call(timeout: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return `function(*args, **kwargs)`, computed in a new process.

    :param timeout: seconds after which the process is killed.
    :param function: a function at the top level of a module; its arguments and result have to be picklable.
    :raises QueryError: if it takes longer than `timeout`, its result is too large, or its process dies.
    :raises UdtError: if the function raises one.
    """
    job = pickle.dumps((os.getpid(), function, args, kwargs))
    try:
        done = subprocess.run(_COMMAND, input=job, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise QueryError(
            f"the query was stopped after {timeout:g} s; narrow its pattern, add LIMIT, or increase the limit "
            "(--timeout SECONDS)"
        ) from None
    if done.returncode != 0:
        raise QueryError(_crash_message(done.returncode, done.stderr.decode("utf-8", "replace")))
    succeeded, outcome = pickle.loads(done.stdout)
    if not succeeded:
        raise _rebuilt(*outcome)
    result: T = outcome
    return result


def _crash_message(code: int, errors: str) -> str:
    """Describe the likely limit that a process exceeded, by its status and its standard error."""
    if "overflowed its stack" in errors or -code in {signal.SIGSEGV, getattr(signal, "SIGBUS", None)}:
        return (
            "the query, or the answer of the server, is nested too deeply, or a chain of operators or clauses in it is "
            "too long, for the query engine; write it flatter, or as several queries"
        )
    if -code == signal.SIGABRT or "memory" in errors.lower():
        return f"the query needed more than {MEMORY_LIMIT >> 30} GiB of memory; narrow its pattern or add LIMIT"
    if -code == getattr(signal, "SIGKILL", None):
        return (
            "the system ended the process of the query, most likely because the machine had too little memory; "
            "narrow its pattern, add LIMIT, or end other programs"
        )
    cause = (errors.strip().splitlines() or ["no reason given"])[-1]
    return f"the process of the query ended early, with status {code} ({cause}); run it again, or simplify the query"


def _rebuilt(kind: type[UdtError], args: tuple[Any, ...], state: dict[str, Any]) -> UdtError:
    """Rebuild an error as it was raised; unpickling would call `__init__` with the finished message."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _serve() -> None:
    """Read a job from standard input, run it, and write the outcome to standard output; the body of the process."""
    _limit_memory()
    parent, function, args, kwargs = pickle.load(sys.stdin.buffer)
    _end_with(parent)
    outcomes: list[bytes] = []
    threading.stack_size(STACK)
    worker = threading.Thread(target=lambda: outcomes.append(_outcome(function, args, kwargs)))
    worker.start()
    worker.join()
    if not outcomes:
        sys.exit(1)
    sys.stdout.buffer.write(outcomes[0])
    sys.stdout.flush()
    os._exit(0)  # freeing a deeply nested result may need more stack than is left


def _outcome(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    outcome: tuple[bool, Any]
    try:
        outcome = (True, function(*args, **kwargs))
    except UdtError as error:
        outcome = _failure(error)
    pickled = pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    if len(pickled) > MAX_RESULT:
        too_large = QueryError(
            f"the result has {len(pickled) >> 20:,} MiB; allowed: {MAX_RESULT >> 20} MiB; "
            "select fewer or shorter values, or add LIMIT"
        )
        return pickle.dumps(_failure(too_large), pickle.HIGHEST_PROTOCOL)
    return pickled


def _failure(error: UdtError) -> tuple[bool, Any]:
    return False, (type(error), error.args, error.__dict__)


def _end_with(parent: int) -> None:
    """Ask the kernel to kill the process with its parent, or end it if the parent is dead already."""
    if sys.platform != "linux":  # elsewhere the time limit of the parent has to do
        return
    import ctypes

    ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _limit_memory() -> None:
    if sys.platform == "win32":  # has no such limit
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = MEMORY_LIMIT + STACK
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
