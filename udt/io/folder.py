"""The text files below a folder, and the number of files of each other kind."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from udt.core.texts import printable
from udt.io.rows import Skipped

_TEXT = ".txt"
_MOST_KINDS = 8
_NOUNS = "linked folder", "broken link", "special file"
_USUAL_SUFFIX = re.compile(r"\.[\w-]{1,12}")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The files below a folder that are not read.

    :ivar place: the folder.
    :ivar counts: number of files by kind: a suffix as `.md`, `hidden`, `without suffix` and so on.
    """

    place: str
    counts: Mapping[str, int]

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

    :ivar texts: the `.txt` files, in any case of the suffix, sorted.
    :ivar faults: the folders that cannot be listed.
    """

    texts: list[Path] = field(default_factory=list)
    faults: list[Skipped] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, folder: Path) -> Listing:
        """List a folder and those below it, without hidden ones; links to folders are not followed."""
        found = cls()
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
        kind = "hidden" if hidden else _kind(entry)
        if kind.lower() == _TEXT:
            self.texts.append(Path(entry.path))
        else:
            self.counts[kind] += 1
        return None

    def _add_fault(self, folder: Path, hidden: bool, error: OSError) -> None:
        if hidden:
            self.counts["hidden"] += 1
        else:
            self.faults.append(Skipped(str(folder), f"cannot be read ({error.strerror}); check its permissions"))

    def names(self, folder: Path) -> list[str]:
        """Return the path of each text in `folder` without its suffix, which is kept if another has the same."""
        paths = [path.relative_to(folder) for path in self.texts]
        count = Counter(path.with_suffix("") for path in paths)
        return [(path if count[path.with_suffix("")] > 1 else path.with_suffix("")).as_posix() for path in paths]


def _kind(entry: os.DirEntry[str]) -> str:
    if _is(entry.is_dir):
        return "linked folder"
    if not _is(entry.is_file):
        return "broken link" if entry.is_symlink() else "special file"
    suffix = Path(entry.name).suffix
    if not suffix:
        return "without suffix"
    return suffix if _USUAL_SUFFIX.fullmatch(suffix) else "of a strange suffix"


def _is(check: Callable[[], bool]) -> bool:
    """Return the answer of a check of an entry; False for a link that leads to itself."""
    try:
        return check()
    except OSError:
        return False
