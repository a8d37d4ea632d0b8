"""The process of a query: what it may use, how it ends, and the words for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.locations import ROOT
from udt.core.errors import QueryError
from udt.query.engines import isolated
from udt.query.engines.isolated import call

SLEEP = """
import time
from udt.query.engines.isolated import call
print("ready", flush=True)
call(60, time.sleep, 60)
"""


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (signal.SIGSEGV, "is nested too deeply, or a chain of operators"),
        (signal.SIGABRT, "needed more than 4 GiB of memory"),
        (signal.SIGKILL, "the machine had too little memory"),
        (signal.SIGTERM, "ended early, with status -15"),
    ],
)
def test_a_signal_is_explained(number: signal.Signals, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        call(30, signal.raise_signal, number)


def test_any_mention_of_memory_counts() -> None:
    message = isolated._crash_message(1, "memory allocation of 9 bytes failed\nskipping backtrace")
    assert "GiB of memory" in message
    assert "nested" in isolated._crash_message(-signal.SIGABRT, "thread has overflowed its stack")


def test_a_deep_stack_is_enough_for_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the process has to find `_depth`
    assert call(60, _depth, 20_000) == 20_000


def _depth(levels: int) -> int:
    sys.setrecursionlimit(1_000_000)
    return 1 + _depth(levels - 1) if levels else 0


def test_a_result_beyond_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "MAX_RESULT", 1 << 20)
    succeeded, (kind, (message,), _) = isolated.pickle.loads(isolated._outcome(bytes, (2 << 20,), {}))
    assert not succeeded
    assert kind is QueryError
    assert message.startswith("the result has 2 MiB; allowed: 1 MiB")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone kills a process with its parent")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_with_its_parent(number: signal.Signals) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", SLEEP], stdout=pipe, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        child = _child(parent.pid)
        time.sleep(0.5)
        parent.send_signal(number)
        parent.wait(20)
    deadline = time.monotonic() + 20
    while _alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _child(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    while not children.read_text():
        time.sleep(0.02)
    return int(children.read_text().split()[0])


def _alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_no_process_without_its_parent() -> None:
    job = isolated.pickle.dumps((os.getpid() + 1, len, ("abc",), {}))
    done = subprocess.run(isolated._COMMAND, input=job, capture_output=True, check=False)
    assert sys.platform != "linux" or (done.returncode, done.stdout) == (1, b"")
