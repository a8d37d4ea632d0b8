"""The endpoint and the model of the environment; a key goes to its own address alone."""

from __future__ import annotations

import pytest

from tests.records.extraction.conftest import SECRET
from udt.core.errors import DataError
from udt.records.extraction.endpoint import Endpoint, endpoint, model_name


def test_the_key_is_not_shown() -> None:
    place = Endpoint("https://user:pass@host/v1?key=5", SECRET)
    assert SECRET not in repr(place)
    assert place.shown == "https://host/v1"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"OPENAI_API_KEY": "b"}, None),
        ({"UDT_LLM_URL": "http://u/v1"}, ("http://u/v1", "none")),
        ({"UDT_LLM_URL": "http://u/v1", "OPENAI_API_KEY": "b"}, ("http://u/v1", "none")),
        ({"UDT_LLM_URL": "http://u/v1", "UDT_LLM_KEY": "a"}, ("http://u/v1", "a")),
        ({"OPENAI_BASE_URL": "http://o/v1", "OPENAI_API_KEY": "b"}, ("http://o/v1", "b")),
        (
            {"UDT_LLM_URL": "http://u/v1", "UDT_LLM_KEY": "a", "OPENAI_BASE_URL": "http://o/v1", "OPENAI_API_KEY": "b"},
            ("http://u/v1", "a"),
        ),
    ],
    ids=["nothing", "key alone", "address alone", "key of the other", "own", "standard", "both"],
)
def test_a_key_goes_to_its_own_address(environment: dict[str, str], expected: tuple[str, str] | None) -> None:
    found = endpoint(environment)
    assert (found and (found.url, found.key)) == expected


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"UDT_LLM_KEY": SECRET}, "UDT_LLM_URL is not"),
        ({"UDT_LLM_URL": "localhost:8000"}, "no URL"),
        ({"UDT_LLM_URL": "http://u/v1", "UDT_LLM_KEY": f"{SECRET}\n"}, "no key has"),
    ],
    ids=["no address", "no URL", "line break"],
)
def test_a_faulty_environment(environment: dict[str, str], reason: str) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        endpoint(environment)
    assert SECRET not in str(caught.value)


def test_the_model_has_a_name() -> None:
    assert model_name("a", {"UDT_LLM_MODEL": "b"}) == "a"
    assert model_name(None, {"UDT_LLM_MODEL": "b"}) == "b"
    with pytest.raises(DataError, match="--model"):
        model_name(None, {})
