"""The files of reports below a folder, and the number of files of each other kind."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from udt.core.tally import Tally
from udt.core.texts import printable
from udt.io.rows import Skipped

_MOST_KINDS = 8
_NOUNS = "linked folder", "broken link", "special file"
_USUAL_SUFFIX = re.compile(r"\.[\w-]{1,12}")


Kinds = Callable[[Path], tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The files below a folder that are not read, and the number of those that are.

    :ivar place: the folder.
    :ivar counts: number of files by kind: a suffix as `.jpg`, `hidden`, `without suffix` and so on, with the reason
        unless it is that the suffix belongs to no format.
    :ivar read: number of the files that are given to a reader, by suffix.
    """

    place: str
    counts: Mapping[str, int]
    read: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts for `json.dumps`."""
        tally = Tally(read=sum(self.read.values()), left_out=Counter(self.counts))
        counts = {key: value for key, value in tally.to_dict().items() if key != "examples"}
        return {"folder": self.place, **counts, "formats": dict(self.read)}

    @property
    def total(self) -> int:
        """Number of files."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        """Return the total, the folder and the counts, the highest first: `4 files of reports: 3 .md, 1 hidden`."""
        files = "1 file" if self.total == 1 else f"{self.total:,} files"
        return printable(f"{files} of {self.place}: {self.listed}")

    @property
    def listed(self) -> str:
        """The counts alone."""
        ordered = sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        shown = [f"{count:,} {kind}{'s' * (kind in _NOUNS and count > 1)}" for kind, count in ordered[:_MOST_KINDS]]
        rest = sum(count for _, count in ordered[_MOST_KINDS:])
        return ", ".join([*shown, f"{rest:,} of other kinds"] if rest else shown)


@dataclass(slots=True)
class Listing:
    """The files below a folder.

    :ivar kinds: checks a path by its suffix: returns whether it is read, and the kind under which it is counted.
    :ivar texts: the files of reports, sorted.
    :ivar faults: the folders that cannot be listed.
    """

    kinds: Kinds
    texts: list[Path] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    faults: list[Skipped] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, folder: Path, kinds: Kinds) -> Listing:
        """List a folder and those below it, without hidden ones; links to folders are not followed."""
        found = cls(kinds)
        pending = [(folder, False)]
        while pending:
            current, hidden = pending.pop()
            try:
                with os.scandir(current) as entries:
                    pending += [inner for entry in entries if (inner := found._add(entry, hidden))]
            except OSError as error:
                found._add_fault(current, hidden, error)
        found.texts.sort()
        return found

    def _add(self, entry: os.DirEntry[str], hidden: bool) -> tuple[Path, bool] | None:
        """Add a file; return a folder, and whether it is hidden."""
        hidden = hidden or entry.name.startswith(".")
        if entry.is_dir(follow_symlinks=False):
            return Path(entry.path), hidden
        kind = "hidden" if hidden else _strange(entry)
        taken = False
        if kind is None:
            taken, kind = self.kinds(Path(entry.path))
            self.texts += [Path(entry.path)] * taken
        (self.read if taken else self.counts)[kind] += 1
        return None

    def _add_fault(self, folder: Path, hidden: bool, error: OSError) -> None:
        if hidden:
            self.counts["hidden"] += 1
        else:
            self.faults.append(Skipped(str(folder), f"cannot be read ({error.strerror}); check its permissions"))

    def names(self, folder: Path) -> list[str]:
        """Return the path of each text in `folder` without its suffix, which is kept if another has the same."""
        paths = [path.relative_to(folder) for path in self.texts]
        bare = [path.with_name(without_suffix(path)) for path in paths]
        count = Counter(bare)
        return [(path if count[short] > 1 else short).as_posix() for path, short in zip(paths, bare, strict=True)]


def suffix_of(path: Path) -> str:
    """Return the suffix of a file in lower case, without that of gzip.

    >>> suffix_of(Path("a.TXT.gz"))
    '.txt'
    """
    return Path(_unpacked(path)).suffix.lower()


def without_suffix(path: Path) -> str:
    """Return the name of a file without its suffix, and without that of gzip."""
    return Path(_unpacked(path)).stem or path.name


def _unpacked(path: Path) -> str:
    return path.name[:-3] if path.name.lower().endswith(".gz") else path.name


def shown_suffix(path: Path) -> str:
    """Return the suffix of a file as the kind under which it is counted."""
    if not path.suffix:
        return "without suffix"
    return path.suffix.lower() if _USUAL_SUFFIX.fullmatch(path.suffix) else "of a strange suffix"


def _strange(entry: os.DirEntry[str]) -> str | None:
    """Return the kind of an entry that is no regular file; None for a file."""
    if _is(entry.is_dir):
        return "linked folder"
    if not _is(entry.is_file):
        return "broken link" if entry.is_symlink() else "special file"
    return None


def _is(check: Callable[[], bool]) -> bool:
    """Return the answer of a check of an entry; False for a link that leads to itself."""
    try:
        return check()
    except OSError:
        return False
