"""Samples that models find or miss, drawn for a gallery."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from udt.bundle.images import stored_image
from udt.bundle.reader import Bundle
from udt.clip.evaluation.comparison import Comparison
from udt.clip.evaluation.retrieval import LISTED, Retrieval, Way
from udt.core.images import decode_image

_EDGE = 160  # pixels


@dataclass(frozen=True, slots=True)
class Listed:
    """The closest candidates of a query in one model.

    :ivar samples: of each candidate, from the closest.
    :ivar hits: whether each has the caption of the query.
    """

    model: str
    samples: tuple[int, ...]
    hits: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A query with its closest candidates in each model."""

    sample: int
    listed: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class ExampleGroup:
    """Queries with the same pattern of hits.

    :ivar title: the pattern, e.g. `found by a, not by b`.
    :ivar samples: number of all such queries; `examples` are some of them.
    """

    title: str
    samples: int
    examples: tuple[Example, ...]


def example_groups(found: Comparison, way: Way, count: int, seed: int = 0) -> list[ExampleGroup]:
    """Group the queries by which models list the caption of the query among the closest candidates.

    :param count: maximum number of examples of a group, drawn with `seed`.
    """
    models = [(one.name, one.entry.retrieval) for one in found.columns[: found.models]]
    chosen = [(name, retrieval) for name, retrieval in models if retrieval is not None]
    hits = np.stack([_hits(retrieval, way, found.captions) for _, retrieval in chosen])
    order = np.random.default_rng(seed).permutation(len(found.rows))
    patterns: NDArray[np.bool_] = np.any(hits, axis=2).T
    groups = []
    shown: list[list[bool]] = patterns.tolist()
    for pattern in sorted({tuple(row) for row in shown}, reverse=True):
        same = [int(sample) for sample in order if tuple(shown[sample]) == pattern]
        examples = tuple(_example(sample, chosen, hits, way) for sample in same[:count])
        groups.append(ExampleGroup(_title(pattern, [name for name, _ in chosen]), len(same), examples))
    return groups


def _hits(retrieval: Retrieval, way: Way, captions: Sequence[str]) -> NDArray[np.bool_]:
    """Return whether each of the closest candidates has the caption of the query, (N, `LISTED`)."""
    closest = retrieval.closest[way]
    found = np.zeros((len(closest), LISTED), dtype=bool)
    for query, listed in enumerate(closest):
        found[query, : len(listed)] = [captions[sample] == captions[query] for sample in listed]
    return found


def _example(sample: int, models: Sequence[tuple[str, Retrieval]], hits: NDArray[np.bool_], way: Way) -> Example:
    listed = []
    for number, (name, retrieval) in enumerate(models):
        closest = tuple(retrieval.closest[way][sample].tolist())
        listed.append(Listed(name, closest, tuple(hits[number, sample, : len(closest)].tolist())))
    return Example(sample, tuple(listed))


def _title(pattern: Sequence[bool], names: Sequence[str]) -> str:
    found, missed = ([name for name, hit in zip(names, pattern, strict=True) if hit is one] for one in (True, False))
    if not found:
        return f"missed by {' and '.join(missed)}"
    return f"found by {' and '.join(found)}" + (f", not by {' or '.join(missed)}" if missed else "")


def thumbnail(bundle: Bundle, row: int, image_root: Path | None) -> bytes:
    """Read the image of a sample, at most 160 pixels wide and high, as PNG.

    :raises udt.core.errors.DataError: if it cannot be read.
    """
    image = decode_image(stored_image(bundle.image(row) or b"", image_root), "RGB", row)
    image.thumbnail((_EDGE, _EDGE))
    target = io.BytesIO()
    image.save(target, "png")
    return target.getvalue()
