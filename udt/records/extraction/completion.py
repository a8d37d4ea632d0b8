"""Plain answers of a model to prompts, from the endpoint or the cache."""

from __future__ import annotations

import json

from udt.core.errors import DataError
from udt.records.extraction.answers import AnswerError
from udt.records.extraction.asker import MOST_FAULTS, ModelAsker
from udt.records.extraction.cache import AnswerCache, KeptAnswer, answer_key
from udt.records.extraction.client import AskOptions, ChatClient, EndpointError
from udt.records.extraction.costs import TokenUse


class CachedCompletion:
    """Completes prompts by a model; answers are cached.

    :ivar use: counts of all questions.
    :param client: asks the endpoint; None to take answers from the cache alone.
    """

    def __init__(self, model: str, options: AskOptions, client: ChatClient | None, cache: AnswerCache) -> None:
        self.model = model
        self.use = TokenUse()
        self._asker, self._cache = ModelAsker(model, client), cache
        self._version = ("completion", model, json.dumps(options.sent, sort_keys=True))
        self._failed = 0

    def complete(self, prompt: str) -> str:
        """Return the answer to a prompt.

        :raises AnswerError: if there is none.
        :raises DataError: if the endpoint would refuse every prompt, does not answer many in a row, or the answer is
            not in the cache and there is no endpoint.
        """
        key = answer_key(*self._version, prompt)
        kept = self._cache.get(key)
        if kept is not None:
            self.use.cached += 1
            return kept.text
        answer = self._asked(prompt)
        self._cache.put(key, answer)
        return answer.text

    def _asked(self, prompt: str) -> KeptAnswer:
        try:
            reply = self._asker.ask([{"role": "user", "content": prompt}], {}, self.use)
        except EndpointError as error:
            self._failed += 1
            if self._failed >= MOST_FAULTS:
                raise DataError(
                    f"the model did not answer {self._failed} prompts in a row (the last: {error}); check the "
                    "endpoint, then run the command again: answers so far are kept"
                ) from None
            raise
        self._failed = 0
        if reply.fault is not None:
            raise AnswerError(reply.fault)
        return KeptAnswer(*reply[:3])
