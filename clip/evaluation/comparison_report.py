"""The page of a comparison: the table, and a gallery of hits and misses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from udt.bundle.reader import Bundle
from udt.clip.evaluation.comparison import Comparison, header, rows, summary
from udt.clip.evaluation.gallery import Example, ExampleGroup, Listed, example_groups, thumbnail
from udt.clip.evaluation.retrieval import LISTED, Way
from udt.clip.evaluation.tables import unbroken
from udt.core.atomic import atomic_output
from udt.reporting.html import card, cards, heading, listed_texts, page, paragraph, table, thumbnails

COMPARISON_REPORT = "comparison.html"

_EXAMPLES = 3

Thumbnail = Callable[[int], bytes]


def write_comparison_report(
    found: Comparison, bundle: Bundle, folder: Path, image_root: Path | None = None, seed: int = 0
) -> Path:
    """Write the page to a folder, which is created if it is missing; return its path.

    :param bundle: of the samples.
    :param seed: of the choice of examples.
    :raises udt.core.errors.DataError: if an image cannot be read, or the page cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    html = page("Comparison of models", _parts(found, bundle, image_root, seed))
    with atomic_output(folder / COMPARISON_REPORT) as handle:
        handle.write(html.encode())
    return folder / COMPARISON_REPORT


def _parts(found: Comparison, bundle: Bundle, image_root: Path | None, seed: int) -> Iterator[str]:
    @cache
    def shown(sample: int) -> bytes:
        return thumbnail(bundle, found.rows[sample], image_root)

    for sentence in summary(found):
        yield paragraph(f"{sentence[0].upper()}{sentence[1:]}.")
    yield table(unbroken(rows(found, found.measures)), header(found))
    for one in found.columns[found.models :]:
        yield paragraph(f"{one.name}: {one.entry.detail}.")
    titles: dict[Way, str] = {"image_to_text": "Captions for images", "text_to_image": "Images for captions"}
    for way, title in titles.items():
        yield heading(title)
        yield paragraph(
            f"A query is found if a candidate with its caption, which is marked, is among the {LISTED} closest. Images "
            "of the bundle are embedded in this page; treat it as confidentially as the bundle."
        )
        for group in example_groups(found, way, _EXAMPLES, seed):
            yield from _group(group, found, way, shown)


def _group(group: ExampleGroup, found: Comparison, way: Way, shown: Thumbnail) -> Iterator[str]:
    yield paragraph(f"{group.title[0].upper()}{group.title[1:]}: {group.samples:,} of {len(found.rows):,}.")
    yield cards(_card(example, found, way, shown) for example in group.examples)


def _card(example: Example, found: Comparison, way: Way, shown: Thumbnail) -> str:
    caption = found.captions[example.sample]
    own = thumbnails([(shown(example.sample), caption, False)])
    parts: list[str] = [own, paragraph(f"{caption} (case {found.cases[example.sample]})")]
    for one in example.listed:
        parts += [paragraph(f"{one.model}:"), _candidates(one, found, way, shown)]
    return card(parts)


def _candidates(one: Listed, found: Comparison, way: Way, shown: Thumbnail) -> str:
    pairs = list(zip(one.samples, one.hits, strict=True))
    if way == "image_to_text":
        return listed_texts([(found.captions[sample], hit) for sample, hit in pairs])
    return thumbnails([(shown(sample), found.captions[sample], hit) for sample, hit in pairs])
