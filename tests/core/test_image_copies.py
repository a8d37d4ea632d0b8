"""Hashes of rotated, mirrored and cropped copies, against copies that are made; the index against a slow search."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from udt.core.image_copies import (
    CORRELATION,
    CROP_DISTANCE,
    TURNS,
    HashIndex,
    crop_correlation,
    variant_hashes,
    variant_names,
)
from udt.core.near_duplicates import Hashes, differing_bits, perceptual_hash

MADE = {
    "mirrored": Image.Transpose.FLIP_LEFT_RIGHT,
    "upside down": Image.Transpose.FLIP_TOP_BOTTOM,
    "rotated by 180°": Image.Transpose.ROTATE_180,
    "transposed": Image.Transpose.TRANSPOSE,
    "rotated by 90°": Image.Transpose.ROTATE_90,
    "rotated by 270°": Image.Transpose.ROTATE_270,
    "rotated by 90° and mirrored": Image.Transpose.TRANSVERSE,
}


def image(seed: int, width: int = 240, height: int = 200) -> Image.Image:
    """Noise of several scales, as texture has."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((height, width))
    for size in (6, 12, 24, 48):
        noise = Image.fromarray(rng.normal(size=(size, size)).astype(np.float32))
        pixels += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC)) * 30 / np.sqrt(size)
    return Image.fromarray(np.clip(pixels + 128, 0, 255).astype(np.uint8))


def hash_of(grey: Image.Image) -> Hashes:
    return np.array([int(perceptual_hash(grey), 16)], dtype=np.uint64)


def crop(grey: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cut a random window of 60% to 95% of the sides."""
    scale = rng.uniform(0.6, 0.95)
    x, y = rng.uniform(0, 1 - scale, 2)
    width, height = grey.size
    return grey.crop((round(x * width), round(y * height), round((x + scale) * width), round((y + scale) * height)))


def test_every_turn_is_made_by_its_name() -> None:
    assert [turn.name for turn in TURNS] == list(MADE) and len(variant_names()) == len(set(MADE)) + 505


@pytest.mark.parametrize("name", MADE)
def test_turns(name: str) -> None:
    place = variant_names().index(name)
    for seed in range(8):
        grey = image(seed)
        turned = hash_of(grey.transpose(MADE[name]))
        found = differing_bits(variant_hashes(grey), np.repeat(turned, len(variant_names())))
        assert found[place] <= 2 and (np.delete(found[: len(TURNS)], place) > 8).all()


def test_most_random_crops_are_found_and_no_other_image() -> None:
    """At least 90% of crops are near a window, and have its pixels; other images are neither."""
    rng, found = np.random.default_rng(3), []
    images = [image(seed) for seed in range(40)]
    for grey in images:
        part = crop(grey, rng)
        bits = differing_bits(variant_hashes(grey), np.repeat(hash_of(part), len(variant_names())))
        best = int(bits[len(TURNS) :].argmin()) + len(TURNS)
        found.append(bits[best] <= CROP_DISTANCE and crop_correlation(grey, best, part) >= CORRELATION)
        other = images[(len(found) + 5) % len(images)]
        assert crop_correlation(other, best, part) < CORRELATION
    assert np.mean(found) >= 0.9


def test_a_window_is_a_crop() -> None:
    """The hash of a window, computed by matrices, is that of the image that is cut out."""
    grey, names = image(1, 250, 250), variant_names()
    place = names.index("crop of 80%")
    cut = grey.crop((0, 0, 200, 200))
    assert differing_bits(variant_hashes(grey)[place : place + 1], hash_of(cut))[0] <= 2
    assert crop_correlation(grey, place, cut) > 0.99


def slow(queries: Hashes, hashes: Hashes, distance: int) -> set[tuple[int, int]]:
    return {
        (i, j)
        for i, one in enumerate(queries.tolist())
        for j, other in enumerate(hashes.tolist())
        if (one ^ other).bit_count() <= distance
    }


@pytest.mark.parametrize("distance", [0, 4, 8])
def test_the_index_finds_near_hashes(distance: int) -> None:
    """All within 2 bits, which leave a band untouched; of more distant ones nearly all; and no others."""
    rng = np.random.default_rng(distance)
    hashes = rng.integers(0, 2**63, 300, dtype=np.uint64)
    bits = [rng.choice(64, i % 10, replace=False).tolist() for i in range(300)]
    flips = np.array([sum(1 << bit for bit in flipped) for flipped in bits], dtype=np.uint64)
    queries = hashes ^ flips
    expected = slow(queries, hashes, distance)
    pairs = HashIndex(hashes).near(queries, distance)
    found = {pair for near in pairs for pair in zip(*map(np.ndarray.tolist, near), strict=True)}
    assert found <= expected and len(found) >= 0.85 * len(expected)
    close = slow(queries, hashes, min(distance, 2))
    assert close <= found


def test_an_empty_index() -> None:
    empty = np.array([], dtype=np.uint64)
    assert [pair for near in HashIndex(empty).near(np.array([5], dtype=np.uint64), 4) for pair in near[0]] == []
