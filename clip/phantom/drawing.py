"""Drawing of a B-mode image from labels."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from udt.clip.phantom.appearance import Appearance, DimensionAppearance, Flow, Organ, default_appearance
from udt.clip.phantom.doppler import Region, add_doppler
from udt.clip.phantom.findings import PhantomContent, choose_organ, plan_content
from udt.clip.phantom.grid import Frame, Grid
from udt.clip.phantom.lesion import Lesion, add_lesion
from udt.clip.phantom.outline import half_length
from udt.clip.phantom.speckle import envelope, log_compress, receive, scatterers
from udt.clip.phantom.tissue import organ_tissue
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

Map = NDArray[np.float32]

DYNAMIC_RANGE = 60.0
_AXIAL = 0.005  # standard deviations of the point-spread function, as fractions of the image height
_LATERAL = 0.007
_SMALLEST = 0.7  # pixels; below it speckle would be white noise
_FOCUS = 0.45  # depth of the focus
_NOISE = -38.0  # noise floor, in dB
_LOOKS = 3  # compounded frames, each with its own speckle
_SIDE = 0.47  # half of the width within which lesions lie, as a fraction of the image height
_ROOM = 0.37  # half of the width that all lesions together may take
_TISSUE_FLOW = 0.2  # radius of the region of flow in tissue without a lesion

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
    """Draw a B-mode image that shows `labels`; the same labels and the same state of `rng` give the same image.

    A lesion without a label of shape, margins or echogenicity gets intermediate values. An organ that is not given is
    drawn at random. A lesion has contents, posterior effects and flow only if they are among `labels`.

    :param size: side of a square in pixels, or width and height; 32 to 2048.
    :param frame: `linear` or `sector`; default: that of the organ.
    :param appearance: appearance of the labels; default: the built-in `appearance.toml`.
    :returns: RGB; grey except for Doppler.
    :raises DataError: if a label cannot be drawn, or `size` or `frame` is not allowed.
    """
    styles = appearance or default_appearance()
    content = plan_content(labels, vocabulary, styles)
    organ = styles.organ.of(vocabulary, choose_organ(content, vocabulary, styles, rng))
    grid = Grid.of(frame or organ.frame, size)
    lesions = [plan_lesion(content, number, vocabulary, styles, organ, rng) for number in range(len(content.findings))]
    flows = _flows(content, lesions, vocabulary, styles, organ, grid)
    tissue = organ_tissue(organ, grid, rng)
    for lesion in lesions:
        add_lesion(tissue, lesion, grid, rng)
    grey = grid.image(brightness(tissue.received_level(), grid, rng))
    pixels = np.repeat((grey * 255).astype(np.uint8)[..., None], 3, axis=2)
    if flows:
        add_doppler(pixels, flows, rng)
    return Image.fromarray(pixels)


def brightness(level: Map, grid: Grid, rng: np.random.Generator) -> Map:
    """Simulate the brightness of scatterers, with speckle; tissue at 0 dB is mid-grey.

    Speckle is finest at the focus, and wider across the beams above and below it. As in spatial compounding, the
    envelopes of several looks with independent speckle are averaged.

    :param level: (depths, beams) scattering level in dB.
    :returns: (depths, beams) in [0, 1].
    """
    axial = max(_AXIAL * grid.size[1], _SMALLEST)
    lateral = _LATERAL * (1 + 1.2 * np.abs(grid.depth[:, 0] - np.float32(_FOCUS))) / grid.spacing
    width = np.maximum(lateral, np.float32(_SMALLEST))
    noisy = np.maximum(level, np.float32(_NOISE))
    looks = [envelope(receive(scatterers(noisy, rng), axial, width)) for _ in range(_LOOKS)]
    return log_compress(np.mean(looks, axis=0, dtype=np.float32), DYNAMIC_RANGE)


def plan_lesion(
    content: PhantomContent,
    number: int,
    vocabulary: Vocabulary,
    styles: Appearance,
    organ: Organ,
    rng: np.random.Generator,
) -> Lesion:
    """Return the lesion of a finding: at a random site in the organ or, if there are several, side by side.

    :param number: index of the finding.
    """
    finding, count = content.findings[number], len(content.findings)
    lesion_type = _style(styles.diagnosis, finding.diagnosis, vocabulary)
    outline = _style(styles.shape, finding.shape, vocabulary)
    longest = half_length(outline)
    radius = min(lesion_type.radius.draw(rng), _ROOM / count / longest)
    x = organ.x.draw(rng) if count == 1 else _ROOM * ((2 * number + 1) / count - 1)
    posterior = finding.posterior_acoustics
    return Lesion(
        x=float(np.clip(x, longest * radius - _SIDE, _SIDE - longest * radius)),
        y=organ.y.draw(rng),
        radius=radius,
        lesion_type=lesion_type,
        outline=outline,
        margin=_style(styles.margins, finding.margins, vocabulary),
        echogenicity=_style(styles.echogenicity, finding.echogenicity, vocabulary),
        inclusions=tuple(styles.internal_characteristics.of(vocabulary, one) for one in finding.inclusions),
        posterior=None if posterior is None else styles.posterior_acoustics.of(vocabulary, posterior),
    )


def _style(dimension: DimensionAppearance[T], label: int | None, vocabulary: Vocabulary) -> T:
    """Return the parameters of a label, or the default of its dimension."""
    return dimension.default if label is None else dimension.of(vocabulary, label)


def _flows(
    content: PhantomContent, lesions: list[Lesion], vocabulary: Vocabulary, styles: Appearance, organ: Organ, grid: Grid
) -> list[tuple[Region, Flow]]:
    """Return the regions with flow: the lesions or, without lesions, regions side by side in the tissue."""
    if lesions:
        labels = [finding.vascularity for finding in content.findings]
        places = [(lesion.x, lesion.y, lesion.radius) for lesion in lesions]
    else:
        labels, count = list(content.flow), len(content.flow)
        middle_x, middle_y = (organ.x.low + organ.x.high) / 2, (organ.y.low + organ.y.high) / 2
        places = [(middle_x + _TISSUE_FLOW * (2 * n - count + 1), middle_y, _TISSUE_FLOW) for n in range(count)]
    width, height = grid.size
    return [
        (Region(width / 2 + x * height, y * height, radius * height), styles.vascularity.of(vocabulary, label))
        for (x, y, radius), label in zip(places, labels, strict=True)
        if label is not None
    ]
