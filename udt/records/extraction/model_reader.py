"""Read texts by a language model: prompts, cache, endpoint and answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from udt.records.extraction.answers import AnswerError, Claim, parse_answer
from udt.records.extraction.asker import ModelAsker
from udt.records.extraction.cache import AnswerCache, KeptAnswer, answer_key
from udt.records.extraction.client import AskOptions, ChatClient, Reply
from udt.records.extraction.costs import TokenUse
from udt.records.extraction.prompts import StagePrompt, prompts_of
from udt.records.extraction.stages import prompt_words
from udt.taxonomy.model.taxonomy import Taxonomy

_ATTEMPTS = 2
"""Questions until an answer can be used."""


class ModelReading(NamedTuple):
    """The claims of a model about a text.

    :ivar fault: the reason for which there is no usable answer, or None.
    """

    claims: tuple[Claim, ...]
    use: TokenUse
    fault: AnswerError | None = None


class ModelReader:
    """Asks a model for the labels of texts; answers that can be used are cached.

    :ivar stages: names of the stages, in order.
    :param client: asks the endpoint; None to take answers from the cache alone.
    """

    def __init__(
        self, taxonomy: Taxonomy, model: str, options: AskOptions, client: ChatClient | None, cache: AnswerCache
    ) -> None:
        self.model = model
        self._prompts = {prompt.stage.name: prompt for prompt in prompts_of(taxonomy)}
        self.stages = tuple(self._prompts)
        self._asker, self._cache = ModelAsker(model, client), cache
        sent = json.dumps([options.form, options.sent], sort_keys=True)
        self._version = (model, sent, prompt_words().version, taxonomy.digest)

    @property
    def prompt_version(self) -> str:
        """The version of the prompts, with the beginning of the hash over all of them."""
        digest = answer_key(*(prompt.sha256 for prompt in self._prompts.values()))
        return f"{prompt_words().version} ({digest[:8]})"

    def read(self, text: str, stages: Sequence[str]) -> ModelReading:
        """Ask for the labels of the stages with these names.

        :raises DataError: if the endpoint would refuse every question, or an answer is not in the cache and there is no
            endpoint.
        """
        claims: list[Claim] = []
        use = TokenUse()
        for name in stages:
            try:
                claims += self._claims(text, self._prompts[name], use)
            except AnswerError as fault:
                return ModelReading((), use, fault)
        return ModelReading(tuple(claims), use)

    def _claims(self, text: str, prompt: StagePrompt, use: TokenUse) -> tuple[Claim, ...]:
        key = answer_key(*self._version, prompt.sha256, text)
        kept = self._cache.get(key)
        if kept is not None:
            use.cached += 1
            return parse_answer(kept.text)
        fault: AnswerError | None = None
        for _ in range(_ATTEMPTS):
            answer = self._asker.ask(prompt.messages(text), prompt.schema, use)
            try:
                claims = _claims(answer)
            except AnswerError as error:
                fault = error
                continue
            self._cache.put(key, KeptAnswer(*answer[:3]))
            return claims
        raise fault or AnswerError("no attempt was made")


def _claims(reply: Reply) -> tuple[Claim, ...]:
    if reply.fault is not None:
        raise AnswerError(reply.fault)
    return parse_answer(reply.text)
