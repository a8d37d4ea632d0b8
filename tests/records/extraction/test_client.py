"""The client against a server that misbehaves: retries, time-outs, faults, and a key that stays secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest

from tests.chat_server import Behaviour, ChatServer, Sent, completion, error
from tests.records.extraction.conftest import SECRET
from udt.core.errors import DataError
from udt.records.extraction.client import AskOptions, ChatClient, EndpointError
from udt.records.extraction.endpoint import Endpoint, endpoint

MESSAGES = [{"role": "system", "content": "s"}, {"role": "user", "content": "<report 1>\nsecret words\n</report 1>"}]
SCHEMA: dict[str, Any] = {"type": "object", "properties": {}}
SOON = {"retry_after_ms": "10"}


@pytest.fixture
def asked(server: ChatServer) -> Iterator[list[ChatClient]]:
    """Clients that are closed at the end."""
    clients: list[ChatClient] = []
    yield clients
    for one in clients:
        one.close()


def _client(server: ChatServer, asked: list[ChatClient], **options: Any) -> ChatClient:
    found = endpoint()
    assert found is not None
    asked.append(ChatClient(found, "test-model", AskOptions(**{"timeout": 5.0, "retries": 2, **options})))
    return asked[-1]


def _after(first: Sent, times: int = 1) -> Behaviour:
    """Send `first` some times, and then an answer."""
    return lambda question: first if question.number < times else completion("{}")


def test_an_answer_with_its_tokens(server: ChatServer, asked: list[ChatClient]) -> None:
    server.behave = lambda _: completion(" {} ", tokens=(7, 3))
    assert _client(server, asked).ask(MESSAGES, SCHEMA) == ("{}", 7, 3, None)
    (question,) = server.questions
    assert question.authorization == f"Bearer {SECRET}"
    assert question.body["model"] == "test-model" and question.body["temperature"] == 0
    assert question.schema == SCHEMA and question.body["response_format"]["json_schema"]["strict"] is True


def test_an_answer_without_tokens(server: ChatServer, asked: list[ChatClient]) -> None:
    server.behave = lambda _: completion("{}", tokens=None)
    assert _client(server, asked).ask(MESSAGES, SCHEMA) == ("{}", None, None, None)


@pytest.mark.parametrize(
    ("form", "sent"), [("object", {"type": "json_object"}), ("free", None)], ids=["object", "free"]
)
def test_other_forms_of_answers(server: ChatServer, asked: list[ChatClient], form: Any, sent: object) -> None:
    server.behave = lambda _: completion("{}")
    _client(server, asked, form=form, parameters={"temperature": None, "max_tokens": 9}).ask(MESSAGES, SCHEMA)
    body = server.questions[0].body
    assert body.get("response_format") == sent
    assert "temperature" not in body and body["max_tokens"] == 9


@pytest.mark.parametrize(
    "first",
    [
        error(429, **SOON),
        error(500, **SOON),
        error(503, **SOON),
        Sent(completion("{}").body, cut=True),
        Sent(completion("{}").body, hang=5.0),
    ],
    ids=["429", "500", "503", "cut", "time-out"],
)
def test_what_may_pass_is_tried_again(server: ChatServer, asked: list[ChatClient], first: Sent) -> None:
    server.behave = _after(first)
    assert _client(server, asked, timeout=0.5).ask(MESSAGES, SCHEMA).text == "{}"
    assert len(server.questions) == 2


def test_retry_after_is_obeyed(server: ChatServer, asked: list[ChatClient]) -> None:
    server.behave = _after(error(429, Retry_After="2"))
    started = perf_counter()
    assert _client(server, asked).ask(MESSAGES, SCHEMA).text == "{}"
    assert perf_counter() - started >= 2  # without the header, half a second at most


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (error(429, **SOON), r"status 429, some_code"),
        (error(500, **SOON), r"status 500, some_code"),
        (error(400), r"status 400, some_code\); .*--answers"),
        (Sent(completion("{}").body, hang=5.0), r"no answer within 0\.5 s"),
        (Sent(completion("{}").body, cut=True), "connection failed"),
        (Sent(b"{not json"), "not that of a chat endpoint"),
    ],
    ids=["429", "500", "400", "time-out", "cut", "no JSON"],
)
def test_what_does_not_pass_is_a_fault(server: ChatServer, asked: list[ChatClient], sent: Sent, reason: str) -> None:
    server.behave = lambda _: sent
    with pytest.raises(EndpointError, match=reason) as caught:
        _client(server, asked, timeout=0.5, retries=1).ask(MESSAGES, SCHEMA)
    assert "secret" not in str(caught.value)
    assert len(server.questions) == (1 if b"not json" in sent.body or sent.status == 400 else 2)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (Sent(b"{}"), "holds no answer"),
        (Sent(b'{"choices": []}'), "holds no answer"),
        (Sent(b'{"choices": [{"finish_reason": "stop"}]}'), "holds no answer"),
        (Sent(b"hello", headers={"Content-Type": "text/plain"}), "holds no answer"),
        (completion('{"shape": [', finish="length"), "cut off"),
        (completion(None, refusal="secret words are a bad text"), "refuses"),
        (completion("", finish="content_filter"), "refuses"),
        (completion(None), "empty"),
        (completion(" \n"), "empty"),
    ],
    ids=["empty", "no choices", "no message", "plain text", "cut off", "refusal", "filter", "null", "blank"],
)
def test_replies_without_an_answer(server: ChatServer, asked: list[ChatClient], sent: Sent, fault: str) -> None:
    server.behave = lambda _: sent
    reply = _client(server, asked).ask(MESSAGES, SCHEMA)
    assert reply.fault is not None and fault in reply.fault and "secret" not in reply.fault


@pytest.mark.parametrize("status", [401, 403, 404], ids=str)
def test_a_refused_key_or_model_ends_the_run(server: ChatServer, asked: list[ChatClient], status: int) -> None:
    server.behave = lambda _: Sent(f'{{"error": {{"message": "bad key {SECRET}"}}}}'.encode(), status)
    with pytest.raises(DataError, match=rf"status {status}\); check") as caught:
        _client(server, asked).ask(MESSAGES, SCHEMA)
    assert server.url in str(caught.value) and SECRET not in str(caught.value)
    assert caught.value.__cause__ is None and len(server.questions) == 1


def test_logs_hold_neither_key_nor_text(
    server: ChatServer, asked: list[ChatClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = _client(server, asked)
    server.behave = _after(error(500, **SOON))
    with caplog.at_level(logging.DEBUG):
        client.ask(MESSAGES, SCHEMA)
    assert SECRET not in caplog.text and "secret words" not in caplog.text


def test_parameters_of_udt_cannot_be_set() -> None:
    with pytest.raises(DataError, match="messages, stream"):
        AskOptions(parameters={"messages": [], "stream": True})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(DataError, match=r"pip install 'udt-toolkit\[llm\]'"):
        ChatClient(Endpoint("http://localhost/v1", "none"), "m", AskOptions())
