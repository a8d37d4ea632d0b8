"""The options of commands that ask a language model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from udt.records.extraction.costs import Prices
    from udt.records.extraction.setup import ModelAccess

Command = Callable[..., Any]

ENGINES = ("rules", "llm", "hybrid")

_OPTIONS = (
    click.option("--model", metavar="NAME", help="Model at the endpoint. Default: UDT_LLM_MODEL."),
    click.option(
        "--concurrency", type=click.IntRange(min=1), default=4, show_default=True, help="Most questions at a time."
    ),
    click.option(
        "--timeout", type=click.FloatRange(min=0, min_open=True), default=120.0, show_default=True, metavar="SECONDS",
        help="Longest wait for an answer.",
    ),
    click.option(
        "--retries", type=click.IntRange(min=0), default=5, show_default=True,
        help="Further attempts if the endpoint is busy or fails.",
    ),
    click.option(
        "--answers", type=click.Choice(["schema", "object", "free"]), default="schema", show_default=True,
        help="How the endpoint is asked for JSON: by a JSON Schema, as any object, or by the prompt alone.",
    ),
    click.option(
        "--parameter", "parameters", metavar="NAME=VALUE", multiple=True,
        help="Parameter of the request, in JSON; null leaves it out. Default: temperature=0. Repeatable.",
    ),
    click.option(
        "--price-in", type=click.FloatRange(min=0), metavar="PRICE", help="Price of a million tokens of questions."
    ),
    click.option(
        "--price-out", type=click.FloatRange(min=0), metavar="PRICE", help="Price of a million tokens of answers."
    ),
    click.option(
        "--cache", type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the answers of models. Default: in the cache folder of the user.",
    ),
    click.option("--offline", is_flag=True, help="Take answers from the cache alone."),
)  # fmt: skip


def model_options(command: Command) -> Command:
    """Add the options, of which `model_access` and `prices` make objects, to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def model_access(
    *,
    model: str | None,
    concurrency: int,
    timeout: float,
    retries: int,
    answers: Any,
    parameters: tuple[str, ...],
    cache: Path | None,
    offline: bool,
    **_: Any,
) -> ModelAccess:
    """Return the access to a model that options give.

    :raises BadParameter: if a parameter is not NAME=VALUE, or its value no JSON.
    """
    from udt.records.extraction.client import AskOptions
    from udt.records.extraction.setup import ModelAccess

    options = AskOptions(answers, timeout, retries, dict(map(_parameter, parameters)))
    return ModelAccess(model, options, concurrency, cache and cache.resolve(), offline)


def prices(*, price_in: float | None, price_out: float | None, **_: Any) -> Prices:
    """Return the prices that options give."""
    from udt.records.extraction.costs import Prices

    return Prices(price_in, price_out)


def _parameter(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if name and sign:
        try:
            return name, json.loads(value)
        except json.JSONDecodeError:
            pass
    raise click.BadParameter(
        f"'{text}' is not NAME=VALUE with a value in JSON, e.g. max_tokens=4000 or reasoning_effort='\"low\"'",
        param_hint="--parameter",
    )
