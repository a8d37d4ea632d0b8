"""Write a corpus to one file, N-Quads or TriG, that other triple stores load."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox
from sqlalchemy import Connection

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.corpus.corpus import Corpus, CorpusSummary, as_stream

FORMATS: Mapping[str, ox.RdfFormat] = {"nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG}
"""Name of a format, which is the suffix of its files, to the format."""
_GZIP = ".gz"


def format_of(path: Path) -> str:
    """Return the format of a file by its name: `corpus.nq`, `corpus.trig`, or one of these with `.gz`.

    :raises DataError: if the name has another ending.
    """
    suffix = Path(path.name.removesuffix(_GZIP)).suffix.removeprefix(".").lower()
    if suffix not in FORMATS:
        allowed = " or ".join(f".{name}" for name in FORMATS)
        raise DataError(
            f"{path}: its name has no ending of a format; end it in {allowed} (or {_GZIP} after it), or give --format"
        )
    return suffix


def write_dump(
    connection: Connection,
    out: Path,
    form: str | None = None,
    extensions: Iterable[Path] = (),
    *,
    base_iri: str | None = None,
    evidence: bool = True,
    overwrite: bool = False,
) -> CorpusSummary:
    """Write the records of a database to the file `out`, atomically, compressed if it ends in `.gz`.

    :param form: a key of `FORMATS`; without one, that of the file's name.
    :param overwrite: whether a file may be replaced.
    :raises DataError: if `out` exists and may not be replaced, the format is unknown, there are no samples, or a record
        has a label that the taxonomy lacks; or as `Corpus`.
    :raises TaxonomyError: as `Corpus`.
    """
    chosen = FORMATS[form or format_of(out)]
    if out.exists() and not overwrite:
        raise DataError(f"{out}: is there already; give another file, or allow it to be replaced (--overwrite)")
    corpus = Corpus(connection, extensions, base_iri, evidence=evidence)
    counted = _Counted(corpus)
    with atomic_output(out) as handle, _compressed(handle, out) as file:
        if chosen == ox.RdfFormat.N_QUADS:
            file.writelines(line.encode() for line in counted.lines())
        else:
            ox.serialize(counted.quads(), file, format=chosen, prefixes=dict(corpus.prefixes))
        return corpus.summary(counted.number)


@contextmanager
def _compressed(handle: IO[bytes], out: Path) -> Iterator[IO[bytes]]:
    """Compress a file that is to be so, without the time, so that the same records give the same bytes."""
    if out.suffix != _GZIP:
        yield handle
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=handle, mtime=0) as file:
        yield cast("IO[bytes]", file)


class _Counted:
    """The statements of a corpus, counted as they go by.

    :ivar number: statements so far.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.number = 0

    def lines(self) -> Iterator[str]:
        """Yield all statements as N-Quads."""
        for quad in self._corpus.default:
            self.number += 1
            yield f"{quad} .\n"
        for text in self._corpus.records():
            self.number += text.count("\n")
            yield text

    def quads(self) -> Iterator[ox.Quad]:
        """Yield all statements."""
        for quad in self._corpus.default:
            self.number += 1
            yield quad
        for quad in ox.parse(as_stream(self._corpus.records()), format=ox.RdfFormat.N_QUADS):
            self.number += 1
            yield quad
