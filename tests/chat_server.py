"""A real HTTP server with the protocol of OpenAI's chat completions, which answers, or misbehaves, as tests demand."""

from __future__ import annotations

import json
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from udt.normalize.normalizer import Normalizer

_FENCED = re.compile(r"<report (\w+)>\n(.*)\n</report \1>", re.S)


@dataclass(frozen=True)
class Question:
    """A request, with its text and the schema of its answer."""

    number: int
    text: str
    system: str
    schema: dict[str, Any]
    body: dict[str, Any]
    authorization: str

    @property
    def keys(self) -> list[str]:
        return list(self.schema["properties"])


@dataclass(frozen=True)
class Sent:
    """A response; with `cut`, the connection ends after half of it, and with `hang`, nothing is sent for seconds."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: float = 0.0


Behaviour = Callable[[Question], Sent]


def completion(
    content: str | None, finish: str = "stop", tokens: tuple[int, int] | None = (100, 10), **extra: Any
) -> Sent:
    message = {"role": "assistant", "content": content, **extra}
    choice = {"index": 0, "finish_reason": finish, "message": message}
    reply: dict[str, Any] = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    if tokens is not None:
        reply["usage"] = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    return Sent(json.dumps(reply).encode())


def labels(question: Question, *given: tuple[str, str, str, str]) -> Sent:
    """Answer (dimension, label, certainty, quote) tuples, those of other stages left out."""
    answer: dict[str, list[dict[str, str]]] = {key: [] for key in question.keys}
    for key, label, certainty, quote in given:
        if key in answer:
            answer[key].append({"label": label, "certainty": certainty, "quote": quote})
    return completion(json.dumps(answer, ensure_ascii=False))


def error(status: int, **headers: str) -> Sent:
    body = {"error": {"message": "the text was: secret words", "type": "x", "code": "some_code"}}
    return Sent(json.dumps(body).encode(), status, {name.replace("_", "-"): value for name, value in headers.items()})


def faithful(normalizer: Normalizer) -> Behaviour:
    """Answer as the normaliser reads the fenced text, in the dimensions of the schema."""

    def answer(question: Question) -> Sent:
        report = normalizer.normalize(question.text)
        seen = {(e.dimension, e.label, e.certainty): e.text for e in reversed(report.label_evidence)}
        return labels(question, *((*name, quote) for name, quote in seen.items()))

    return answer


class ChatServer:
    """The server.

    :ivar behave: answers questions; tests may replace it.
    :ivar questions: all questions so far.
    :ivar most: most questions at a time so far.
    """

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.questions: list[Question] = []
        self.most = 0
        self.stopping = Event()
        self._now, self._lock = 0, Lock()
        self._http = _QuietServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1

    def note(self, body: dict[str, Any], authorization: str) -> Question:
        *systems, user = (message["content"] for message in body["messages"])
        form = body.get("response_format", {})
        schema = form.get("json_schema", {}).get("schema", {"properties": {}})
        found = _FENCED.fullmatch(user)
        assert bool(found) == bool(systems), "a text is fenced, and a plain prompt is none"
        with self._lock:
            text = found[2] if found else user
            question = Question(len(self.questions), text, "".join(systems), schema, body, authorization)
            self.questions.append(question)
        return question

    @contextmanager
    def running(self) -> Iterator[ChatServer]:
        thread = Thread(target=self._http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            self._http.shutdown()
            thread.join()
            self._http.server_close()


class _QuietServer(ThreadingHTTPServer):
    """A server that does not mind clients that are gone."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/chat/completions":
                self._send(error(404))
                return
            with server.counted():
                sent = server.behave(server.note(body, self.headers.get("Authorization", "")))
                server.stopping.wait(sent.hang) if sent.hang else None
            self._send(sent)

        def _send(self, sent: Sent) -> None:
            try:
                self.send_response(sent.status)
                for name, value in {"Content-Type": "application/json", **sent.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent.body)))
                self.end_headers()
                self.wfile.write(sent.body[: len(sent.body) // 2] if sent.cut else sent.body)
                self.wfile.flush()
                if sent.cut:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
            except OSError:
                self.close_connection = True  # the client did not wait

        def log_message(self, *_: object) -> None:
            pass

    return Handler
