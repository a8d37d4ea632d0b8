"""Atomic writes of files and folders.

An output is written to a temporary in the folder of its target, readable by its owner alone, and renamed at the end. A
process holds a lock on its temporaries. Those without one were left by a process that was killed: the next write to
the same target removes them.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from udt.core.errors import DataError
from udt.core.shutdown import last_acts

_LONGEST_NAME = 40  # of a temporary; names of files are limited to 255 bytes
_TEMPORARY, _REPLACED = ".tmp", ".old"
_RANDOM = 8  # characters in the name of a temporary
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_ANOTHER = "give another place, or change its permissions"

_in_use: set[Path] = set()


@contextmanager
def atomic_output(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` when the block ends without an error; else `path` is unchanged.

    The permissions are those of the file that is replaced, or of any new file. A pipe or device is written to directly,
    since it cannot be replaced.

    :param private: whether the file is readable by its owner alone, also if it replaces one that is not.
    :raises DataError: if the parent folder does not exist or may not be written to, `path` is a folder, or the disk is
        full.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise DataError(f"{path}: the folder {path.parent} does not exist; create it first")
    if path.exists() and not path.is_file():
        with path.open("wb") as handle:
            yield handle
        return
    target = path.resolve()
    _remove_stale(target)
    with _temporary(target, _new_file) as temporary:
        with temporary.open("wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        if not private:
            temporary.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)


@contextmanager
def atomic_folder(path: Path, mark: str, kind: str, *, overwrite: bool = False) -> Iterator[Path]:
    """Create a temporary folder that replaces `path` when the block ends without an error; else `path` is unchanged.

    :param mark: name of the file that identifies such a folder; a folder without it is never replaced.
    :param kind: text that this file has to contain, e.g. the name of its schema.
    :param overwrite: whether an existing folder may be replaced.
    :raises DataError: if `path` exists and may not be replaced, its parent does not exist or may not be written to, or
        the disk is full.
    """
    target = path.resolve()
    if target.parent.is_dir():
        _remove_stale(target)
    check_folder(path, mark, kind, overwrite=overwrite)
    with _temporary(target, _new_folder) as temporary:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        _replace_folder(temporary, target)


def make_folder(path: Path) -> None:
    """Create a folder for output, with its parents, unless it is there.

    :raises DataError: if it cannot be created or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{path}: {_no_folder(error)}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise DataError(f"{path}: may not be written to; {_ANOTHER}")


def _no_folder(error: OSError) -> str:
    return f"cannot be created ({error.strerror}); {_ANOTHER}"


def remove_temporaries() -> None:
    """Remove the temporaries of this process; the last act of a process that ends at once."""
    for path in _in_use:
        _remove(path)


last_acts.append(remove_temporaries)


def check_folder(path: Path, mark: str, kind: str, *, overwrite: bool = False) -> None:
    """Check that `atomic_folder` may write `path`, with the same parameters, before work that takes long.

    :raises DataError: if it may not.
    """
    target = path.resolve()
    if not target.parent.is_dir():
        raise DataError(f"{path}: the folder {target.parent} does not exist; create it first")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise DataError(f"{path}: the folder {target.parent} may not be written to; {_ANOTHER}")
    if not target.exists():
        return
    if not target.is_dir():
        raise DataError(f"{path}: is a file; give the name of a folder")
    if not any(target.iterdir()):
        return
    if not (target / mark).is_file() or kind.encode() not in (target / mark).read_bytes():
        raise DataError(f"{path}: holds other files and no {mark} of {kind}; give a new folder, or empty this one")
    if not overwrite:
        raise DataError(f"{path}: is there already; give another folder, or allow it to be replaced (--overwrite)")


def _replace_folder(temporary: Path, target: Path) -> None:
    """Rename `temporary` to `target`. If the process is killed in between, `_remove_stale` puts the old one back."""
    if not target.exists():
        temporary.rename(target)
        return
    old = temporary.with_suffix(_REPLACED)
    lock = _lock(target)
    target.rename(old)
    try:
        temporary.rename(target)
    except OSError:
        old.rename(target)
        raise
    _remove(old)
    if lock is not None:
        os.close(lock)


@contextmanager
def _temporary(target: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Create a temporary beside `target`, lock it, and remove it at the end unless it was renamed.

    It is noted before it is created, so that an interruption in between leaves nothing behind.
    """
    lock = None
    while lock is None:
        path = target.parent / f"{_prefix(target)}{secrets.token_hex(_RANDOM // 2)}{_TEMPORARY}"
        _in_use.add(path)
        try:
            make(path)
        except OSError as error:
            _in_use.discard(path)
            raise DataError(f"{target}: {_no_folder(error)}") from error
        lock = _lock(path)
        if lock is not None and not path.exists():  # another process took it for stale before it was locked
            os.close(lock)
            lock = None
    try:
        yield path
    except OSError as error:
        if error.errno not in _FULL:
            raise
        hint = "free some space, or give another place, and run the command again"
        raise DataError(f"{target}: cannot be written: {error.strerror}; {hint}") from error
    finally:
        _remove(path)
        _in_use.discard(path)
        os.close(lock)


def _prefix(target: Path) -> str:
    return f".{target.name.encode()[:_LONGEST_NAME].decode(errors='ignore')}."


def _new_file(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))


def _new_folder(path: Path) -> None:
    path.mkdir(0o700)


def _lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock on a file or folder, or None if that is gone or in use."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_stale(target: Path) -> None:
    """Remove the temporaries for `target` that killed processes left; put a folder back that was being replaced."""
    for suffix in (_REPLACED, _TEMPORARY):
        for path in target.parent.glob(f"{glob.escape(_prefix(target))}{'?' * _RANDOM}{suffix}"):
            lock = _lock(path)
            if lock is None:
                continue
            if suffix == _REPLACED and not target.exists():
                path.rename(target)
            else:
                _remove(path)
            os.close(lock)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
