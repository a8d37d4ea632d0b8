"""A server that answers every request with hostile bytes, for attacks on clients of SPARQL endpoints."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[str], Iterable[bytes]]
"""The parts of an answer, headers included, to a client of the server with the given URL."""

_LINGER = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")


@contextmanager
def serving(answer: Answer, *, reset: bool = False) -> Iterator[str]:
    """Run a server on a free port in a thread; yield its URL.

    :param reset: whether a connection is reset after the answer, instead of closed.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/query"
        ended = threading.Event()
        listening.settimeout(0.1)
        thread = threading.Thread(target=_serve, args=(listening, answer, url, ended, reset))
        thread.start()
        try:
            yield url
        finally:
            ended.set()
            thread.join()


def _serve(listening: socket.socket, answer: Answer, url: str, ended: threading.Event, reset: bool) -> None:
    while not ended.is_set():
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            continue
        with connection, suppress(OSError):
            connection.settimeout(0.5)
            _receive(connection)
            for part in answer(url):
                if ended.is_set():
                    break
                connection.sendall(part)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)


def _receive(connection: socket.socket) -> None:
    """Read a request, so that the answer does not arrive before it."""
    head, _, body = _until_blank_line(connection)
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(1 << 16)


def _until_blank_line(connection: socket.socket) -> tuple[bytes, bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1 << 16)
    return received.partition(b"\r\n\r\n")


def response(kind: str, body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """Return an HTTP response."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode("latin-1") + body
