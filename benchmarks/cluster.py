"""The cost of the work that `--cluster ray` spreads: processor time of the workers, and of the process driving them.

Run it as `python benchmarks/cluster.py`; README.md in this folder says what it does.
"""

from __future__ import annotations

import gc
import io
import json
import pickle
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import captions as made
import click
import numpy as np
from PIL import Image
from rounds import surroundings
from sqlalchemy import update

from udt.clip.phantom.drawing import draw_phantom
from udt.core.executors import each
from udt.core.labels import LabelSet
from udt.core.ray_cluster import open_ray
from udt.core.tally import Tally
from udt.io.parallel import normalize_lines
from udt.io.readers import stop
from udt.io.writers.registry import writer
from udt.records.database.curation_models import MediaState
from udt.records.database.database import Database
from udt.records.database.models import Source
from udt.records.extraction.engines import EngineName
from udt.records.extraction.run import ExtractionOutcome, extract
from udt.records.extraction.setup import EngineOpener, ModelAccess, open_engine
from udt.records.importing.image_files import read_image_files
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import find_importer
from udt.records.media.case_names import case_rule
from udt.records.media.decisions import accept_media, media_rows
from udt.records.media.frame_files import FrameRequest, write_frames
from udt.records.media.importing import import_media
from udt.records.quality.copies import find_copies
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "cluster.json"
_CHARACTERS = 600  # of a report
_SIZE = (640, 480)
_RATE, _SECONDS = 15, 6  # frames a second, and length, of a clip
_CLIPS = 4
_SEED = 2026
_ITEMS = 10_000_000
_HOUR = 3600


@dataclass
class Metered:
    """An executor in this process that measures the work apart from the rest.

    Batches and results are pickled, as on their way to a worker and back.

    :ivar worked: seconds of the work, without its preparation, which a worker makes once.
    :ivar batches: number of batches so far.
    """

    here = False
    worked: float = 0.0
    batches: int = 0

    def map_batches(self, prepare: Any, batches: Iterable[Any]) -> Iterator[tuple[Any, Iterator[Any]]]:
        work = prepare()
        for batch in batches:
            self.batches += 1
            sent = pickle.dumps(batch)
            started = time.process_time()
            back = pickle.dumps(list(work(pickle.loads(sent))))
            self.worked += time.process_time() - started
            yield batch, iter(pickle.loads(back))

    def map_each(self, do: Any, batches: Iterable[Any]) -> Iterator[tuple[Any, Iterator[Any]]]:
        return self.map_batches(each(do), batches)


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time for a thousand items.

    :ivar driver: of the process that reads the input, hands the batches to Ray and writes the output.
    """

    unit: str
    worker: float
    driver: float

    def to_dict(self, price: float) -> dict[str, Any]:
        hours = (self.worker + self.driver) * _ITEMS / 1000 / _HOUR
        return {
            "unit": self.unit,
            "worker_seconds_per_1000": round(self.worker, 3),
            "driver_seconds_per_1000": round(self.driver, 3),
            "workers_kept_busy": max(1, round(self.worker / self.driver)),
            "core_hours_per_10_million": round(hours, 1),
            "price_per_10_million": round(hours * price, 2),
        }


def measured(unit: str, rounds: int, a_batch: float, work: Callable[[Metered], int]) -> Cost:
    """The cost of work that returns the number of its items: the least of some rounds, since others use the machine.

    `a_batch` is what Ray takes for a batch in the process that drives it, in seconds.
    """
    found = []
    for _ in range(rounds):
        gc.collect()
        meter, started = Metered(), time.process_time()
        items = work(meter)
        total = time.process_time() - started
        driven = total - meter.worked + meter.batches * a_batch
        found.append((meter.worked * 1000 / items, driven * 1000 / items))
    return Cost(unit, *(min(values) for values in zip(*found, strict=True)))


def normalized(meter: Metered, texts: Sequence[str]) -> int:
    """Normalise reports to JSON Lines."""
    report_writer = writer("jsonl")
    items = ((str(number), text) for number, text in enumerate(texts))
    parts = normalize_lines(items, workers=1, extensions=(), encode=report_writer.encode, executor=meter)
    return report_writer.write(parts, io.BytesIO())


def extracted(meter: Metered, database: Path, taxonomy: Taxonomy) -> int:
    """Extract labels from reports that are in a database."""
    outcome, opener = ExtractionOutcome(), EngineOpener(EngineName.RULES, ModelAccess())
    with fresh(database) as copy, open_engine(EngineName.RULES, taxonomy, ModelAccess()) as engine:
        extract(copy, engine, taxonomy, outcome, executor=meter, prepare=opener)
    return outcome.captions.read


def hashed(meter: Metered, folder: Path) -> int:
    """Hash content and look of images whose rows are in a database, as their import does."""
    tally = Tally()
    with fresh(folder / "images.db") as copy:
        for _ in read_image_files(copy, "images", tally, meter):
            pass
    return tally.read


def copies(meter: Metered, folder: Path) -> int:
    """Search for copies among images that were hashed."""
    tally = Tally()
    with Database.open(str(folder / "hashed.db")) as database:
        find_copies(database, tally, lambda *_: None, executor=meter)
    return tally.read


def imported_media(meter: Metered, folder: Path) -> int:
    """Import clips: all frames are decoded."""
    (folder / "media.db").unlink(missing_ok=True)
    with Database.open(str(folder / "media.db"), create=True) as database:
        import_media(database, folder / "clips", "clips", case_rule("file"), executor=meter)
        with database.writing() as connection:
            accept_media(connection, [row["id"] for state in MediaState for row in media_rows(connection, state)])
    return _CLIPS * _RATE * _SECONDS


def frames(meter: Metered, folder: Path, number: Iterator[int]) -> int:
    """Write a frame of the clips every half second."""
    request = FrameRequest(folder / f"frames-{next(number)}", 0.5, 0)
    with fresh(folder / "media.db") as copy:
        return write_frames(copy, request, executor=meter).frames.read


class fresh:
    """A copy of a database, which is closed and deleted at the end of the block."""

    def __init__(self, path: Path) -> None:
        self._copy = path.with_name(f"copy-{path.name}")
        self._copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(self._copy)) as other:
            one.backup(other)

    def __enter__(self) -> Database:
        self._database = Database.open(str(self._copy))
        return self._database.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._database.__exit__(*error)
        self._copy.unlink()


def write_clips(folder: Path, taxonomy: Taxonomy) -> None:
    """Write clips of moving phantoms, as H.264 in MP4."""
    import av

    labels = LabelSet.of({"organ": ["Thyroid gland"]}, taxonomy.vocabulary)
    folder.mkdir()
    for clip in range(_CLIPS):
        still = draw_phantom(labels, taxonomy.vocabulary, np.random.default_rng(clip), _SIZE, frame="sector")
        with av.open(str(folder / f"{clip}.mp4"), "w") as container:
            track = container.add_stream("libx264", rate=_RATE)
            track.width, track.height = _SIZE
            track.pix_fmt = "yuv420p"
            for number in range(_RATE * _SECONDS):
                moved = Image.fromarray(np.roll(np.asarray(still.convert("RGB")), 2 * number, axis=0))
                container.mux(track.encode(av.VideoFrame.from_image(moved)))
            container.mux(track.encode(None))


def store_images(folder: Path, taxonomy: Taxonomy, count: int) -> None:
    """Write phantoms as PNG, a database with their rows alone, and one with their hashes, too."""
    labels = LabelSet.of({"organ": ["Thyroid gland"]}, taxonomy.vocabulary)
    (folder / "images").mkdir()
    rows = []
    for number in range(count):
        drawn = draw_phantom(labels, taxonomy.vocabulary, np.random.default_rng(number), _SIZE, frame="sector")
        drawn.save(folder / "images" / f"{number}.png")
        rows.append({"case": number, "image": f"{number}.png"})
    request = request_of(write_rows(folder / "images.jsonl", rows), taxonomy)
    for name, root in (("images.db", None), ("hashed.db", folder / "images")):
        with Database.open(str(folder / name), create=True) as database:
            run_import(database, request(images=root), taxonomy, stop, lambda *_: None)
    with Database.open(str(folder / "images.db")) as database, database.writing() as connection:
        connection.execute(update(Source).values(root=str(folder / "images")))


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def request_of(path: Path, taxonomy: Taxonomy) -> Callable[..., Request]:
    importer = find_importer(path)
    mapping = importer.mapping(taxonomy)
    return partial(Request, path.stem, importer.open(path), mapping)


def batch_seconds(batches: int = 256, size: int = 100_000) -> float:
    """Seconds of this process that Ray takes for a batch, beyond those of its work."""
    content = "x" * size
    with open_ray("local", 2) as cluster:
        list(cluster.map_batches(lambda: list, [["warm"]] * 8))
        started = time.process_time()
        for _, found in cluster.map_batches(lambda: list, ([content] for _ in range(batches))):
            list(found)
        return (time.process_time() - started) / batches


@click.command()
@click.option("--reports", default=1000, show_default=True, type=click.IntRange(min=10))
@click.option("--images", default=100, show_default=True, type=click.IntRange(min=10))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--price", default=0.04, show_default=True, help="Price of a core for an hour.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
def main(reports: int, images: int, rounds: int, price: float, out: Path) -> None:
    """Measure the work, and compute what ten million of its items take."""
    taxonomy = Taxonomy.load()
    sentences = made.captions(taxonomy, _SEED)
    texts = [made.report(sentences, _CHARACTERS, " ", ".") for _ in range(reports)]
    a_batch, costs = batch_seconds(), dict[str, Cost]()
    with tempfile.TemporaryDirectory(prefix="udt-cluster-") as name:
        folder = Path(name)
        cost = partial(measured, rounds=rounds, a_batch=a_batch)
        table = write_rows(folder / "reports.jsonl", ({"case": n, "caption": text} for n, text in enumerate(texts)))
        with Database.open(str(folder / "reports.db"), create=True) as database:
            run_import(database, request_of(table, taxonomy)(), taxonomy, stop, lambda *_: None)
        store_images(folder, taxonomy, images)
        write_clips(folder / "clips", taxonomy)
        numbers = iter(range(rounds))
        costs["normalize"] = cost("reports", work=lambda meter: normalized(meter, texts))
        costs["extract"] = cost("reports", work=lambda meter: extracted(meter, folder / "reports.db", taxonomy))
        costs["hashes"] = cost("images", work=lambda meter: hashed(meter, folder))
        costs["copies"] = cost("images", work=lambda meter: copies(meter, folder))
        costs["import-media"] = cost("frames decoded", work=lambda meter: imported_media(meter, folder))
        costs["frames"] = cost("frames written", work=lambda meter: frames(meter, folder, numbers))
    result = {
        **surroundings(["udt-toolkit", "ray"]),
        "characters_of_a_report": _CHARACTERS,
        "image": list(_SIZE),
        "clip": {"frames_a_second": _RATE, "seconds": _SECONDS},
        "price_of_a_core_hour": price,
        "driver_seconds_per_batch": round(a_batch, 4),
        "work": {name: cost.to_dict(price) for name, cost in costs.items()},
    }
    out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    for name, found in costs.items():
        click.echo(f"{name:<14}{found.worker:8.2f} s worker, {found.driver:6.2f} s driver for 1,000 {found.unit}")


if __name__ == "__main__":
    main()
