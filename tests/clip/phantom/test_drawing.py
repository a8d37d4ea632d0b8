"""Each label is visible in the image: measured over several seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from udt.clip.phantom.appearance import (
    Acquisition,
    Appearance,
    Echogenicity,
    Flow,
    Inclusion,
    LesionType,
    Margin,
    PosteriorEffect,
    default_appearance,
)  # fmt: skip
from udt.clip.phantom.doppler import FlowRegion, add_doppler
from udt.clip.phantom.drawing import brightness, draw_phantom
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.inclusions import Interior, add_inclusion
from udt.clip.phantom.lesion import Lesion, add_lesion
from udt.clip.phantom.tables import UniformRange
from udt.clip.phantom.tissue import Tissue
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

from .conftest import Named

SIZE = 96
Pixels = Callable[..., np.ndarray]
PLACE = {"organ": "Liver"}
ORDER = ("anechoic", "hypoechoic", "isoechoic", "hyperechoic")


@pytest.fixture(scope="module")
def pixels(vocabulary: Vocabulary, still: Appearance) -> Pixels:
    """Draw labels at a fixed place in homogeneous tissue."""

    def draw(labels: LabelSet, seed: int = 0, size: int = SIZE) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return np.asarray(draw_phantom(labels, vocabulary, rng, size, appearance=still), dtype=float)

    return draw


def mean_of(pixels: Pixels, labels: LabelSet, part: tuple[slice, slice]) -> float:
    """Return the mean grey value of a part of the image, over four seeds."""
    return float(np.mean([pixels(labels, seed)[(*part, 0)].mean() for seed in range(4)]))


def coloured(picture: np.ndarray) -> np.ndarray:
    """Return a mask of the pixels that are neither grey nor of the colour of the Doppler box."""
    box = (picture == [210, 210, 90]).all(axis=2)
    return (np.ptp(picture, axis=2) > 40) & ~box


MIDDLE = (slice(38, 46), slice(44, 52))
BELOW = (slice(70, 80), slice(42, 54))


def test_the_same_seed_gives_the_same_picture(vocabulary: Vocabulary, named: Named) -> None:
    labels = named(**PLACE, diagnosis="mass", shape="irregular", vascularity="increased vascularity")
    first, again, other = (draw_phantom(labels, vocabulary, np.random.default_rng(seed), 64) for seed in (5, 5, 6))
    assert first.mode == "RGB" and first.tobytes() == again.tobytes() != other.tobytes()


def test_tissue_is_grey_with_compounded_speckle() -> None:
    grid = Grid.of("linear", 224)
    picture = brightness(np.zeros((224, 224), dtype=np.float32), grid, np.random.default_rng(0))
    amplitude = 10 ** ((picture - 0.5) * 60 / 20)
    assert amplitude.mean() / amplitude.std() == pytest.approx(1.91 * np.sqrt(3), rel=0.05)
    assert 0.45 < picture.mean() < 0.52


def test_brightness_follows_echogenicity(pixels: Pixels, named: Named) -> None:
    levels = [mean_of(pixels, named(**PLACE, echogenicity=one), MIDDLE) for one in ORDER]
    assert np.all(np.diff(levels) > 15), levels
    around = mean_of(pixels, named(**PLACE, diagnosis="normal appearance"), MIDDLE)
    assert levels[0] < 12 and abs(levels[2] - around) < 12


def test_mixed_echogenicity_is_patchy(pixels: Pixels, named: Named) -> None:
    def spread(echogenicity: str) -> float:
        found = [pixels(named(**PLACE, echogenicity=echogenicity), seed)[30:50, 38:58, 0] for seed in range(4)]
        return float(np.mean([part.std() for part in found]))

    assert spread("mixed echogenicity") > 2 * max(spread("hypoechoic"), spread("hyperechoic"))


def test_posterior_effects_change_the_brightness_below(pixels: Pixels, named: Named) -> None:
    plain = mean_of(pixels, named(**PLACE, echogenicity="hypoechoic"), BELOW)
    bright, dark = (
        mean_of(pixels, named(**PLACE, echogenicity="hypoechoic", posterior_acoustics=one), BELOW)
        for one in ("enhancement", "shadowing")
    )
    assert bright > plain + 25 and dark < plain - 60


def test_shadow_does_not_affect_the_sides(pixels: Pixels, named: Named) -> None:
    shadow = named(organ="Breast", shape="round", posterior_acoustics="shadowing")
    beside = (slice(60, 66), slice(2, 12))
    assert abs(mean_of(pixels, shadow, beside) - mean_of(pixels, named(organ="Breast"), beside)) < 6


def test_sharp_margins_are_steeper(pixels: Pixels, named: Named) -> None:
    def steepest(margins: str) -> float:
        labels = named(organ="Breast", shape="round", echogenicity="hypoechoic", margins=margins)
        rows = np.mean([pixels(labels, seed, 192)[:, :, 0] for seed in range(3)], axis=0)
        smooth = rows[60:100].mean(axis=0)
        return float(np.abs(np.diff(smooth))[20:172].max())

    assert steepest("well-defined") > 1.5 * steepest("ill-defined/indistinct")


def test_the_amount_of_colour_follows_vascularity(pixels: Pixels, named: Named) -> None:
    def amount(label: str) -> float:
        labels = named(**PLACE, diagnosis="mass", vascularity=label)
        return float(np.mean([coloured(pixels(labels, seed)).sum() for seed in range(12)]))

    none, reduced, normal, much = (
        amount(f"{one} vascularity") for one in ("no", "reduced/diminished", "normal/regular", "increased")
    )
    assert none == 0 and 10 < reduced < normal / 2 and normal < much / 2
    box = (pixels(named(**PLACE, vascularity="no vascularity")) == [210, 210, 90]).all(axis=2)
    assert box.sum() > SIZE, "an empty box shows that Doppler was used"
    assert not coloured(pixels(named(**PLACE, diagnosis="mass"))).any()


def test_inhomogeneous_flow_is_in_a_clump_with_other_colours(pixels: Pixels, named: Named) -> None:
    label = "indeterminate/inhomogeneous vascularity"
    found = pixels(named(**PLACE, diagnosis="mass", vascularity=label))
    assert ((found[..., 1] > 150) & coloured(found) & (found[..., 2] < 200)).any()


@pytest.mark.parametrize(
    ("label", "brighter"),
    [
        ("calcifications", lambda plain, found: (found > 230).sum() > (plain > 230).sum() + 20),
        ("septations", lambda plain, found: (found > 190).sum() > (plain > 190).sum() + 40),
        ("cystic components", lambda plain, found: (found < 20).sum() > (plain < 20).sum() + 60),
        ("solid components", lambda plain, found: (found > 140).sum() > (plain > 140).sum() + 150),
        ("mixed cystic and solid mass", lambda plain, found: (found < 20).sum() > (plain < 20).sum() + 400),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_inclusions_are_visible(label: str, brighter: object, pixels: Pixels, named: Named) -> None:
    assert callable(brighter)
    same = {"organ": "Breast", "diagnosis": "mass", "echogenicity": "hypoechoic"}
    plain = np.stack([pixels(named(**same), seed)[15:65, 20:76, 0] for seed in range(3)])
    found = np.stack(
        [pixels(named(**same, internal_characteristics=label), seed)[15:65, 20:76, 0] for seed in range(3)]
    )
    assert brighter(plain, found)


def test_lesion_size_follows_diagnosis(pixels: Pixels, named: Named) -> None:
    def dark(diagnosis: str) -> float:
        labels = named(organ="Breast", diagnosis=diagnosis)
        normal = named(organ="Breast", diagnosis="normal appearance")
        parts = [pixels(one, 0)[20:65, :, 0] for one in (labels, normal)]
        return float((parts[0] < 100).sum() - (parts[1] < 100).sum())

    assert dark("mass") > 2 * dark("nodule") > 200
    assert dark("normal appearance") == 0


def test_organs_look_different(vocabulary: Vocabulary, named: Named) -> None:
    """Even if they are blurred: most are nearest to another image of the same organ, in the same view or another."""
    styles = replace(default_appearance(), acquisition=Acquisition())
    drawable = styles.organ.drawable(vocabulary)
    assert len(drawable) >= 15
    assert {vocabulary["organ"].parents[one] for one in drawable} == set(range(9))

    def blurred(organ: int, seed: int) -> np.ndarray:
        labels = named(organ=vocabulary["organ"].labels[organ], diagnosis="normal appearance")
        drawn = draw_phantom(labels, vocabulary, np.random.default_rng(seed), 64, appearance=styles)
        return np.asarray(drawn, dtype=float)[..., 0].reshape(16, 4, 16, 4).mean(axis=(1, 3)).ravel()

    known = np.stack([blurred(organ, seed) for organ in drawable for seed in range(6)])
    found = np.stack([blurred(organ, seed) for organ in drawable for seed in (6, 7)])
    nearest = np.linalg.norm(found[:, None] - known[None], axis=2).argmin(axis=1) // 6
    assert (nearest == np.repeat(np.arange(len(drawable)), 2)).mean() > 0.9


def test_an_image_shows_one_of_the_views(tmp_path: Path, vocabulary: Vocabulary, named: Named) -> None:
    view = '[[organ."uhat:liver"]]\nframe = "linear"\nx = 0\ny = 0.5\nlayers = [{{ thickness = 1, level = {} }}]\n'
    path = tmp_path / "looks.toml"
    path.write_text(f'[prefixes]\nuhat = "https://w3id.org/udt/uhat/"\n{view.format(-20)}{view.format(20)}')
    looks, labels = Appearance.load(path), named(organ="Liver", diagnosis="normal appearance")
    means = [
        np.asarray(draw_phantom(labels, vocabulary, np.random.default_rng(seed), 32, appearance=looks)).mean()
        for seed in range(20)
    ]
    assert {mean > 128 for mean in means} == {True, False}
    assert not [mean for mean in means if 90 < mean < 165]


def test_gain_and_place_vary_between_images_of_one_label_set(vocabulary: Vocabulary, named: Named) -> None:
    labels = named(organ="Breast", diagnosis="cyst", shape="round", echogenicity="anechoic", margins="well-defined")
    drawn = [
        np.asarray(draw_phantom(labels, vocabulary, np.random.default_rng(seed), SIZE), dtype=float)[..., 0]
        for seed in range(12)
    ]
    centres = np.array([np.argwhere(one[12:] < 12).mean(axis=0) for one in drawn])
    assert (np.ptp(centres, axis=0) > [5, 20]).all()
    assert np.ptp([np.median(one[-40:]) for one in drawn]) > 15


@pytest.mark.parametrize("shape", ["round", "lobulated", "nodular", "irregular"])
def test_soft_margins_keep_the_outline(shape: str, vocabulary: Vocabulary) -> None:
    """Compare which positions are half covered, and how many are partly covered, by a sharp and a soft lesion."""
    styles, grid = default_appearance(), Grid.of("linear", SIZE)
    names = vocabulary["shape"].labels
    outline = styles.shape.of(vocabulary, names.index(shape))

    def coverage(margin: int) -> np.ndarray:
        lesion = Lesion(
            x=0, y=0.5, radius=0.25, outline=outline, lesion_type=LesionType(),
            margin=replace(styles.margins.of(vocabulary, margin), rim=0),
            echogenicity=Echogenicity(UniformRange(1, 1)),
        )  # fmt: skip
        tissue = Tissue(np.zeros_like(grid.x), np.zeros_like(grid.x))
        add_lesion(tissue, lesion, grid, np.random.default_rng(3))
        return tissue.level

    sharp, soft = coverage(0), coverage(1)
    same = (sharp > 0.5) & (soft > 0.5)
    assert same.sum() / ((sharp > 0.5) | (soft > 0.5)).sum() > 0.88
    assert ((soft > 0.1) & (soft < 0.9)).sum() > 3 * ((sharp > 0.1) & (sharp < 0.9)).sum()


def lesion_of(
    shape: str, vocabulary: Vocabulary, posterior: PosteriorEffect | None = None
) -> tuple[Tissue, np.ndarray]:
    """Draw an anechoic fluid collection; also return the distance to its outline."""
    styles, grid = default_appearance(), Grid.of("linear", SIZE)
    lesion = Lesion(
        x=0, y=0.45, radius=0.2, outline=styles.shape.of(vocabulary, vocabulary["shape"].id(shape)),
        lesion_type=styles.diagnosis.of(vocabulary, vocabulary["diagnosis"].id("fluid collection")),
        margin=Margin(blur=0), echogenicity=Echogenicity(UniformRange(-42, -42)), posterior=posterior,
    )  # fmt: skip
    tissue = Tissue(np.zeros_like(grid.x), np.zeros_like(grid.x))
    return tissue, add_lesion(tissue, lesion, grid, np.random.default_rng(2))


@pytest.mark.parametrize("shape", ["round", "oval", "lobulated", "tubular/linear", "nodular", "flattened", "irregular"])
def test_sediment_is_at_the_bottom_of_every_shape_and_leaves_its_outline(shape: str, vocabulary: Vocabulary) -> None:
    tissue, distance = lesion_of(shape, vocabulary)
    bright, dark = ((distance < 0) & part for part in (tissue.level > 5, tissue.level < -35))
    assert min(bright.sum(), dark.sum()) > 0.08 * (distance < 0).sum()
    assert np.argwhere(bright)[:, 0].mean() > np.argwhere(dark)[:, 0].mean() + 3
    assert distance[bright].max() < -0.05


@pytest.mark.parametrize("gain", [16, -24])
def test_posterior_effects_leave_the_border_visible(gain: int, vocabulary: Vocabulary) -> None:
    tissue, distance = lesion_of("round", vocabulary, PosteriorEffect(UniformRange(gain, gain)))
    below = tissue.gain[:, SIZE // 2]
    assert not below[distance[:, SIZE // 2] < 0.05].any()
    assert abs(below[distance[:, SIZE // 2] > 0.35]).max() > 0.9 * abs(gain)


@pytest.mark.parametrize("spread", ["even", "clump"])
def test_vessels_do_not_leave_their_region(spread: Literal["even", "clump"]) -> None:
    picture = np.full((SIZE, SIZE, 3), 90, dtype=np.uint8)
    inside = np.zeros((SIZE, SIZE), dtype=bool)
    inside[40:52, 20:70] = True
    flow = Flow(UniformRange(9, 9), UniformRange(0.5, 1), UniformRange(0.1, 0.2), spread, alias=0.5)
    add_doppler(picture, [(FlowRegion(inside, 20), flow)], np.random.default_rng(0))
    vessels = coloured(picture.astype(float))
    assert vessels.sum() > 60 and not (vessels & ~inside).any()
    reach = np.ptp(np.argwhere(vessels)[:, 1])
    assert reach > 35 if spread == "even" else reach < 35


@pytest.mark.parametrize("kind", ["septa", "specks"])
def test_septa_and_specks_keep_off_the_border(kind: Literal["septa", "specks"]) -> None:
    steps = np.linspace(-1.5, 1.5, 120, dtype=np.float32)
    x, y = np.meshgrid(steps, steps)
    interior = Interior(x, y, np.hypot(x, y) - 1, np.full_like(x, -15))
    inclusion = Inclusion(kind, 25, UniformRange(4, 4), UniformRange(0.05, 0.05))
    add_inclusion(interior, inclusion, np.random.default_rng(0))
    bright = interior.level > -5
    assert bright.sum() > 80 and interior.distance[bright].max() < -0.1


@pytest.mark.parametrize("size", [32, 64, (80, 48), 224], ids=str)
@pytest.mark.parametrize("frame", ["linear", "sector"])
def test_every_size_and_frame(size: int | tuple[int, int], frame: str, vocabulary: Vocabulary, named: Named) -> None:
    labels = named(
        organ="Bladder",
        diagnosis="nodule",
        shape="tubular/linear",
        internal_characteristics=("calcifications", "solid components"),
        vascularity="normal/regular vascularity",
    )
    image = draw_phantom(labels, vocabulary, np.random.default_rng(0), size, frame=frame)  # type: ignore[arg-type]
    assert image.size == (size if isinstance(size, tuple) else (size, size))


def test_every_label_alone_can_be_drawn(vocabulary: Vocabulary) -> None:
    def drawn(ids: tuple[tuple[int, ...], ...]) -> None:
        assert np.ptp(np.asarray(draw_phantom(LabelSet(ids), vocabulary, np.random.default_rng(1), 32))) > 100

    empty: list[tuple[int, ...]] = [()] * 9
    for dimension, names in enumerate(vocabulary.dimensions):
        for label in range(len(names)):
            if names.key != "organ":
                ids = [*empty[:dimension], (label,), *empty[dimension + 1 :]]
                drawn(tuple(ids))
    drawn(tuple(empty))


def test_several_labels_are_several_lesions(pixels: Pixels, named: Named) -> None:
    both = named(organ="Breast", shape="round", echogenicity=("anechoic", "hyperechoic"))
    grey = np.mean([pixels(both, seed)[..., 0] for seed in range(4)], axis=0)
    assert grey[38:44, 26:32].mean() < 15 and grey[38:44, 64:70].mean() > 160


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"organ": "Pancreas"}, r"organ: 'Pancreas' cannot be drawn, since appearance.toml .*; allowed: Liver, "),
        ({"organ": ("Liver", "Breast")}, "organ: a phantom shows one organ, but got Liver, Breast"),
        ({"body_system": ("Thorax", "Pediatrics")}, "body_system: a phantom shows one body system"),
        (
            {"organ": "Liver", "body_system": "Thorax"},
            "'Liver' belongs to 'Abdomen and retroperitoneum', but got 'Thor",
        ),
        ({"echogenicity": ORDER}, "these labels give 4 lesions; allowed: at most 3"),
    ],
    ids=["organ", "organs", "systems", "system", "lesions"],
)
def test_labels_that_cannot_be_drawn_are_refused(
    labels: dict[str, str], message: str, vocabulary: Vocabulary, named: Named
) -> None:
    with pytest.raises(DataError, match=message):
        draw_phantom(named(**labels), vocabulary, np.random.default_rng(0))


STAR = """
@prefix ns: <https://w3id.org/udt/ns#> . @prefix udaf: <https://w3id.org/udt/udaf/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix my: <https://example.org/> .
my:star a ns:ShapeValue , skos:Concept ; skos:prefLabel "star"@en ; skos:broader udaf:shape ;
    ns:prompt "a star" ; ns:order 9 .
"""


def test_label_of_an_extension_is_drawn_with_a_further_file(tmp_path: Path) -> None:
    (tmp_path / "extra.ttl").write_text(STAR)
    extended = Taxonomy.load(tmp_path / "extra.ttl").vocabulary
    star = LabelSet.of({"shape": ["star"]}, extended)
    with pytest.raises(
        DataError, match=r"shape: 'star' cannot be drawn, .* no entry for <https://example.org/star>; allowed: round"
    ):
        draw_phantom(star, extended, np.random.default_rng(0))
    (tmp_path / "looks.toml").write_text(
        '[prefixes]\nmy = "https://example.org/"\n'
        '[shape]\n"my:star" = { kind = "corners", aspect = 1, parts = 10, relief = 0.7 }\n'
    )
    looks = Appearance.load(tmp_path / "looks.toml")
    assert draw_phantom(star, extended, np.random.default_rng(0), 64, appearance=looks).size == (64, 64)
