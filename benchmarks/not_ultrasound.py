"""Pictures that are not ultrasound: drawn sections of bodies, radiographs, charts, pages and textures, and photos."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Plane = NDArray[np.float64]
Rng = np.random.Generator

WORDS = [
    "the",
    "liver",
    "kidney",
    "of",
    "with",
    "scan",
    "was",
    "and",
    "patient",
    "normal",
    "size",
    "no",
    "lesion",
    "seen",
    "in",
    "study",
    "table",
    "figure",
    "result",
    "mean",
]


def drawn(rng: Rng) -> Iterator[tuple[str, Image.Image]]:
    """Yield one picture of each drawn kind, without end."""
    while True:
        for kind, draw in KINDS.items():
            yield kind, draw(rng)


def ct_section(rng: Rng) -> Image.Image:
    """Draw an axial section: body, organs, spine and table, with the noise and the rings of a scanner."""
    side = int(rng.integers(200, 520))
    picture = Image.new("F", (side, side), 0.0)
    pen = ImageDraw.Draw(picture)
    wide, tall = rng.uniform(0.33, 0.48), rng.uniform(0.25, 0.42)
    _ellipse(pen, side, 0.5, 0.5, wide, tall, rng.uniform(0.3, 0.6))
    _ellipse(pen, side, 0.5, 0.5, wide * 0.9, tall * 0.88, rng.uniform(0.35, 0.65))
    for _ in range(int(rng.integers(4, 12))):
        x, y = 0.5 + rng.uniform(-0.6, 0.6) * wide, 0.5 + rng.uniform(-0.6, 0.6) * tall
        _ellipse(pen, side, x, y, rng.uniform(0.02, 0.13), rng.uniform(0.02, 0.13), rng.choice([0.05, 0.4, 0.55, 0.7]))
    _ellipse(pen, side, 0.5, 0.5 + 0.7 * tall, 0.06, 0.05, 0.95)
    if rng.random() < 0.5:
        pen.arc([side * 0.1, side * 0.5, side * 0.9, side * 0.97], 30, 150, fill=0.6, width=2)
    plane = np.asarray(picture, dtype=np.float64)
    plane = plane + rng.normal(0, rng.uniform(0.01, 0.06), plane.shape) * (0.3 + (plane > 0.02))
    plane += _ring_artefacts(rng, side) * (plane > 0.1)
    return _picture(_smooth(plane, rng.uniform(0.3, 1.0)))


def brain_section(rng: Rng) -> Image.Image:
    """Draw a section of a head as magnetic resonance shows it: bright rim, folds, ventricles, a bias field."""
    side = int(rng.integers(128, 400))
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(x / rng.uniform(0.6, 0.8), y / rng.uniform(0.75, 0.92))
    folds = _texture(rng, side, rng.uniform(1.0, 1.6))
    plane = np.where(radius < 0.85, 0.45 + 0.2 * (folds > 0.1), 0.1)
    plane = np.where((radius > 0.92) & (radius < 1), 0.9, plane) * (radius < 1)
    plane = np.where(np.hypot((np.abs(x) - 0.12) / 0.08, y / 0.25) < 1, rng.choice([0.08, 0.9]), plane)
    plane = plane * (1 + 0.3 * x * rng.uniform(-1, 1)) + rng.normal(0, 0.03, plane.shape)
    return _picture(_smooth(np.abs(plane), rng.uniform(0.4, 1.2)))


def projection(rng: Rng) -> Image.Image:
    """Draw a radiograph of a chest: lungs, ribs, spine, heart."""
    side = int(rng.integers(200, 500))
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    plane = 0.75 - 0.15 * y + 0.1 * np.cos(3 * x)
    for centre in (-0.42, 0.42):
        plane -= 0.45 * np.exp(-((((x - centre) / 0.3) ** 2 + ((y + 0.05) / 0.6) ** 2) ** 2))
    plane += 0.12 * (np.sin(rng.uniform(14, 22) * (y + 0.4 * x**2)) > 0.55) * (np.abs(x) < 0.85)
    plane += 0.2 * np.exp(-((x / 0.1) ** 2)) + 0.25 * np.exp(-(((x - 0.15) / 0.25) ** 2 + ((y - 0.3) / 0.3) ** 2))
    plane += rng.normal(0, 0.02, plane.shape) + 0.08 * _texture(rng, side, 1.6)
    return _picture(_smooth(plane, 0.7))


def photo_like(rng: Rng) -> Image.Image:
    """Draw a scene: coloured ground and sky, textured, with shapes that hide each other."""
    side = int(rng.integers(200, 500))
    grey = rng.random() < 0.3
    base = np.stack([0.5 + 0.25 * _texture(rng, side, rng.uniform(1.2, 2.2)) for _ in range(3)], axis=-1)
    base = np.clip(base * rng.uniform(0.6, 1.2, 3) + rng.uniform(-0.2, 0.2, 3), 0, 1)
    picture = Image.fromarray((base * 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(0, 9))):
        box = np.sort(rng.uniform(0, side, (2, 2)), axis=0).ravel().tolist()
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape(box, fill=tuple(int(c) for c in rng.integers(0, 255, 3)))
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.5)))
    return picture.convert("L").convert("RGB") if grey else picture


def chart(rng: Rng) -> Image.Image:
    """Plot curves, bars, points or a map of numbers, on white or on black."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    style = "dark_background" if rng.random() < 0.3 else "default"
    with plt.style.context(style):
        figure, axes = plt.subplots(figsize=rng.uniform(2.5, 5, 2), dpi=80)
        kind = int(rng.integers(4))
        if kind == 0:
            axes.plot(rng.normal(size=(60, int(rng.integers(1, 5)))).cumsum(axis=0))
        elif kind == 1:
            axes.bar(np.arange(8), rng.random(8), color=rng.choice(["grey", "tab:blue", "tab:red"]))
        elif kind == 2:
            axes.scatter(*rng.normal(size=(2, 200)), s=6)
        else:
            axes.imshow(rng.random((12, 12)), cmap=str(rng.choice(["gray", "viridis", "magma"])))
        axes.set_title(" ".join(rng.choice(WORDS, 3)))
        stream = io.BytesIO()
        figure.savefig(stream, format="png")
        plt.close(figure)
    return Image.open(stream).convert("RGB")


def diagram(rng: Rng) -> Image.Image:
    """Draw boxes with words, and lines between them."""
    size = int(rng.integers(250, 600)), int(rng.integers(200, 500))
    ground, ink = ("white", "black") if rng.random() < 0.75 else ("black", "white")
    picture = Image.new("RGB", size, ground)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(int(rng.integers(10, 18)))
    points = [(int(rng.uniform(0, 0.75) * size[0]), int(rng.uniform(0, 0.85) * size[1])) for _ in range(7)]
    pen.line(points, fill=ink, width=2)
    for x, y in points:
        fill = tuple(int(c) for c in rng.integers(120, 255, 3)) if rng.random() < 0.6 else ground
        pen.rectangle([x, y, x + 80, y + 30], outline=ink, fill=fill)
        pen.text((x + 5, y + 7), str(rng.choice(WORDS)), fill=ink if fill == ground else "black", font=font)
    return picture


def page(rng: Rng) -> Image.Image:
    """Draw a page of text, dark on light or light on dark, as a scan or as a screen of a device."""
    size = int(rng.integers(250, 700)), int(rng.integers(250, 800))
    light = rng.random() < 0.7
    ground = int(rng.integers(215, 256)) if light else int(rng.integers(0, 40))
    picture = Image.new("L", size, ground)
    pen, height = ImageDraw.Draw(picture), int(rng.integers(9, 20))
    font = ImageFont.load_default(height)
    for y in range(15, size[1] - 20, int(height * rng.uniform(1.3, 2.2))):
        if rng.random() < 0.85:
            words = " ".join(rng.choice(WORDS, int(rng.integers(2, 14))))
            pen.text((15, y), words, fill=20 if light else 230, font=font)
    noise = rng.normal(0, rng.uniform(0, 6), (size[1], size[0]))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)).convert("RGB")


def microscopy(rng: Rng) -> Image.Image:
    """Draw stained cells."""
    side = int(rng.integers(200, 400))
    stain = np.array([0.9, 0.7, 0.85]) if rng.random() < 0.7 else np.array([0.85, 0.85, 0.85])
    plane = stain + 0.06 * _texture(rng, side, 1.2)[..., None]
    picture = Image.fromarray((np.clip(plane, 0, 1) * 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(30, 120))):
        x, y, r = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(3, 9)
        tone = int(rng.integers(40, 120))
        pen.ellipse([x - r, y - r, x + r, y + r], fill=(tone, tone // 2, int(tone * 1.3)))
    return picture.filter(ImageFilter.GaussianBlur(0.8))


KINDS: dict[str, Callable[[Rng], Image.Image]] = {
    "CT": ct_section,
    "MR": brain_section,
    "radiograph": projection,
    "drawn photo": photo_like,
    "chart": chart,
    "diagram": diagram,
    "page": page,
    "microscopy": microscopy,
}


def crop(picture: Image.Image, rng: Rng) -> Image.Image:
    """Cut a random part of at least a third of the sides out of a photo, in colour or grey."""
    share = rng.uniform(0.35, 1.0)
    width, height = (max(40, int(side * share)) for side in picture.size)
    left, top = (
        int(rng.integers(0, max(1, whole - part + 1)))
        for whole, part in zip(picture.size, (width, height), strict=True)
    )
    part = picture.crop((left, top, left + width, top + height))
    return part.convert("L").convert("RGB") if rng.random() < 0.5 else part.convert("RGB")


def photos(folder: Path) -> dict[str, Image.Image]:
    """Read the photos of a folder by name."""
    found = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg"))
    return {path.stem: Image.open(path).convert("RGB") for path in found}


def _ellipse(pen: ImageDraw.ImageDraw, side: int, x: float, y: float, a: float, b: float, level: float) -> None:
    pen.ellipse([side * (x - a), side * (y - b), side * (x + a), side * (y + b)], fill=float(level))


def _ring_artefacts(rng: Rng, side: int) -> Plane:
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return rng.uniform(0, 0.03) * np.sin(rng.uniform(80, 200) * np.hypot(x, y))


def _texture(rng: Rng, side: int, slope: float) -> Plane:
    """Return noise with a spectrum that falls as a power of the frequency, of deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = 1
    plane = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(side, side))) / frequency**slope, s=(side, side))
    plane -= plane.mean()
    return np.asarray(plane / plane.std())


def _smooth(plane: Plane, radius: float) -> Plane:
    picture = Image.fromarray((np.clip(plane, 0, 1) * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float64) / 255


def _picture(plane: Plane) -> Image.Image:
    return Image.fromarray((np.clip(plane, 0, 1) * 255).astype(np.uint8)).convert("RGB")
