"""Write a release: checks, layouts, statistics, data card and checksums, as one new folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from udt.core.atomic import atomic_folder, check_folder
from udt.core.errors import DataError
from udt.core.hashing import file_sha256
from udt.core.near_duplicates import DISTANCE
from udt.core.tally import Tally
from udt.core.version import __version__
from udt.core.vocabulary import Vocabulary
from udt.records.database.database import Database
from udt.records.database.models import Sample
from udt.records.quality.copies import find_copies
from udt.records.quality.duplicates import find_groups, store_groups
from udt.records.quality.plots import write_plots
from udt.records.quality.splitting import RATIOS, split_samples
from udt.records.release.card import data_card
from udt.records.release.content import ReleasedSample, released
from udt.records.release.counts import ReleaseCounts
from udt.records.release.gate import (
    Allowance,
    Obstacle,
    count_left_out,
    image_obstacles,
    obstacles,
    refuse_obstacles,
)
from udt.records.release.layouts import OnProgress, write_huggingface, write_us365k

SCHEMA = "udt-release/1"
MANIFEST, SUMS, CARD, STATISTICS = "release.json", "SHA256SUMS", "README.md", "statistics"
_HUGGING_FACE = "huggingface"

Layout = Callable[[Path, Connection, Vocabulary, OnProgress], None]
"""Writes a layout into an existing folder."""


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """Options of a release.

    :ivar name: of the data set, in its card.
    :ivar layouts: name of a layout, which becomes a folder of the release, to its writer.
    :ivar ratios: shares of train, valid and test, if the samples have no split yet.
    :ivar allowed: reasons against the release that are allowed.
    """

    name: str
    layouts: Mapping[str, Layout]
    ratios: Sequence[float] = RATIOS
    seed: int = 0
    distance: int = DISTANCE
    allowed: Collection[Allowance] = ()
    overwrite: bool = False


@dataclass(slots=True)
class Released:
    """Outcome of a release.

    :ivar samples: samples found, released and left out.
    :ivar images: images that were compared with their copies, and those that could not be read.
    :ivar copies: pairs of rotated, mirrored and cropped copies, which are in one split.
    :ivar splits: cases and samples of each split.
    :ivar allowed: the obstacles that were allowed.
    """

    samples: Tally = field(default_factory=Tally)
    images: Tally = field(default_factory=Tally)
    copies: int = 0
    splits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    allowed: list[Obstacle] = field(default_factory=list)


def us365k(folder: Path, connection: Connection, vocabulary: Vocabulary, on_progress: OnProgress) -> None:
    """Write the layout of US-365K."""
    write_us365k(folder, released(connection, vocabulary), vocabulary, on_progress)


def huggingface(folder: Path, connection: Connection, vocabulary: Vocabulary, on_progress: OnProgress) -> None:
    """Write the layout of Hugging Face datasets."""
    write_huggingface(folder, released(connection, vocabulary), vocabulary, on_progress)


def write_release(
    database: Database, out: Path, vocabulary: Vocabulary, request: ReleaseRequest, on_progress: OnProgress
) -> Released:
    """Write a release to the folder `out`, atomically. The same database and files give the same bytes.

    Samples that have no split yet are divided, with near-duplicates and copies in one split.

    :param vocabulary: the labels to release.
    :raises DataError: if something is against the release, with all reasons, or `out` exists and may not be replaced.
        The database is unchanged then.
    """
    check_folder(out, MANIFEST, SCHEMA, overwrite=request.overwrite)
    done = Released()
    with database.reading() as connection:
        count_left_out(connection, done.samples)
        if not done.samples.read:
            raise DataError("there are no samples to release: none has both an image and a caption")
        faults = image_obstacles(_checkable(connection, vocabulary), on_progress)
    copies = find_copies(database, done.images, on_progress, request.distance)
    groups, done.copies = find_groups(database, request.distance, copies), len(copies)
    with database.writing() as connection:
        store_groups(connection, groups)
        _split(connection, request)
        done.allowed = refuse_obstacles(obstacles(connection) + faults, request.allowed)
    written = atomic_folder(out, MANIFEST, SCHEMA, overwrite=request.overwrite)
    with database.reading() as connection, written as folder:
        _write(folder, connection, vocabulary, request, done, on_progress)
    return done


def _checkable(connection: Connection, vocabulary: Vocabulary) -> Iterator[ReleasedSample]:
    """Yield the samples whose image was read at the import; the others are an obstacle of their own."""
    return (sample for sample in released(connection, vocabulary) if sample.sha256 is not None)


def _split(connection: Connection, request: ReleaseRequest) -> None:
    samples, divided = connection.execute(select(func.count(), func.count(Sample.split)).select_from(Sample)).one()
    if samples and not divided:
        split_samples(connection, request.ratios, request.seed)


def _write(
    folder: Path,
    connection: Connection,
    vocabulary: Vocabulary,
    request: ReleaseRequest,
    done: Released,
    on_progress: OnProgress,
) -> None:
    counts = ReleaseCounts.of(released(connection, vocabulary))
    done.splits = counts.splits
    numbers = counts.statistics(vocabulary)
    write_plots(numbers, folder / STATISTICS)
    (folder / STATISTICS / "statistics.json").write_text(_json(numbers.to_dict()), "utf-8")
    for name, layout in request.layouts.items():
        (folder / name).mkdir()
        layout(folder / name, connection, vocabulary, on_progress)
    card = partial(data_card, request.name, counts, vocabulary, sorted(request.layouts), done.allowed)
    huggingface_too = _HUGGING_FACE in request.layouts
    (folder / CARD).write_text(card(f"{_HUGGING_FACE}/" if huggingface_too else None), "utf-8")
    if huggingface_too:
        (folder / _HUGGING_FACE / CARD).write_text(card(""), "utf-8")
    (folder / MANIFEST).write_text(_json(_manifest(request, counts, vocabulary, done)), "utf-8")
    _write_sums(folder)


def _manifest(request: ReleaseRequest, counts: ReleaseCounts, vocabulary: Vocabulary, done: Released) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "name": request.name,
        "udt": __version__,
        "taxonomy": {"version": vocabulary.version, "digest": vocabulary.digest},
        "layouts": sorted(request.layouts),
        "samples": done.samples.to_dict(),
        "splits": {name: {"cases": cases, "samples": samples} for name, (cases, samples) in counts.splits.items()},
        "sources": [
            {"name": name, "samples": counts.sources[name], "licence": counts.licences[name]}
            for name in sorted(counts.sources)
        ],
        "copies_in_one_split": done.copies,
        "allowed": [one.fact for one in done.allowed],
    }


def _write_sums(folder: Path) -> None:
    """Write the checksums of all files in the form that `sha256sum --check` reads."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = (f"{file_sha256(folder / name)}  {name}\n" for name in files)
    (folder / SUMS).write_text("".join(lines), "utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
