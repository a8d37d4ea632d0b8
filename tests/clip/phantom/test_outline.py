"""Outlines, distances, noise and the paths of beams."""

from __future__ import annotations

import numpy as np
import pytest

from udt.clip.phantom.appearance import Acquisition, Outline, default_appearance
from udt.clip.phantom.grid import Frame, Grid
from udt.clip.phantom.noise import _CELLS, Noise, gaussian_rows
from udt.clip.phantom.outline import half_length, signed_distance
from udt.clip.phantom.pose import Pose
from udt.clip.phantom.tables import UniformRange
from udt.clip.phantom.tissue import ellipse_distance, fraction_passed
from udt.core.vocabulary import Vocabulary

STEPS = np.linspace(-3, 3, 241, dtype=np.float32)
X, Y = np.meshgrid(STEPS, STEPS)
SHAPES = range(7)


@pytest.mark.parametrize("label", SHAPES)
@pytest.mark.parametrize("seed", [0, 1])
def test_an_outline_has_the_area_of_a_disc(label: int, seed: int, vocabulary: Vocabulary) -> None:
    outline = default_appearance().shape.of(vocabulary, label)
    inside = signed_distance(outline, X, Y, np.random.default_rng(seed)) < 0
    tolerance = 0.15 if outline.kind == "tube" else 0.04
    assert inside.mean() * 36 == pytest.approx(np.pi, rel=tolerance)
    assert np.hypot(X[inside], Y[inside]).max() <= half_length(outline) * 1.12


def test_every_shape_is_different(vocabulary: Vocabulary) -> None:
    """Compare the outlines by the aspect ratio and the length of the border."""
    features = []
    for label in SHAPES:
        inside = signed_distance(default_appearance().shape.of(vocabulary, label), X, Y, np.random.default_rng(3)) < 0
        moments = np.linalg.eigvalsh(np.cov(X[inside], Y[inside]))
        edge = np.hypot(*np.gradient(inside.astype(float))).sum()
        features.append((round(float(np.sqrt(moments[0] / moments[1])), 2), round(float(edge / 100), 1)))
    assert len(set(features)) == len(features), features


def test_the_distance_to_an_ellipse_is_right_near_its_border() -> None:
    angle = np.linspace(0, 2 * np.pi, 4000)
    border = np.stack([1.5 * np.cos(angle), 0.6 * np.sin(angle)])
    rng = np.random.default_rng(0)
    near = border[:, ::97] * (1 + rng.uniform(-0.05, 0.05, border[:, ::97].shape[1]))
    expected = np.hypot(near[0][:, None] - border[0], near[1][:, None] - border[1]).min(axis=1)
    sign = np.sign((near[0] / 1.5) ** 2 + (near[1] / 0.6) ** 2 - 1)
    found = ellipse_distance(near[0].astype(np.float32), near[1].astype(np.float32), 1.5, 0.6)
    np.testing.assert_allclose(found, sign * expected, atol=0.006)
    disc = ellipse_distance(X, Y, 1, 1)
    np.testing.assert_allclose(disc, np.hypot(X, Y) - 1, atol=1e-3)


def test_fraction_passed_counts_the_path_through() -> None:
    inside = np.zeros((6, 3), dtype=np.float32)
    inside[1:3, 1] = 1
    inside[2, 2] = 1
    expected = np.zeros_like(inside)
    for beam in range(3):
        path = 0.0
        for depth in range(6):
            path += inside[depth, beam]
            expected[depth, beam] = 0 if inside[depth, beam] else path / 2
    np.testing.assert_allclose(fraction_passed(inside), expected)
    assert not fraction_passed(np.zeros((4, 4), dtype=np.float32)).any()


def test_noise_is_smooth_and_interpolates_its_lattice() -> None:
    noise = Noise(np.random.default_rng(0))
    nodes = np.arange(4, dtype=np.float32)
    rows, columns = np.meshgrid(nodes, nodes, indexing="ij")
    np.testing.assert_allclose(noise(columns * 0.5, rows * 0.5, 0.5), noise._lattice[:4, :4], atol=1e-6)
    half = noise(np.float32([[0.25]]), np.float32([[0.0]]), 0.5)
    np.testing.assert_allclose(half[0, 0], noise._lattice[0, :2].mean(), atol=1e-6)
    fine = noise(*np.meshgrid(np.linspace(0, 3, 300, dtype=np.float32), nodes), 1.0)
    assert np.abs(np.diff(fine, axis=1)).max() < 0.1
    assert noise(np.float32([[_CELLS]]), np.float32([[0]]), 1.0) == noise._lattice[0, 0]


def test_gaussian_rows_filter_a_signal() -> None:
    signal = np.random.default_rng(0).random(30)
    expected = []
    for i in range(30):
        weights = [np.exp(-((i - j) ** 2) / (2 * 1.7**2)) for j in range(30)]
        expected.append(sum(w * value for w, value in zip(weights, signal, strict=True)) / sum(weights))
    np.testing.assert_allclose(gaussian_rows(30, 1.7) @ signal, expected, rtol=1e-5)


@pytest.mark.parametrize(("parts", "relief"), [(2, 0.64), (3, 0.46), (4, 0.44), (6, 0.5), (7, 0.36)])
def test_lobes_have_their_number_and_relief(parts: int, relief: float) -> None:
    outline = Outline("lobes", UniformRange(1, 1), parts=UniformRange(parts, parts), relief=relief)
    inside = signed_distance(outline, X, Y, np.random.default_rng(1)) < 0
    angle = np.linspace(-np.pi, np.pi, 720, endpoint=False)
    steps = np.linspace(0, 2, 400)
    rows = np.round((np.sin(angle)[:, None] * steps + 3) * 40).astype(int)
    columns = np.round((np.cos(angle)[:, None] * steps + 3) * 40).astype(int)
    radius = inside[rows, columns].sum(axis=1) / 200
    # The number of lobes is the strongest frequency of the radius.
    assert np.abs(np.fft.rfft(radius))[1:20].argmax() + 1 == parts
    assert 1 - radius.min() / radius.max() == pytest.approx(relief, abs=0.12)


@pytest.mark.parametrize("parts", [6, 9])
def test_corners_are_joined_by_straight_lines(parts: int) -> None:
    """In polar form a straight line is 1 / r = a cos(t) + b sin(t): its neighbours at t ± h add up to 2 cos(h) / r."""
    outline = Outline("corners", UniformRange(1, 1), parts=UniformRange(parts, parts), relief=0.5)
    step = 2 * np.pi / 512
    angle = np.arange(512) * step
    inner, outer = np.zeros(512), np.full(512, 3.0)
    for _ in range(24):
        radius = (inner + outer) / 2
        x, y = (np.asarray(radius * part, dtype=np.float32)[None] for part in (np.cos(angle), np.sin(angle)))
        inside = signed_distance(outline, x, y, np.random.default_rng(5))[0] < 0
        inner, outer = np.where(inside, radius, inner), np.where(inside, outer, radius)
    line = 1 / inner
    bent = np.abs(np.roll(line, 1) + np.roll(line, -1) - 2 * np.cos(step) * line) > 1e-4
    assert parts <= bent.sum() <= 2 * parts


def test_beams_of_a_sector_spread() -> None:
    spacing = Grid.of("sector", 64).spacing
    assert spacing[-1] > 2.5 * spacing[0]
    assert np.ptp(Grid.of("linear", 64).spacing) < 1e-6


@pytest.mark.parametrize("frame", ["linear", "sector"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_pose_places_what_the_anatomy_shows(frame: Frame, mirrored: bool) -> None:
    grid, pose = Grid.of(frame, 96), Pose(mirrored, shift=0.07, zoom=1.1, tilt=9)
    anatomy = pose.anatomy(grid)
    for x, y in ((0.1, 0.4), (-0.2, 0.5), (0, 0.6)):
        nearest = np.hypot(anatomy.x - x, anatomy.y - y).argmin()
        found = grid.x.flat[nearest], grid.y.flat[nearest]
        assert found == pytest.approx(pose.place(x, y), abs=0.012)


def test_poses_vary_within_their_ranges() -> None:
    wide = Acquisition(0.5, UniformRange(-1, 1), UniformRange(0.5, 2), UniformRange(-9, 9))
    drawn = [Pose.draw(wide, np.random.default_rng(seed)) for seed in range(40)]
    assert 10 < sum(one.mirrored for one in drawn) < 30
    assert all(-1 <= one.shift <= 1 and 0.5 <= one.zoom <= 2 and -9 <= one.tilt <= 9 for one in drawn)
    assert Pose.draw(Acquisition(), np.random.default_rng(0)) == Pose(False, 0, 1, 0)
