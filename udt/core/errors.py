"""Errors that a user can cause. A message names the value, its source, the allowed values and the next step."""

from __future__ import annotations

from udt.core.texts import shortened


class UdtError(ValueError):
    """Base class of the errors that `udt` raises on bad input; the command line prints its message and exits with 1."""


class DataError(UdtError):
    """A file, a row or a text cannot be read or written."""


_LONGEST_FAULT = 1_000


class TaxonomyError(UdtError):
    """The ontology, or an extension of it, is faulty.

    :ivar faults: every fault found, one sentence each; the middle of a very long one is left out.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults = [shortened(fault, _LONGEST_FAULT) for fault in faults]
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"the taxonomy has {count}:\n" + "\n".join(f"  - {fault}" for fault in faults))


class UnknownConceptError(UdtError):
    """No concept, dimension or label has the given name.

    :ivar name: the name as given.
    """

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(message)


class QueryError(UdtError):
    """A SPARQL query is refused, malformed or too slow."""
