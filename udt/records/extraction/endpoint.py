"""The endpoint of language models that the environment names, with its key."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from udt.core.errors import DataError

URL, MODEL, KEY = "UDT_LLM_URL", "UDT_LLM_MODEL", "UDT_LLM_KEY"
_STANDARD = "OPENAI_BASE_URL", "OPENAI_API_KEY"
_NO_KEY = "none"  # the client asks for one, local servers do not
_SENDABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The place of a model.

    :ivar key: secret; never printed or stored.
    """

    url: str
    key: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The address for messages, without user and password."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def endpoint(environment: Mapping[str, str] = os.environ) -> Endpoint | None:
    """Return the endpoint of the environment, or None if it has no address: texts go nowhere by default.

    A key goes only to the address of its own pair of variables.

    :raises DataError: if the address is no URL, or a key has no address.
    """
    if environment.get(KEY) and not environment.get(URL):
        raise DataError(f"{KEY} is set, but {URL} is not; set it to the address of the endpoint that the key is for")
    pairs = ((URL, KEY), _STANDARD)
    url, key = next(((environment[a], environment.get(b)) for a, b in pairs if environment.get(a)), (None, None))
    if url is None:
        return None
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise DataError(f"the address of the endpoint is no URL; give {URL} as https://HOST/v1")
    if key and not _SENDABLE.fullmatch(key):
        raise DataError(f"the key of the endpoint has characters that no key has, e.g. a line break; correct {KEY}")
    return Endpoint(url, key or _NO_KEY)


def model_name(given: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the model that was given, or that of the environment.

    :raises DataError: if there is none.
    """
    name = given or environment.get(MODEL)
    if not name:
        raise DataError(f"no model is named; give --model NAME, or set {MODEL}")
    return name
