"""Captions by a language model, accepted by the same check as those of the grammar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from udt.normalize.normalizer import Normalizer
from udt.records.captions.acceptance import RoundTrip
from udt.records.captions.engines import ComposedCaption, Rejection
from udt.records.captions.grammar import caption_grammar
from udt.records.captions.tagged import TaggedLabels
from udt.records.extraction.answers import AnswerError
from udt.taxonomy.model.taxonomy import Taxonomy

ATTEMPTS = 3

_LONGEST = 2000  # characters of a caption


class TextModel(Protocol):
    """A language model that completes a prompt."""

    def complete(self, prompt: str) -> str:
        """Return the answer to a prompt.

        :raises AnswerError: if there is none.
        """


class CaptionModelEngine:
    """Asks a language model for captions; one that is refused is asked for again, with the reason.

    :param name: name of the model, which is the style of its captions.
    :param attempts: captions to ask for at most.
    """

    def __init__(
        self, taxonomy: Taxonomy, language: str, model: TextModel, name: str,
        *, attempts: int = ATTEMPTS, extensions: Sequence[Path] = (),
    ) -> None:  # fmt: skip
        self._model, self._name, self._attempts = model, name, attempts
        self._prompt = caption_grammar(language).prompt
        self._vocabulary = taxonomy.vocabulary
        self._round_trip = RoundTrip(Normalizer(extensions), taxonomy.vocabulary)

    @property
    def styles(self) -> tuple[str, ...]:
        """The name of the model."""
        return (self._name,)

    def compose(self, labels: TaggedLabels) -> ComposedCaption | Rejection:
        """Return the first caption that states exactly the labels, or the reason why the last one was refused."""
        if not labels:
            return Rejection("there are no labels")
        task = self._prompt["task"].format(labels=self._listed(labels))
        prompt, fault = task, ""
        for _ in range(self._attempts):
            try:
                answer = self._model.complete(prompt).strip()
            except AnswerError as error:
                return Rejection(str(error))
            found = self._fault(answer, labels)
            if found is None:
                return ComposedCaption(answer, self._name)
            fault = found
            prompt = task + self._prompt["again"].format(fault=fault)
        return Rejection(fault)

    def _fault(self, answer: str, labels: TaggedLabels) -> str | None:
        if len(answer) > _LONGEST:
            return f"it has more than {_LONGEST} characters"
        return self._round_trip.fault(answer, labels)

    def _listed(self, labels: TaggedLabels) -> str:
        dimensions = self._vocabulary.dimensions
        return "\n".join(
            self._prompt[certainty].format(
                dimension=dimensions[dimension].key.replace("_", " "), label=dimensions[dimension].labels[label]
            )
            for certainty, dimension, label in labels
        )
