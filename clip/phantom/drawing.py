"""Drawing of a B-mode image from labels."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from udt.clip.phantom.appearance import Appearance, DimensionAppearance, Flow, OrganView, default_appearance
from udt.clip.phantom.doppler import FlowRegion, add_doppler
from udt.clip.phantom.findings import PhantomContent, choose_organ, plan_content
from udt.clip.phantom.grid import Frame, Grid
from udt.clip.phantom.lesion import Lesion, add_lesion
from udt.clip.phantom.outline import half_length
from udt.clip.phantom.pose import Pose
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
_SIDE = 0.48  # half of the width within which lesions lie, as a fraction of the image height
_TOP, _BOTTOM = 0.08, 0.84  # depths between which they lie, with tissue below to show posterior effects
_TALLEST = 1.2  # half of the height of a lesion, in its radii; longer ones lie across the beams
_ROOM = 0.44  # half of the width that all lesions together may take
_CORE = 0.2  # distance of vessels from the outline of a lesion, in its radii
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
    views = styles.organ.of(vocabulary, choose_organ(content, vocabulary, styles, rng))
    view = views[int(rng.integers(len(views)))]
    grid, pose = Grid.of(frame or view.frame, size), Pose.draw(styles.acquisition, rng)
    tissue = organ_tissue(view, pose.anatomy(grid), rng)
    lesions = [
        plan_lesion(content, number, vocabulary, styles, view, pose, rng) for number in range(len(content.findings))
    ]
    distances = [add_lesion(tissue, lesion, grid, rng) for lesion in lesions]
    slope = np.float32(styles.acquisition.slope.draw(rng)) * (2 * grid.depth - 1)
    tissue.gain += np.float32(styles.acquisition.gain.draw(rng)) + slope
    grey = grid.image(brightness(tissue.received_level(), grid, rng))
    pixels = np.repeat((grey * 255).astype(np.uint8)[..., None], 3, axis=2)
    if flows := _flows(content, lesions, distances, vocabulary, styles, view, pose, grid):
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
    looks = envelope(receive(scatterers(noisy, rng, _LOOKS), axial, width))
    return log_compress(looks.mean(axis=0), DYNAMIC_RANGE)


def plan_lesion(
    content: PhantomContent,
    number: int,
    vocabulary: Vocabulary,
    styles: Appearance,
    view: OrganView,
    pose: Pose,
    rng: np.random.Generator,
) -> Lesion:
    """Return the lesion of a finding: at a random site of the view or, if there are several, side by side.

    :param number: index of the finding.
    """
    finding, count = content.findings[number], len(content.findings)
    lesion_type = _style(styles.diagnosis, finding.diagnosis, vocabulary)
    outline = _style(styles.shape, finding.shape, vocabulary)
    longest = half_length(outline)
    radius = min(lesion_type.radius.draw(rng), _ROOM / count / longest)
    x, y = pose.place(view.x.draw(rng), view.y.draw(rng))
    half_height = radius * min(longest, _TALLEST)
    if count > 1:
        x = _ROOM * ((2 * number + 1) / count - 1)
    posterior = finding.posterior_acoustics
    return Lesion(
        x=float(np.clip(x, longest * radius - _SIDE, _SIDE - longest * radius)),
        y=float(np.clip(y, _TOP + half_height, max(_BOTTOM - half_height, _TOP + half_height))),
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
    content: PhantomContent,
    lesions: list[Lesion],
    distances: list[Map],
    vocabulary: Vocabulary,
    styles: Appearance,
    view: OrganView,
    pose: Pose,
    grid: Grid,
) -> list[tuple[FlowRegion, Flow]]:
    """Return the regions with flow: the lesions or, without lesions, discs side by side in the tissue."""
    if lesions:
        labels = [finding.vascularity for finding in content.findings]
        radii = [lesion.radius for lesion in lesions]
    else:
        labels, count = list(content.flow), len(content.flow)
        x, y = pose.place((view.x.low + view.x.high) / 2, (view.y.low + view.y.high) / 2)
        places = [x + _TISSUE_FLOW * (2 * n - count + 1) for n in range(count)]
        distances = [np.hypot(grid.x - one, grid.y - y) / _TISSUE_FLOW - 1 for one in places]
        radii = [_TISSUE_FLOW] * count
    return [
        (FlowRegion(_core(grid.image(-distance)), radius * grid.size[1]), styles.vascularity.of(vocabulary, label))
        for distance, radius, label in zip(distances, radii, labels, strict=True)
        if label is not None
    ]


def _core(depth: Map) -> NDArray[np.bool_]:
    """Return the pixels well inside a region, so that vessels on them leave its outline visible.

    :param depth: (height, width) distance from the border inwards, in radii.
    """
    return np.asarray(depth >= min(_CORE, 0.5 * float(depth.max())), dtype=np.bool_)
