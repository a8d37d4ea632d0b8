"""Contact sheets of samples and pages of image pairs, as PNG or as an HTML page that needs no other file."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image as Pillow
from sqlalchemy import Connection, select

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.core.images import ImageError
from udt.core.tally import Tally
from udt.core.texts import shortened
from udt.records.browsing.selection import ListedSample
from udt.records.database.models import Case, Image, Source
from udt.records.quality.copies import ImageCopy
from udt.records.stored_images import record_image, small_copy

_SIDE = 320
_CHARACTERS, _LINES = 50, 9  # of the text below a picture in a PNG
_TITLE = 40  # characters in a line of the title, of which there are at most two
_WIDTH, _HEAD, _LINE = 2.6, 3.0, 0.11  # inches
_PAIR = 2
_HTML, _PNG = ".html", ".png"
_NO_GLYPH = "Glyph .* missing from (current )?font"


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture with a title and texts."""

    image: Pillow.Image
    title: str
    texts: Sequence[str]


def sample_tiles(samples: Iterable[ListedSample], tally: Tally) -> list[Tile]:
    """Return the tiles of samples with an image: the caption and the labels.

    :param tally: counts the samples, and those whose image cannot be shown.
    """
    tiles = []
    for sample in samples:
        if sample.image is None:
            tally.leave_out("without an image")
            continue
        image = _small(sample.root, sample.image, sample.sha256, tally)
        if image is not None:
            labels = " · ".join(label for found in sample.labels.values() for label in found)
            title = f"{sample.id} · {sample.source} · case {sample.case}"
            tiles.append(Tile(image, title, [text for text in (sample.caption, labels) if text]))
    return tiles


def pair_tiles(connection: Connection, copies: Sequence[ImageCopy], tally: Tally) -> list[Tile]:
    """Return two tiles for each pair of images.

    :param tally: counts the images, and those that cannot be shown; their pairs are left out.
    """
    places = _places(connection, {id for one in copies for id in (one.image, one.copy)})
    tiles = []
    for one in copies:
        pair = [(places[id], _small(*places[id][2:], tally)) for id in (one.image, one.copy)]
        shown = [(place, image) for place, image in pair if image is not None]
        if len(shown) == len(pair):
            notes = ("", f"{one.kind}, {one.distance} bits")
            tiles += [
                Tile(image, f"{place[0]} · {place[3]}", [f"case {place[1]}", *([note] if note else [])])
                for (place, image), note in zip(shown, notes, strict=True)
            ]
    return tiles


def write_tiles(path: Path, title: str, tiles: Sequence[Tile], columns: int) -> None:
    """Write tiles, atomically, as a picture (`.png`) or a page (`.html`).

    :param columns: number of tiles beside each other in a picture.
    :raises DataError: if there are no tiles, or the suffix is another one.
    """
    writers: dict[str, Callable[[], bytes]] = {
        _HTML: lambda: _page(title, tiles, columns),
        _PNG: lambda: _picture(tiles, columns),
    }
    check_tile_file(path)
    if not tiles:
        raise DataError(
            "there are no images to show; choose other samples, or import the data set with its images (--images DIR)"
        )
    content = writers[path.suffix]()
    with atomic_output(path) as handle:
        handle.write(content)


def check_tile_file(path: Path) -> None:
    """Check that tiles can be written to a file, before images are read.

    :raises DataError: if it has another suffix than `.html` or `.png`, or its folder does not exist.
    """
    if path.suffix not in (_HTML, _PNG):
        raise DataError(f"{path}: has the suffix '{path.suffix}'; allowed: {_HTML}, {_PNG}")
    if not path.parent.is_dir():
        raise DataError(f"{path}: the folder {path.parent} does not exist; create it first")


def _page(title: str, tiles: Sequence[Tile], columns: int) -> bytes:
    from udt.reporting.html import card, cards, page, paragraph, thumbnails

    groups = [tiles] if columns != _PAIR else [tiles[i : i + _PAIR] for i in range(0, len(tiles), _PAIR)]
    parts = []
    for group in groups:
        made = [
            card([thumbnails([(_png(one.image), one.title, False)]), paragraph(one.title), *map(paragraph, one.texts)])
            for one in group
        ]
        parts.append(cards(made))
    return page(title, parts).encode()


def _picture(tiles: Sequence[Tile], columns: int) -> bytes:
    from matplotlib import font_manager, rc_context

    from udt.reporting.charts import Figure, png
    from udt.reporting.fonts import FONTS

    installed = set(font_manager.get_font_names())
    families: Any = [name for name in FONTS if name in installed] or ["sans-serif"]
    rows, columns = -(-len(tiles) // columns), min(columns, len(tiles))
    texts = [_wrapped(tile.texts) for tile in tiles]
    height = _HEAD + _LINE * max(text.count("\n") + 1 for text in texts)
    with rc_context({"font.family": families, "text.parse_math": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", _NO_GLYPH)
        figure = Figure(figsize=(_WIDTH * columns, height * rows), layout="constrained")
        places = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, tile, text in zip(places, tiles, texts, strict=False):
            axes.imshow(tile.image)
            axes.set_anchor("N")
            axes.set_title(textwrap.fill(shortened(tile.title, 2 * _TITLE - 10), _TITLE), fontsize=6.5, loc="left")
            axes.set_xlabel(text, fontsize=5.5, loc="left")
        for axes in figure.axes:
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
        return png(figure)


def _wrapped(texts: Iterable[str]) -> str:
    lines = [line for text in texts for line in textwrap.wrap(text, _CHARACTERS)]
    return "\n".join([*lines[:_LINES], "…"] if len(lines) > _LINES else lines)


def _small(root: str | None, path: str, sha256: str | None, tally: Tally) -> Pillow.Image | None:
    try:
        image = small_copy(record_image(root, path, sha256), _SIDE, path)
    except ImageError as error:
        tally.leave_out(f"image: {error.refusal}", str(error))
        return None
    tally.read += 1
    return image


def _places(
    connection: Connection, images: Iterable[int]
) -> Mapping[int, tuple[str, str, str | None, str, str | None]]:
    """Return source, case, image folder, path and SHA-256 of images."""
    query = select(Image.id, Source.name, Case.key, Source.root, Image.path, Image.sha256)
    query = query.join(Case, Image.case_id == Case.id).join(Source, Case.source_id == Source.id)
    rows = connection.execute(query.where(Image.id.in_(list(images))))
    return {id: (source, case, root, path, sha256) for id, source, case, root, path, sha256 in rows}


def _png(image: Pillow.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
