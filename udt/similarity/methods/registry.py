"""The methods that compute label similarities, by name; other packages add methods as entry points.

A method is a `SimilarityMethod`: a function from a taxonomy and option values to a `SimilaritySet`, with a description
of its options from which `udt similarity build` makes its own. Another package adds one in its `pyproject.toml`:

```toml
[project.entry-points."udt.similarity_methods"]
embedding = "my_package.embedding:METHOD"
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from udt.core.errors import DataError
from udt.core.registry import Registry

if TYPE_CHECKING:
    from udt.similarity.matrices import SimilaritySet
    from udt.taxonomy.model.taxonomy import Taxonomy


class OptionKind(StrEnum):
    """The type of the value of an option.

    - `text`: str.
    - `choice`: str, one of `MethodOption.choices`.
    - `folder`: Path of a folder that exists.
    - `input`: Path of a file, or `-` for standard input.
    - `weighted paths`: sequence of (Path of an existing file or folder, float) pairs.
    - `flag`: True; missing if it was not given.
    """

    TEXT = "text"
    CHOICE = "choice"
    FOLDER = "folder"
    INPUT = "input"
    WEIGHTED_PATHS = "weighted paths"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class MethodOption:
    """An option of a method. Methods may share an option if they declare it alike.

    :ivar name: key under which the method gets the value.
    :ivar help: one sentence for the command line.
    :ivar metavar: placeholder of the value in the help; not needed for a choice.
    :ivar choices: the allowed values of a choice.
    :ivar flag: its name on the command line; by default `--` and the name with hyphens.
    """

    name: str
    kind: OptionKind
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    flag: str = ""

    def __post_init__(self) -> None:
        if not self.flag:
            object.__setattr__(self, "flag", f"--{self.name.replace('_', '-')}")


def _no_notes(similarity: SimilaritySet) -> Iterable[str]:
    """Return no remarks."""
    return ()


@dataclass(frozen=True, slots=True)
class SimilarityMethod:
    """A way to compute label similarities.

    :ivar summary: what the similarity is computed from, in a few words for the command line.
    :ivar build: computes the similarities of the labels of a taxonomy from the values of `options` by name; an option
        that was not given is missing. It raises a DataError if the input is faulty.
    :ivar requires: groups of option names; exactly one option of each group has to be given.
    :ivar notes: remarks on the result for the user, one line each.
    :ivar alternatives: groups of option names; at most one option of each group may be given.
    :ivar show: computes, without options, the matrix of one dimension by its key, dimensions without a task included,
        or that of the findings if `has_findings`. Without it, a method that needs no options is built, and its tasks
        can be shown.
    :ivar has_findings: whether the method has a matrix of the findings.
    :raises DataError: if a required option is not declared.
    """

    summary: str
    build: Callable[[Taxonomy, Mapping[str, Any]], SimilaritySet]
    options: tuple[MethodOption, ...] = ()
    requires: tuple[tuple[str, ...], ...] = ()
    notes: Callable[[SimilaritySet], Iterable[str]] = _no_notes
    alternatives: tuple[tuple[str, ...], ...] = ()
    show: Callable[[Taxonomy, str], SimilaritySet] | None = None
    has_findings: bool = False

    def __post_init__(self) -> None:
        named = {name for group in (*self.requires, *self.alternatives) for name in group}
        undeclared = named - {option.name for option in self.options}
        if undeclared:
            raise DataError(
                f"the method '{self.summary}' requires the options {', '.join(sorted(undeclared))}, which it does not "
                "declare; add them to its options"
            )


METHODS: Registry[SimilarityMethod] = Registry(
    "similarity method",
    "udt.similarity_methods",
    {
        "taxonomy": "udt.similarity.methods.taxonomy:METHOD",
        "resnik": "udt.similarity.methods.resnik:METHOD",
        "lin": "udt.similarity.methods.lin:METHOD",
        "simgic": "udt.similarity.methods.simgic:METHOD",
        "text": "udt.similarity.methods.text:METHOD",
        "cooccurrence": "udt.similarity.methods.cooccurrence:METHOD",
        "blend": "udt.similarity.methods.blend:METHOD",
        "reference": "udt.similarity.methods.reference:METHOD",
    },
    expected=SimilarityMethod,
)
