"""Each label is visible in the image: measured over several seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from udt.clip.phantom.appearance import Appearance, default_appearance
from udt.clip.phantom.drawing import brightness, draw_phantom
from udt.clip.phantom.grid import Grid
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

from .conftest import Named

SIZE = 96
PLACE = {"organ": "Liver"}
ORDER = ("anechoic", "hypoechoic", "isoechoic", "hyperechoic")


def pixels(labels: LabelSet, vocabulary: Vocabulary, seed: int = 0, size: int = SIZE) -> np.ndarray:
    return np.asarray(draw_phantom(labels, vocabulary, np.random.default_rng(seed), size), dtype=float)


def mean_of(labels: LabelSet, vocabulary: Vocabulary, part: tuple[slice, slice]) -> float:
    """Return the mean grey value of a part of the image, over four seeds."""
    return float(np.mean([pixels(labels, vocabulary, seed)[(*part, 0)].mean() for seed in range(4)]))


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


def test_brightness_follows_echogenicity(vocabulary: Vocabulary, named: Named) -> None:
    levels = [mean_of(named(**PLACE, echogenicity=one), vocabulary, MIDDLE) for one in ORDER]
    assert np.all(np.diff(levels) > 15), levels
    around = mean_of(named(**PLACE, diagnosis="normal appearance"), vocabulary, MIDDLE)
    assert levels[0] < 12 and abs(levels[2] - around) < 12


def test_mixed_echogenicity_is_patchy(vocabulary: Vocabulary, named: Named) -> None:
    def spread(echogenicity: str) -> float:
        found = [
            pixels(named(**PLACE, echogenicity=echogenicity), vocabulary, seed)[30:50, 38:58, 0] for seed in range(4)
        ]
        return float(np.mean([part.std() for part in found]))

    assert spread("mixed echogenicity") > 2 * max(spread("hypoechoic"), spread("hyperechoic"))


def test_posterior_effects_change_the_brightness_below(vocabulary: Vocabulary, named: Named) -> None:
    plain = mean_of(named(**PLACE, echogenicity="hypoechoic"), vocabulary, BELOW)
    bright, dark = (
        mean_of(named(**PLACE, echogenicity="hypoechoic", posterior_acoustics=one), vocabulary, BELOW)
        for one in ("enhancement", "shadowing")
    )
    assert bright > plain + 25 and dark < plain - 60


def test_shadow_does_not_affect_the_sides(vocabulary: Vocabulary, named: Named) -> None:
    shadow = named(organ="Breast", shape="round", posterior_acoustics="shadowing")
    beside = (slice(60, 66), slice(2, 12))
    assert abs(mean_of(shadow, vocabulary, beside) - mean_of(named(organ="Breast"), vocabulary, beside)) < 6


def test_sharp_margins_are_steeper(vocabulary: Vocabulary, named: Named) -> None:
    def steepest(margins: str) -> float:
        labels = named(organ="Breast", shape="round", echogenicity="hypoechoic", margins=margins)
        rows = np.mean([pixels(labels, vocabulary, seed, 192)[:, :, 0] for seed in range(3)], axis=0)
        smooth = rows[60:100].mean(axis=0)
        return float(np.abs(np.diff(smooth))[20:172].max())

    assert steepest("well-defined") > 1.5 * steepest("ill-defined/indistinct")


def test_the_amount_of_colour_follows_vascularity(vocabulary: Vocabulary, named: Named) -> None:
    def amount(label: str) -> float:
        labels = named(**PLACE, diagnosis="mass", vascularity=label)
        return float(np.mean([coloured(pixels(labels, vocabulary, seed)).sum() for seed in range(4)]))

    none, reduced, normal, much = (
        amount(f"{one} vascularity") for one in ("no", "reduced/diminished", "normal/regular", "increased")
    )
    assert none == 0 and 10 < reduced < normal / 2 and normal < much / 2
    box = (pixels(named(**PLACE, vascularity="no vascularity"), vocabulary) == [210, 210, 90]).all(axis=2)
    assert box.sum() > SIZE, "an empty box shows that Doppler was used"
    assert not coloured(pixels(named(**PLACE, diagnosis="mass"), vocabulary)).any()


def test_inhomogeneous_flow_is_in_a_clump_with_other_colours(vocabulary: Vocabulary, named: Named) -> None:
    label = "indeterminate/inhomogeneous vascularity"
    found = pixels(named(**PLACE, diagnosis="mass", vascularity=label), vocabulary)
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
def test_inclusions_are_visible(label: str, brighter: object, vocabulary: Vocabulary, named: Named) -> None:
    assert callable(brighter)
    same = {"organ": "Breast", "diagnosis": "mass", "echogenicity": "hypoechoic"}
    plain = np.stack([pixels(named(**same), vocabulary, seed)[15:65, 20:76, 0] for seed in range(3)])
    found = np.stack(
        [pixels(named(**same, internal_characteristics=label), vocabulary, seed)[15:65, 20:76, 0] for seed in range(3)]
    )
    assert brighter(plain, found)


def test_lesion_size_follows_diagnosis(vocabulary: Vocabulary, named: Named) -> None:
    def dark(diagnosis: str) -> float:
        labels = named(organ="Breast", diagnosis=diagnosis)
        normal = named(organ="Breast", diagnosis="normal appearance")
        parts = [pixels(one, vocabulary, 0)[20:65, :, 0] for one in (labels, normal)]
        return float((parts[0] < 100).sum() - (parts[1] < 100).sum())

    assert dark("mass") > 2 * dark("nodule") > 200
    assert dark("normal appearance") == 0


def test_organs_look_different(vocabulary: Vocabulary, named: Named) -> None:
    """Even where they are blurred: each is nearer to itself, drawn again, than to any other."""
    drawable = default_appearance().organ.drawable(vocabulary)
    drawn = [vocabulary["organ"].labels[one] for one in drawable]
    assert len(drawn) >= 15
    assert {vocabulary["organ"].parents[one] for one in drawable} == set(range(9))

    def blurred(organ: str, seed: int) -> np.ndarray:
        grey = pixels(named(organ=organ, diagnosis="normal appearance"), vocabulary, seed, 64)[..., 0]
        return grey.reshape(16, 4, 16, 4).mean(axis=(1, 3)).ravel()

    first, second = (np.stack([blurred(organ, seed) for organ in drawn]) for seed in (0, 1))
    distance = np.linalg.norm(first[:, None] - second[None], axis=2)
    assert (distance.argmin(axis=1) == np.arange(len(drawn))).all()


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
    empty: list[tuple[int, ...]] = [()] * 9
    for dimension, names in enumerate(vocabulary.dimensions):
        for label in range(len(names)):
            if names.key != "organ":
                ids = [*empty[:dimension], (label,), *empty[dimension + 1 :]]
                assert np.ptp(pixels(LabelSet(tuple(ids)), vocabulary, 1, 32)) > 100
    assert np.ptp(pixels(LabelSet(tuple(empty)), vocabulary, 1, 32)) > 100


def test_several_labels_are_several_lesions(vocabulary: Vocabulary, named: Named) -> None:
    both = named(organ="Breast", shape="round", echogenicity=("anechoic", "hyperechoic"))
    grey = np.mean([pixels(both, vocabulary, seed)[..., 0] for seed in range(4)], axis=0)
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
        pixels(named(**labels), vocabulary)


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
        pixels(star, extended)
    (tmp_path / "looks.toml").write_text(
        '[prefixes]\nmy = "https://example.org/"\n'
        '[shape]\n"my:star" = { kind = "corners", aspect = 1, parts = 10, relief = 0.7 }\n'
    )
    looks = Appearance.load(tmp_path / "looks.toml")
    assert draw_phantom(star, extended, np.random.default_rng(0), 64, appearance=looks).size == (64, 64)
