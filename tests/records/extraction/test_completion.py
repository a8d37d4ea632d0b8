"""Plain prompts to a model: cached answers, faults, and an endpoint that is out of order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat_server import ChatServer, completion, error
from udt.core.errors import DataError
from udt.records.extraction.answers import AnswerError
from udt.records.extraction.client import AskOptions
from udt.records.extraction.setup import ModelAccess, open_completion


def access(tmp_path: Path, offline: bool = False) -> ModelAccess:
    return ModelAccess(cache=tmp_path / "cache", options=AskOptions(retries=0), offline=offline)


def test_an_answer_is_asked_for_once(server: ChatServer, tmp_path: Path) -> None:
    server.behave = lambda question: completion(f"About {question.text}", tokens=(7, 3))
    with open_completion(access(tmp_path)) as model:
        assert [model.complete("cysts"), model.complete("cysts")] == ["About cysts"] * 2
        assert (model.use.asked, model.use.cached, model.use.tokens_in, model.use.tokens_out) == (1, 1, 7, 3)
        assert "response_format" not in server.questions[0].body
    with open_completion(access(tmp_path, offline=True)) as model:
        assert model.complete("cysts") == "About cysts"
        with pytest.raises(DataError, match="not in the cache, and there is no endpoint"):
            model.complete("masses")
    assert len(server.questions) == 1


def test_faults_are_not_kept(server: ChatServer, tmp_path: Path) -> None:
    server.behave = lambda question: completion("Half an", finish="length")
    with open_completion(access(tmp_path)) as model:
        with pytest.raises(AnswerError, match="cut off"):
            model.complete("cysts")
        server.behave = lambda question: completion("A whole answer.")
        assert model.complete("cysts") == "A whole answer."


def test_an_endpoint_that_is_out_of_order_ends_the_run(server: ChatServer, tmp_path: Path) -> None:
    server.behave = lambda question: error(500)
    with open_completion(access(tmp_path)) as model:
        for number in range(19):
            with pytest.raises(AnswerError, match="status 500"):
                model.complete(f"prompt {number}")
        with pytest.raises(
            DataError, match=r"did not answer 20 prompts in a row .*status 500.* answers so far are kept"
        ):
            model.complete("one more")
