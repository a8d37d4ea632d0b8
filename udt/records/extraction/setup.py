"""Open an engine or a model, with its client and its cache."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from udt.core.errors import DataError
from udt.normalize.normalizer import Normalizer
from udt.records.extraction.cache import AnswerCache, default_cache
from udt.records.extraction.client import AskOptions, ChatClient
from udt.records.extraction.completion import CachedCompletion
from udt.records.extraction.endpoint import URL, endpoint, model_name
from udt.records.extraction.engines import Engine, EngineName, Extraction, RuleEngine
from udt.records.extraction.model_engines import ModelEngine
from udt.records.extraction.model_reader import ModelReader
from udt.records.extraction.run import Page, reader_of
from udt.taxonomy.model.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """The model to ask, and how.

    :ivar model: its name, or None for that of the environment.
    :ivar concurrency: most questions at a time.
    :ivar cache: folder of the cache of answers, or None for that of the user.
    :ivar offline: whether answers are taken from the cache alone.
    """

    model: str | None = None
    options: AskOptions = field(default_factory=AskOptions)
    concurrency: int = 4
    cache: Path | None = None
    offline: bool = False


@contextmanager
def open_engine(
    name: EngineName, taxonomy: Taxonomy, access: ModelAccess, extensions: Sequence[Path] = ()
) -> Iterator[Engine]:
    """Open an engine.

    :param extensions: the Turtle files that `taxonomy` was extended by.
    :raises DataError: if it needs a model, and no model or endpoint is named.
    """
    normalizer = Normalizer(extensions)
    if name is EngineName.RULES:
        yield RuleEngine(normalizer)
        return
    with ExitStack() as stack:
        model, client, cache = _opened(access, access.options, stack)
        reader = ModelReader(taxonomy, model, access.options, client, cache)
        yield ModelEngine(normalizer, taxonomy, reader, name is EngineName.HYBRID, access.concurrency)


@dataclass(frozen=True, slots=True)
class EngineOpener:
    """Opens an engine in a worker, for as long as the worker lives; each machine has its own cache of answers.

    :ivar extensions: Turtle files that extend the taxonomy, at the same path on all machines.
    """

    name: EngineName
    access: ModelAccess
    extensions: tuple[Path, ...] = ()

    def __call__(self) -> Callable[[Page], Iterator[Extraction]]:
        """Return the function that reads the texts of a page.

        :raises DataError: as `open_engine`.
        """
        taxonomy, stack = Taxonomy.load(*self.extensions), ExitStack()
        engine = stack.enter_context(open_engine(self.name, taxonomy, self.access, self.extensions))
        atexit.register(stack.close)
        return reader_of(engine)


@contextmanager
def open_completion(access: ModelAccess) -> Iterator[CachedCompletion]:
    """Open the model for plain answers to prompts, whatever the form of answers of `access`.

    :raises DataError: if no model or endpoint is named.
    """
    options = replace(access.options, form="free")
    with ExitStack() as stack:
        model, client, cache = _opened(access, options, stack)
        yield CachedCompletion(model, options, client, cache)


def _opened(access: ModelAccess, options: AskOptions, stack: ExitStack) -> tuple[str, ChatClient | None, AnswerCache]:
    """Return the name of the model, its client (None offline) and the cache, which `stack` closes."""
    model = model_name(access.model)
    client = None if access.offline else stack.enter_context(closing(_client(model, options)))
    return model, client, stack.enter_context(AnswerCache(access.cache or default_cache()))


def _client(model: str, options: AskOptions) -> ChatClient:
    place = endpoint()
    if place is None:
        raise DataError(
            f"no endpoint is named, and texts are sent nowhere by default; set {URL} to the address of an "
            "OpenAI-compatible endpoint, or give --offline to take answers from the cache alone"
        )
    return ChatClient(place, model, options)
