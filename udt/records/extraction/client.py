"""Questions to an OpenAI-compatible endpoint."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from udt.core.errors import DataError
from udt.records.extraction.answers import AnswerError
from udt.records.extraction.endpoint import KEY, Endpoint

_LOGGERS = ("openai", "httpx", "httpcore", "httpx2", "httpcore2")
_RESERVED = frozenset({"model", "messages", "response_format", "stream", "n"})
_CODE = re.compile(r"[a-z_]{1,40}")

AnswerForm = Literal["schema", "object", "free"]
"""How the endpoint is asked for JSON: by a JSON Schema, as any JSON object, or by the prompt alone."""


class Reply(NamedTuple):
    """The reply to one question.

    :ivar text: the answer, empty if there is none.
    :ivar tokens_in: tokens of the question, or None if the endpoint did not report them.
    :ivar tokens_out: tokens of the answer, or None.
    :ivar fault: the reason for which there is no whole answer, or None.
    """

    text: str
    tokens_in: int | None
    tokens_out: int | None
    fault: str | None = None


class EndpointError(AnswerError):
    """The endpoint did not answer one question, after all retries."""


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Options of questions.

    :ivar form: how the endpoint is asked for JSON.
    :ivar timeout: seconds for one attempt.
    :ivar retries: attempts after the first one, if the endpoint is busy, fails or does not answer in time.
    :ivar parameters: further parameters of the request; one that is None is left out.
    """

    form: AnswerForm = "schema"
    timeout: float = 120.0
    retries: int = 5
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if taken := sorted(_RESERVED & set(self.parameters)):
            raise DataError(f"the parameters {', '.join(taken)} cannot be set; udt sets them itself")

    @property
    def sent(self) -> dict[str, Any]:
        """The parameters that are sent."""
        return {name: value for name, value in {"temperature": 0, **self.parameters}.items() if value is not None}


class ChatClient:
    """Asks a model; threads may share a client.

    The `openai` client retries with exponential back-off and jitter, and waits as long as Retry-After demands.

    :raises DataError: if the package `openai` is not installed.
    """

    def __init__(self, place: Endpoint, model: str, options: AskOptions) -> None:
        try:
            import openai
        except ModuleNotFoundError as error:
            raise DataError(
                f"language models need '{error.name}'; run: pip install 'udt-toolkit[llm]'"
            ) from error  # fmt: skip
        for name in _LOGGERS:  # at the level DEBUG they log the texts
            logging.getLogger(name).setLevel(logging.WARNING)
        self._openai = openai
        self._place, self._model, self._options = place, model, options
        self._client = openai.OpenAI(
            base_url=place.url, api_key=place.key, timeout=options.timeout, max_retries=options.retries
        )

    def ask(self, messages: list[dict[str, str]], schema: Mapping[str, Any]) -> Reply:
        """Return the reply to one question.

        :raises EndpointError: if there is none after all retries.
        :raises DataError: if the endpoint refuses the key or the model, so that it would refuse all other questions.
        """
        openai = self._openai
        form = _response_format(self._options.form, schema)
        extra = {**self._options.sent, **({"response_format": form} if form else {})}
        try:
            return _reply(
                self._client.chat.completions.create(model=self._model, messages=messages, extra_body=extra)  # type: ignore[arg-type]
            )
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError) as error:
            raise self._refused(error.status_code) from None
        except openai.APITimeoutError:
            raise EndpointError(f"no answer within {self._options.timeout:g} s") from None
        except openai.APIStatusError as error:
            raise EndpointError(_status(error.status_code, error.code)) from None
        except (openai.OpenAIError, json.JSONDecodeError):
            raise EndpointError("the connection failed, or the reply is not that of a chat endpoint") from None

    def _refused(self, status: int) -> DataError:
        hint = f"check {KEY}" if status in (401, 403) else f"check the address and the model '{self._model}'"
        return DataError(f"{self._place.shown}: the endpoint refuses the question (status {status}); {hint}")

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


def _response_format(form: AnswerForm, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    if form == "schema":
        return {"type": "json_schema", "json_schema": {"name": "labels", "strict": True, "schema": schema}}
    return {"type": "json_object"} if form == "object" else None


def _status(status: int, code: object) -> str:
    """Return a reason without the words of the reply, which may quote the text."""
    known = f", {code}" if isinstance(code, str) and _CODE.fullmatch(code) else ""
    hint = "; if the endpoint takes no JSON Schema, give --answers object or free" if status in (400, 422) else ""
    return f"the endpoint failed (status {status}{known}){hint}"


def _reply(found: Any) -> Reply:
    """Return the reply of a completion; a server may leave out any field of it."""
    usage = getattr(found, "usage", None)
    tokens = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    choice = next(iter(getattr(found, "choices", None) or ()), None)
    message = getattr(choice, "message", None)
    content = getattr(message, "content", None)
    text = content.strip() if isinstance(content, str) else ""
    return Reply(text, *tokens, fault=_fault(choice, message, text))


def _fault(choice: Any, message: Any, text: str) -> str | None:
    """Return the reason for which a reply holds no whole answer, or None."""
    if message is None:
        return "the reply holds no answer"
    if choice.finish_reason == "length":
        return "the answer is cut off; allow a longer one, e.g. --parameter max_tokens=4000"
    if getattr(message, "refusal", None) or choice.finish_reason == "content_filter":
        return "the model refuses to answer"
    return None if text else "the answer is empty"
