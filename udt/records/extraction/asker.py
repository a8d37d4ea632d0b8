"""Questions to a model that may be out of reach, with counts of their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from udt.core.errors import DataError
from udt.records.extraction.client import ChatClient, Reply
from udt.records.extraction.costs import TokenUse
from udt.records.extraction.endpoint import URL

MOST_FAULTS = 20
"""Questions in a row without an answer, after which a run stops."""


class ModelAsker:
    """Asks a model at the endpoint.

    :param client: None to take answers from the cache alone.
    """

    def __init__(self, model: str, client: ChatClient | None) -> None:
        self.model, self._client = model, client

    def ask(self, messages: list[dict[str, str]], schema: Mapping[str, Any], use: TokenUse) -> Reply:
        """Return the reply to one question, and count it in `use`.

        :raises EndpointError: if there is none after all retries.
        :raises DataError: if the endpoint would refuse every question, or there is no endpoint.
        """
        if self._client is None:
            raise DataError(
                f"an answer of {self.model} is not in the cache, and there is no endpoint to ask; set {URL}, or give "
                "the --cache of an earlier run"
            )
        reply = self._client.ask(messages, schema)
        use.asked += 1
        use.tokens_in += reply.tokens_in or 0
        use.tokens_out += reply.tokens_out or 0
        use.uncounted += reply.tokens_in is None or reply.tokens_out is None
        return reply
