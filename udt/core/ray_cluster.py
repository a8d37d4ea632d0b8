"""Run work on the machines of a Ray cluster, by Ray Data.

This process alone reads the input and writes the output; batches travel to the workers and results travel back, both
through the object store of Ray. Only so many batches are under way as keep all cores busy. If a worker or a machine is
lost, Ray runs its batches again elsewhere.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from udt.core.errors import DataError, UdtError
from udt.core.executors import Each, Prepare, WorkerError, each
from udt.core.version import __version__

B = TypeVar("B")
T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 32  # batches for each core, read before the results of the first one are written
_RETRIES = 3  # of a batch whose worker is lost
_STORE = 150 * 2**20  # bytes of the object store of a Ray of this machine; what does not fit is on disk for a while
_ADDRESS = "RAY_ADDRESS"
_WAIT = 10.0  # seconds, for an answer of the head
_PREPARED = 4  # kinds of work that a worker process keeps ready

# Ray warns of options of its own that nobody here has set.
warnings.filterwarnings("ignore", module=r"ray\.")


@contextmanager
def open_ray(address: str | None = None, workers: int | None = None) -> Iterator[RayCluster]:
    """Open a connection to a Ray cluster, and close it at the end; one that this process has is used and kept.

    :param address: address of a cluster, such as `10.0.0.1:6379`. If None, that of the variable `RAY_ADDRESS`;
        without it, Ray runs on this machine until the end.
    :param workers: most batches at a time; if None, one for each core.
    :raises DataError: if Ray is not installed, or no cluster answers.
    """
    ray = _imported()
    kept = ray.is_initialized()
    if not kept:
        _connect(ray, address or os.environ.get(_ADDRESS), workers)
    cluster = RayCluster(workers)
    try:
        yield cluster
    finally:
        cluster.close()
        if not kept:
            ray.shutdown()


class RayCluster:
    """An executor on the cluster that this process is connected to; see `open_ray`.

    :param workers: most batches at a time, or None for one a core.
    """

    here = False

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers
        self._begun: list[Generator[Any, None, None]] = []

    def map_batches(self, prepare: Prepare[B, R], batches: Iterable[B]) -> Iterator[tuple[B, Iterator[R]]]:
        """Yield each batch with its results, in the order of the batches."""
        found = self._mapped(prepare, batches)
        self._begun.append(found)
        return found

    def close(self) -> None:
        """End the work that is under way; Ray cannot end it once the connection is closed."""
        for one in self._begun:
            one.close()

    def _mapped(self, prepare: Prepare[B, R], batches: Iterable[B]) -> Generator[tuple[B, Iterator[R]], None, None]:
        from ray import cloudpickle

        prepared = cloudpickle.dumps(prepare)
        for window, fault in _windows(batches, self._window):
            for batch, outcome in zip(window, self._outcomes(prepared, window), strict=True):
                yield batch, outcome.read()
            if fault is not None:
                raise fault

    def map_each(self, do: Callable[[T], R], batches: Iterable[Sequence[T]]) -> Iterator[Each[T, R]]:
        """Yield each batch with the result of `do` for each of its items."""
        return self.map_batches(each(do), batches)

    def _window(self) -> int:
        """Return the number of batches that are under way at a time."""
        import ray

        cores = int(ray.cluster_resources().get("CPU", 1))
        return _AHEAD * max(1, min(cores, self._workers or cores))

    def _outcomes(self, prepared: bytes, window: Sequence[Any]) -> Iterator[_Outcome]:
        """Yield the outcome of each batch of a window.

        :raises WorkerError: if a batch has lost its worker too often.
        """
        import ray
        from ray import data
        from ray.exceptions import RayError

        rows = [{"batch": pickle.dumps(batch)} for batch in window]
        size = self._workers and min(self._workers, len(rows))
        try:
            with warnings.catch_warnings():
                # Ray has no other parameter that bounds the retries: a batch that kills its workers must not go on
                # for ever.
                warnings.simplefilter("ignore")
                dataset = data.from_items(rows, override_num_blocks=len(rows)).map(
                    _run, fn_args=(prepared, __version__), compute=data.TaskPoolStrategy(size), num_cpus=1,
                    max_retries=_RETRIES,
                )  # fmt: skip
            dataset.context.enable_progress_bars = False
            dataset.context.print_on_execution_start = False
            dataset.context.execution_options.preserve_order = True
            # Rows would be fetched by threads that may outlive the connection, upon which Ray ends this process.
            for bundle in dataset.iter_internal_ref_bundles():
                for block in ray.get(bundle.block_refs):
                    yield from map(pickle.loads, block["outcome"].to_pylist())
        except RayError as error:
            raise WorkerError(
                f"a batch was given up after {_RETRIES + 1} attempts, since each worker that had it was lost "
                f"({type(error).__name__}); it may have been killed for want of memory; use fewer workers on a "
                "machine, or split very long texts"
            ) from error


class _Failure(NamedTuple):
    """An error in a worker. It travels as text, since not every error can be pickled.

    :ivar known: whether it is one that users can cause.
    :ivar trace: the places in the code that it came through, without words of the input.
    """

    message: str
    known: bool
    trace: str

    @classmethod
    def of(cls, error: Exception) -> _Failure:
        trace = "".join(traceback.format_tb(error.__traceback__))
        if isinstance(error, OSError):
            place = f"{error.filename}: " if error.filename else ""
            return cls(f"{place}{error.strerror or error}", True, trace)
        known = isinstance(error, UdtError)
        return cls(str(error) if known else f"{type(error).__name__}: {error}", known, trace)

    def error(self) -> Exception:
        error = (DataError if self.known else RuntimeError)(self.message)
        error.add_note(self.trace)
        return error


class _Outcome(NamedTuple):
    """The results of a batch, and the failure that ended its work, if one did."""

    results: list[Any]
    failure: _Failure | None

    def read(self) -> Iterator[Any]:
        yield from self.results
        if self.failure is not None:
            raise self.failure.error()


def _run(row: dict[str, Any], prepared: bytes, version: str) -> dict[str, bytes]:
    """Work on the batch of a row; the body of a task of Ray.

    Errors are results, so that none of their words reaches the logs of Ray.
    """
    results: list[Any] = []
    failure = None
    try:
        if version != __version__:
            raise DataError(
                f"udt {__version__} is installed on {os.uname().nodename}, and udt {version} where the command runs; "
                "install the same version on all machines of the cluster"
            )
        results.extend(_work(prepared)(pickle.loads(row["batch"])))
    except Exception as error:  # noqa: BLE001 - raised again where the results are read
        failure = _Failure.of(error)
    return {"outcome": pickle.dumps(_Outcome(results, failure))}


@lru_cache(_PREPARED)
def _work(prepared: bytes) -> Callable[[Any], Iterable[Any]]:
    work: Callable[[Any], Iterable[Any]] = pickle.loads(prepared)()
    return work


def _windows(batches: Iterable[B], size: Callable[[], int]) -> Iterator[tuple[list[B], UdtError | None]]:
    """Yield lists of batches, the last one with the error that ended `batches`, if one did."""
    remaining = iter(batches)
    fault: UdtError | None = None
    while fault is None:
        window: list[B] = []
        try:
            for batch in islice(remaining, size()):
                window.append(batch)  # noqa: PERF402 - those before an error count
        except UdtError as error:
            fault = error
        if not window and fault is None:
            return
        yield window, fault


def _imported() -> Any:
    """Import Ray, quiet and without reports of use to its makers.

    :raises DataError: if it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ray
            import ray.data
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("ray", "pandas"):
            raise
        hint = "pip install 'udt-toolkit[ray]'"
        raise DataError(f"a cluster needs {error.name}, which is not installed; install it with: {hint}") from error
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # its import configures it
    return ray


def _connect(ray: Any, address: str | None, workers: int | None) -> None:
    """Open a connection to a cluster, or start Ray on this machine.

    :raises DataError: if no cluster answers, or Ray does not start.
    """
    if address:
        _check_address(address)
    local = {"num_cpus": workers, "object_store_memory": _STORE, "include_dashboard": False}
    before = signal.getsignal(signal.SIGTERM)
    ray._private.worker._worker_logs_enabled = False  # lost workers would be reported among the results on stdout
    try:
        ray.init(address or "local", log_to_driver=False, logging_level=logging.CRITICAL, **({} if address else local))
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        if address:
            raise _unanswered(address, error) from error
        raise DataError(f"Ray does not start on this machine: {str(error).strip()}") from error
    finally:
        signal.signal(signal.SIGTERM, before)  # Ray replaces the handler of the command


def _check_address(address: str) -> None:
    """Check that something answers at the address of a cluster; Ray itself tries for many minutes.

    :raises DataError: if nothing does.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return  # a word of Ray, e.g. `auto`
    try:
        socket.create_connection((host.strip("[]"), int(port)), _WAIT).close()
    except (OSError, OverflowError) as error:
        raise _unanswered(address, error) from error


def _unanswered(address: str, error: Exception) -> DataError:
    hint = (
        "check the address (--cluster-address, RAY_ADDRESS) and the token (RAY_AUTH_MODE), by `ray status` on the head"
    )
    return DataError(f"no Ray cluster answers at {address} ({str(error).strip()}); {hint}")
