"""From labels to a B-mode picture."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from udt.clip.phantom.appearance import Appearance, Flow, Looks, Organ, built_in
from udt.clip.phantom.doppler import Region, add_doppler
from udt.clip.phantom.findings import PhantomContent, choose_organ, read
from udt.clip.phantom.grid import Frame, Grid
from udt.clip.phantom.lesion import Lesion, add_lesion
from udt.clip.phantom.outline import half_length
from udt.clip.phantom.speckle import envelope, log_compress, receive, scatterers
from udt.clip.phantom.tissue import organ_tissue
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

Map = NDArray[np.float32]

DYNAMIC_RANGE = 60.0
_AXIAL = 0.005  # standard deviation of the point-spread function, as part of the image's height
_LATERAL = 0.007
_SMALLEST = 0.7  # pixels, below which speckle would be noise from pixel to pixel
_FOCUS = 0.45
_NOISE = -38.0  # dB, of what never scatters less
_LOOKS = 3
_SIDE = 0.47  # half of the width within which lesions lie, as part of the image's height
_ROOM = 0.37  # and that which they may take together
_TISSUE_FLOW = 0.2  # radius of the region of flow where there is no lesion

T = TypeVar("T")


def draw_phantom(
    labels: LabelSet,
    vocabulary: Vocabulary,
    rng: np.random.Generator,
    size: int | tuple[int, int] = 224,
    *,
    frame: Frame | None = None,
    appearance: Appearance | None = None,
) -> Image.Image:
    """A B-mode picture that shows `labels`; the same labels and the same state of `rng` give the same picture.

    What is not said is drawn in between, or chosen at random (the organ); nothing is in, behind or flows in a lesion of
    which that is not said.

    :param size: side of a square in pixels, or width and height; 32 to 2048.
    :param frame: `linear` or `sector`; without, as the organ is scanned.
    :param appearance: how labels look; without, `appearance.toml`.
    :returns: RGB; grey except for Doppler.
    :raises DataError: where a label cannot be drawn, or `size` or `frame` is not allowed.
    """
    looks = appearance or built_in()
    picture = read(labels, vocabulary, looks)
    organ = looks.organ.of(vocabulary, choose_organ(picture, vocabulary, looks, rng))
    grid = Grid.of(frame or organ.frame, size)
    lesions = [lesion_of(picture, number, vocabulary, looks, organ, rng) for number in range(len(picture.findings))]
    flows = _flows(picture, lesions, vocabulary, looks, organ, grid)
    tissue = organ_tissue(organ, grid, rng)
    for lesion in lesions:
        add_lesion(tissue, lesion, grid, rng)
    grey = grid.image(brightness(tissue.seen(), grid, rng))
    pixels = np.repeat((grey * 255).astype(np.uint8)[..., None], 3, axis=2)
    if flows:
        add_doppler(pixels, flows, rng)
    return Image.fromarray(pixels)


def brightness(level: Map, grid: Grid, rng: np.random.Generator) -> Map:
    """(depths, beams) in [0, 1], of what scatters with `level`, in dB; tissue at 0 dB is grey.

    Speckle is finest in the focus, and wider across the beams before and behind it. As scanners do (compounding),
    envelopes of several looks are averaged, of which each has a speckle of its own.
    """
    axial = max(_AXIAL * grid.size[1], _SMALLEST)
    lateral = _LATERAL * (1 + 1.2 * np.abs(grid.depth[:, 0] - np.float32(_FOCUS))) / grid.spacing
    width = np.maximum(lateral, np.float32(_SMALLEST))
    noisy = np.maximum(level, np.float32(_NOISE))
    looks = [envelope(receive(scatterers(noisy, rng), axial, width)) for _ in range(_LOOKS)]
    return log_compress(np.mean(looks, axis=0, dtype=np.float32), DYNAMIC_RANGE)


def lesion_of(
    picture: PhantomContent,
    number: int,
    vocabulary: Vocabulary,
    looks: Appearance,
    organ: Organ,
    rng: np.random.Generator,
) -> Lesion:
    """How to draw one of a picture's findings: in the middle of the organ's site or, of several, side by side."""
    finding, count = picture.findings[number], len(picture.findings)
    body = _look(looks.diagnosis, finding.diagnosis, vocabulary)
    outline = _look(looks.shape, finding.shape, vocabulary)
    longest = half_length(outline)
    radius = min(body.radius.draw(rng), _ROOM / count / longest)
    x = organ.x.draw(rng) if count == 1 else _ROOM * ((2 * number + 1) / count - 1)
    behind = finding.posterior_acoustics
    return Lesion(
        x=float(np.clip(x, longest * radius - _SIDE, _SIDE - longest * radius)),
        y=organ.y.draw(rng),
        radius=radius,
        body=body,
        outline=outline,
        edge=_look(looks.margins, finding.margins, vocabulary),
        echo=_look(looks.echogenicity, finding.echogenicity, vocabulary),
        inside=tuple(looks.internal_characteristics.of(vocabulary, one) for one in finding.inside),
        behind=None if behind is None else looks.posterior_acoustics.of(vocabulary, behind),
    )


def _look(looks: Looks[T], label: int | None, vocabulary: Vocabulary) -> T:
    """What a label looks like, or a lesion of which none is given."""
    return looks.unsaid if label is None else looks.of(vocabulary, label)


def _flows(
    picture: PhantomContent, lesions: list[Lesion], vocabulary: Vocabulary, looks: Appearance, organ: Organ, grid: Grid
) -> list[tuple[Region, Flow]]:
    """What flows where: in the lesions or, where there are none, side by side in the tissue."""
    if lesions:
        of = [finding.vascularity for finding in picture.findings]
        places = [(lesion.x, lesion.y, lesion.radius) for lesion in lesions]
    else:
        of, count = list(picture.flow), len(picture.flow)
        middle_x, middle_y = (organ.x.low + organ.x.high) / 2, (organ.y.low + organ.y.high) / 2
        places = [(middle_x + _TISSUE_FLOW * (2 * n - count + 1), middle_y, _TISSUE_FLOW) for n in range(count)]
    width, height = grid.size
    return [
        (Region(width / 2 + x * height, y * height, radius * height), looks.vascularity.of(vocabulary, label))
        for (x, y, radius), label in zip(places, of, strict=True)
        if label is not None
    ]
