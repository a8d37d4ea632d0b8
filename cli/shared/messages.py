"""Messages of errors, made safe for a terminal and for those who read over a shoulder or in a log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from udt.core.texts import is_prose, printable

# Messages may have several lines.
_KEPT = "\n\t"
_PATH = re.compile(r"[/~.]")


def safe_message(message: str, arguments: Iterable[str]) -> str:
    """Return a message without control characters and without a text that was given in place of a name.

    >>> safe_message("no file 'Liver: hypoechoic nodule of 2 cm. No ascites is seen.'", [
    ...     "Liver: hypoechoic nodule of 2 cm. No ascites is seen."])
    "no file '(an argument of 53 characters)'"

    :param arguments: the arguments of the command. One of more than 40 characters and five words that is no path is
        taken for a text, and so is its part after `=`.
    """
    for text in sorted(set(_texts(arguments)), key=len, reverse=True):
        for form in (text, repr(text)[1:-1]):
            message = message.replace(form, f"(an argument of {len(text):,} characters)")
    return printable(message, _KEPT)


def _texts(arguments: Iterable[str]) -> Iterator[str]:
    for argument in arguments:
        for part in (argument, *argument.split("=")):
            if is_prose(part) and not _PATH.match(part):
                yield part
