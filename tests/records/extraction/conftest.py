"""A chat server, and engines that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.chat_server import ChatServer, faithful
from tests.records.conftest import database, load, postgres, url  # noqa: F401
from udt.normalize.normalizer import Normalizer
from udt.records.extraction.client import AskOptions
from udt.records.extraction.engines import Engine, EngineName
from udt.records.extraction.setup import ModelAccess, open_engine
from udt.taxonomy.model.taxonomy import Taxonomy

SECRET = "sk-very-secret-4711"
Open = Callable[..., Engine]


@pytest.fixture(scope="session")
def normalizer() -> Normalizer:
    return Normalizer()


@pytest.fixture
def server(normalizer: Normalizer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A faithful server, which the environment names."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with ChatServer(faithful(normalizer)).running() as running:
        monkeypatch.setenv("UDT_LLM_URL", running.url)
        monkeypatch.setenv("UDT_LLM_KEY", SECRET)
        monkeypatch.setenv("UDT_LLM_MODEL", "test-model")
        yield running


@pytest.fixture
def opened(server: ChatServer, taxonomy: Taxonomy, tmp_path: Path) -> Iterator[Open]:
    """Opens engines that ask the server, all with one cache."""
    with ExitStack() as stack:

        def open_(name: str, **settings: Any) -> Engine:
            asked = {
                name: settings.pop(name) for name in ("form", "timeout", "retries", "parameters") if name in settings
            }
            given = {"cache": tmp_path / "cache", "options": AskOptions(**asked), **settings}
            return stack.enter_context(open_engine(EngineName(name), taxonomy, ModelAccess(**given)))

        yield open_
