"""Registries: named objects of one kind, built in or added by other packages as entry points."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from udt.core.errors import DataError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")

_LIKENESS = 0.7


class Registry(Generic[T]):
    """Named objects of one kind, each imported on first use.

    >>> numbers: Registry[float] = Registry("number", "example.numbers", {"pi": "math:pi", "e": "math:e"})
    >>> numbers.names()
    ('pi', 'e')
    >>> numbers.load("pi")
    3.141592653589793

    :param kind: singular noun for messages, e.g. `output format`.
    :param group: entry-point group by which other packages add objects, e.g. `udt.writers`.
    :param built_in: name to `module:attribute`, in the order in which names are listed.
    :param expected: class that objects of other packages have to be instances of, if there is one.
    """

    def __init__(
        self, kind: str, group: str, built_in: Mapping[str, str], *, expected: type[Any] | None = None
    ) -> None:
        self.expected = expected
        self.kind = kind
        self.group = group
        self._built_in = dict(built_in)
        self._own: dict[str, T] = {}

    def names(self) -> tuple[str, ...]:
        """Return the built-in names in their order, then those of other packages and of this process, sorted."""
        return (*self._built_in, *sorted({*self._added, *self._own}))

    def closest(self, name: str) -> str | None:
        """Return the name that is most like a misspelt one; None if none is like it.

        >>> Registry("constant", "example.constants", {"pi": "math:pi", "tau": "math:tau"}).closest("taus")
        'tau'
        """
        return next(iter(get_close_matches(name, self.names(), n=1, cutoff=_LIKENESS)), None)

    def add(self, name: str, given: T) -> None:
        """Add an object for this process, e.g. in a notebook; an earlier one that was added so is replaced.

        :raises DataError: if a built-in object or one of another package has that name, or it is of another class.
        """
        if name in self._built_in or name in self._added:
            raise DataError(f"there is a {self.kind} '{name}' already; give another name")
        if self.expected is not None and not isinstance(given, self.expected):
            raise DataError(
                f"the {self.kind} '{name}' is of the class {type(given).__name__}; it has to be of "
                f"{self.expected.__name__}"
            )
        self._own[name] = given

    def load(self, name: str) -> T:
        """Import and return the object of that name.

        :raises DataError: if there is none of that name, or if another package offers one that cannot be imported
            or is of another class.
        """
        if name in self._built_in:
            module, _, attribute = self._built_in[name].partition(":")
            found: T = getattr(import_module(module), attribute)
            return found
        if name in self._own:
            return self._own[name]
        if name not in self._added:
            raise DataError(f"there is no {self.kind} '{name}'; allowed: {', '.join(self.names())}")
        return self._load_added(self._added[name])

    def _load_added(self, point: EntryPoint) -> T:
        try:
            found: T = point.load()
        except (ImportError, AttributeError) as error:
            raise DataError(
                f"the {self.kind} '{point.name}' of the package {_package(point)} cannot be imported from "
                f"{point.value}: {error}; update or uninstall that package"
            ) from error
        if self.expected is not None and not isinstance(found, self.expected):
            raise DataError(
                f"the {self.kind} '{point.name}' of the package {_package(point)} ({point.value}) is of the class "
                f"{type(found).__name__}; it has to be of {self.expected.__name__}; update or uninstall that package"
            )
        return found

    @cached_property
    def _added(self) -> Mapping[str, EntryPoint]:
        """Entry points by name, without those that use the name of a built-in object or of another entry point."""
        from importlib.metadata import entry_points

        found: dict[str, EntryPoint] = {}
        for point in entry_points(group=self.group):
            if point.name in self._built_in or point.name in found:
                warnings.warn(
                    f"the {self.kind} '{point.name}' of the package {_package(point)} is ignored, since there is one "
                    f"of that name already",
                    stacklevel=2,
                )
            else:
                found[point.name] = point
        return found


def _package(point: EntryPoint) -> Any:
    return point.dist.name if point.dist is not None else "of unknown origin"
