from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.attacks.attempt import environ
from udt.core.shutdown import Interruption, interrupt, orderly_exit

PROGRAM = """
import signal, sys, time
from udt.core.shutdown import orderly_exit
with orderly_exit():
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("closing", flush=True)
        if "stuck" in sys.argv:
            time.sleep(60)
        print("closed", flush=True)
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the program, and wait until it handles signals."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize(("number", "word"), [("SIGINT", "interrupted"), ("SIGTERM", "terminated"), ("SIGHUP", "")])
def test_a_signal_ends_what_is_open(number: str, word: str) -> None:
    with start() as process:
        process.send_signal(signal.Signals[number])
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out) == (128 + signal.Signals[number], "closing\nclosed\n")
    assert word in errors and "Traceback" not in errors


def test_a_second_signal_ends_at_once() -> None:
    with start("stuck") as process:
        assert process.stdout is not None
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "closing\n"
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out, errors) == (128 + signal.SIGINT, "", "")


def test_handlers_are_restored_and_ignored_signals_stay_ignored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    hung_up = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly_exit():
            assert signal.getsignal(signal.SIGTERM) is not before
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGHUP, hung_up)


def test_an_interruption_becomes_the_exit_status() -> None:
    with pytest.raises(SystemExit, match=str(128 + signal.SIGTERM)), orderly_exit():
        interrupt(signal.SIGTERM)
    assert Interruption(signal.SIGINT).status == 130


def test_an_error_that_an_interruption_caused_has_its_exit_status() -> None:
    with pytest.raises(SystemExit, match=str(128 + signal.SIGTERM)), orderly_exit():
        try:
            interrupt(signal.SIGTERM)
        except Interruption as interruption:
            raise RuntimeError("of another") from interruption


def test_other_errors_are_raised_as_they_are() -> None:
    with pytest.raises(RuntimeError, match="of its own"), orderly_exit():
        raise RuntimeError("of its own") from ValueError("a cause")


WRAPPED = """
import os, signal
from udt.core.shutdown import orderly_exit

with orderly_exit():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except BaseException as error:
        raise RuntimeError("as in __set_name__ of Python 3.11") from error
"""


def test_an_interruption_that_became_the_cause_of_an_error_is_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRAPPED], env=environ(), capture_output=True, text=True, check=False, timeout=20
    )
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "terminated\n")


FINALIZED = """
import os, signal, time
from udt.core.shutdown import orderly_exit

class Held:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass

with orderly_exit():
    Held()
    time.sleep(60)
"""


def test_a_signal_during_a_finalizer_is_not_lost() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FINALIZED], env=environ(), capture_output=True, text=True, check=False, timeout=20
    )
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "terminated\n")


FORKED = """
import os
from udt.core.shutdown import orderly_exit

with orderly_exit():
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), SIGNAL)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_forked_child_leaves_ctrl_c_to_its_parent(number: signal.Signals, code: int) -> None:
    program = FORKED.replace("SIGNAL", str(int(number)))
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ(), capture_output=True, text=True, check=False, timeout=20
    )
    assert (done.stdout.split(), done.stderr) == ([str(code)], "")
