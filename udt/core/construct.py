"""Fast construction of frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, fields, is_dataclass, make_dataclass
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def constructor(cls: Callable[P, T]) -> Callable[P, T]:
    """Return a function that makes instances of `cls` in about a quarter of the time that a call of `cls` takes.

    A frozen dataclass sets each field by a slow call of `object.__setattr__`. The function is a class that has the same
    slots and is not frozen; each instance changes its class when all fields are set.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, slots=True)
    ... class Span:
    ...     start: int
    ...     end: int
    >>> constructor(Span)(1, 2) == Span(1, 2)
    True

    :param cls: a frozen dataclass with slots, and without base classes and `__post_init__`.
    :raises TypeError: if it is of another form.
    """
    if (
        not isinstance(cls, type)
        or not is_dataclass(cls)
        or cls.__bases__ != (object,)
        or hasattr(cls, "__post_init__")
    ):
        raise TypeError(f"{cls!r} is no dataclass without base classes and __post_init__")
    frozen: Any = cls

    def freeze(made: Any) -> None:
        made.__class__ = frozen

    copies = [(f.name, Any, field(default=f.default, default_factory=f.default_factory)) for f in fields(cls)]
    namespace = {"__post_init__": freeze}
    mutable: Any = make_dataclass(cls.__name__, copies, slots=True, eq=False, repr=False, namespace=namespace)
    if mutable.__slots__ != getattr(cls, "__slots__", None):
        raise TypeError(f"{cls!r} is no dataclass with slots")
    constructed: Callable[P, T] = mutable
    return constructed
