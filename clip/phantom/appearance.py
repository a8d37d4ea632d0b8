"""The appearance of each label, read from `appearance.toml` and checked.

Python code draws outlines, textures and vessels; which label is drawn with which parameters is data. A value of a
taxonomy extension can be drawn once a further file of the same format has an entry for it. A dimension can be drawn
only if `Appearance` has a field of its key: phantoms have no labels of other dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

from udt.clip.phantom.grid import Frame
from udt.clip.phantom.tables import UniformRange, iri_of, read_tables, to_dataclass
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

BUILT_IN = Path(__file__).with_name("appearance.toml")

T = TypeVar("T")


ZERO = UniformRange(0, 0)
Texture = Literal["plain", "patches", "lobules", "fibres"]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of tissue; lengths are fractions of the image height, levels are in dB relative to the base tissue.

    :ivar thickness: height of the layer; the last layer extends to the bottom of the image.
    :ivar strength: amplitude of the texture, in dB.
    :ivar cell: size of the cells of the texture.
    :ivar tilt: angle of fibres, in degrees.
    :ivar interface: brightness of the lower border, in dB.
    """

    thickness: UniformRange
    level: float
    texture: Texture = "plain"
    strength: float = 0
    cell: float = 0.06
    tilt: UniformRange = ZERO
    interface: float = 0


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure in the tissue: an `ellipse`, or a `tube` or a bright `line` across the whole image.

    :ivar x: horizontal position of the centre.
    :ivar y: vertical position of the centre.
    :ivar width: half of the width.
    :ivar height: half of the height.
    :ivar level: level inside, in dB.
    :ivar rim: brightness of the border, in dB.
    :ivar gain: change of the level below the structure, in dB.
    :ivar bend: drop of the ends of a tube or a line below its centre.
    :ivar count: number of structures, each drawn with its own random values.
    :ivar repeat: number of reverberations of a line, including the line itself, at multiples of its depth.
    """

    kind: Literal["ellipse", "tube", "line"]
    x: UniformRange = ZERO
    y: UniformRange = ZERO
    width: UniformRange = ZERO
    height: UniformRange = ZERO
    tilt: UniformRange = ZERO
    level: float = 0
    rim: float = 0
    gain: float = 0
    bend: UniformRange = ZERO
    count: UniformRange = field(default=UniformRange(1, 1))
    repeat: int = 1
    texture: Texture = "plain"
    strength: float = 0
    cell: float = 0.06


@dataclass(frozen=True, slots=True)
class OrganView:
    """The tissue of an organ in one of its views, from the probe downwards.

    :ivar x: horizontal position of the centre of a lesion.
    :ivar y: vertical position of the centre of a lesion.
    """

    frame: Frame
    x: UniformRange
    y: UniformRange
    layers: tuple[Layer, ...]
    structures: tuple[Structure, ...] = ()


@dataclass(frozen=True, slots=True)
class Acquisition:
    """Properties of an image that no label depends on; lengths are fractions of the image height.

    :ivar mirror: probability that left and right are exchanged.
    :ivar shift: horizontal displacement of the organ.
    :ivar zoom: factor of the lengths of the organ.
    :ivar tilt: angle of the organ, in degrees.
    :ivar gain: level added to the whole image, in dB.
    :ivar slope: level added at the bottom of the image and subtracted at its top, in dB.
    """

    mirror: float = 0
    shift: UniformRange = ZERO
    zoom: UniformRange = field(default=UniformRange(1, 1))
    tilt: UniformRange = ZERO
    gain: UniformRange = ZERO
    slope: UniformRange = ZERO


@dataclass(frozen=True, slots=True)
class LesionType:
    """The size, walls and contents of a type of lesion.

    :ivar lesion: False for a diagnosis without a lesion.
    :ivar radius: radius of the disc of the same area, as a fraction of the image height.
    :ivar wall: brightness of the upper and lower walls, which beams meet at a right angle, in dB.
    :ivar debris: brightness of the sediment at the bottom, in dB relative to the rest of the lesion, or to the tissue
        around it if that is brighter.
    :ivar coarse: standard deviation of the inner texture, in dB.
    """

    lesion: bool = True
    radius: UniformRange = ZERO
    wall: float = 0
    debris: float = 0
    coarse: float = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of a lesion.

    :ivar aspect: height / width.
    :ivar tilt: angle of the long axis, in degrees.
    :ivar parts: number of lobes, or of corners, which are spikes and notches in turn.
    :ivar relief: depth of the notches between lobes as a fraction of their reach; else height of the corners or of the
        winding, as a fraction of the radius.
    """

    kind: Literal["ellipse", "lobes", "corners", "tube", "plaque"]
    aspect: UniformRange
    tilt: UniformRange = ZERO
    parts: UniformRange = ZERO
    relief: float = 0


@dataclass(frozen=True, slots=True)
class Margin:
    """The margin of a lesion; lengths are fractions of its radius.

    :ivar blur: standard deviation of the Gaussian by which the edge is softened; the outline is that of the shape.
    :ivar rim: brightness of a thin line along the margin, in dB.
    """

    blur: float
    rim: float = 0


@dataclass(frozen=True, slots=True)
class Echogenicity:
    """The brightness of a lesion.

    :ivar level: level in dB relative to the surrounding tissue.
    :ivar patches: amplitude of bright and dark patches, in dB.
    :ivar halo: attenuation of a thin line around the lesion, in dB; it shows the outline of a lesion like the tissue.
    """

    level: UniformRange
    patches: float = 0
    halo: float = 0


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Content of a lesion: `holes`, `specks`, `septa`, a solid `knob` at the wall, or a cystic and a solid `half`.

    :ivar level: level in dB relative to the tissue around the lesion; the solid half has it only in a lesion of fluid.
    :ivar count: number of holes, specks or septa.
    :ivar size: size as a fraction of the radius of the lesion.
    :ivar rim: level of a thin line around a hole, speck or knob, in dB relative to the tissue around the lesion.
    """

    kind: Literal["holes", "specks", "septa", "knob", "half"]
    level: float
    count: UniformRange = field(default=UniformRange(1, 1))
    size: UniformRange = ZERO
    rim: float = 0


@dataclass(frozen=True, slots=True)
class PosteriorEffect:
    """Enhancement or shadowing below a lesion.

    :ivar gain: change of the level below the lesion, in dB; negative for a shadow.
    """

    gain: UniformRange


@dataclass(frozen=True, slots=True)
class Flow:
    """Vessels in the Doppler box; lengths are fractions of the radius of the lesion.

    :ivar vessels: number of vessels.
    :ivar length: length of a vessel.
    :ivar width: half of the width of a vessel.
    :ivar spread: `even` in the whole lesion, or all in one `clump`.
    :ivar alias: fraction of the vessels whose flow is fast enough to alias.
    """

    vessels: UniformRange
    length: UniformRange = ZERO
    width: UniformRange = ZERO
    spread: Literal["even", "clump"] = "even"
    alias: float = 0


_CLASSES: Mapping[str, type[Any]] = MappingProxyType({
    "organ": OrganView, "diagnosis": LesionType, "shape": Outline, "margins": Margin, "echogenicity": Echogenicity,
    "internal_characteristics": Inclusion, "posterior_acoustics": PosteriorEffect, "vascularity": Flow,
})  # fmt: skip
_DEFAULTS = ("diagnosis", "shape", "margins", "echogenicity")

TRAITS = ("shape", "margins", "echogenicity")
"""The fields of `Appearance` that describe a lesion as a whole; each lesion has at most one label of each."""

BEHIND, FLOW, INCLUSIONS = "posterior_acoustics", "vascularity", "internal_characteristics"
"""The fields of what is seen behind a lesion, of the flow in it, and of what it contains."""

PER_LESION = (*TRAITS, BEHIND, FLOW)
"""The fields of which each lesion has at most one label."""


class DimensionAppearance(Generic[T]):
    """The drawing parameters of the labels of one dimension.

    :param key: key of the dimension.
    :param by_iri: parameters by the IRI of a label.
    :param default: parameters of a lesion without a label of this dimension, if the dimension has such a default.
    :param source: names of the files that were read, for messages.
    """

    def __init__(self, key: str, by_iri: Mapping[str, T], default: T | None, source: str) -> None:
        self._key = key
        self._by_iri = by_iri
        self._default = default
        self._source = source

    @property
    def default(self) -> T:
        """The parameters of a lesion without a label of this dimension.

        :raises DataError: if the files have no such default.
        """
        if self._default is None:
            raise DataError(f"{self._source}: the table unsaid.{self._key} is missing; add it")
        return self._default

    def drawable(self, vocabulary: Vocabulary) -> tuple[int, ...]:
        """Return the ids of the labels that can be drawn, in ascending order."""
        return tuple(i for i, iri in enumerate(vocabulary[self._key].iris) if iri in self._by_iri)

    def of(self, vocabulary: Vocabulary, label: int) -> T:
        """Return the parameters of a label, given its id.

        :raises DataError: if the files have no entry for the label.
        """
        names = vocabulary[self._key]
        found = self._by_iri.get(names.iris[label])
        if found is None:
            allowed = ", ".join(names.labels[i] for i in self.drawable(vocabulary))
            raise DataError(
                f"{self._key}: '{names.labels[label]}' cannot be drawn, since {self._source} has no entry for "
                f"<{names.iris[label]}>; allowed: {allowed}; or add an entry in a further file (--appearance)"
            )
        return found


@dataclass(frozen=True, slots=True)
class Appearance:
    """The drawing parameters of the labels of each dimension. The body system is given by the organ.

    :ivar organ: the views of each organ, of which each image shows one.
    """

    acquisition: Acquisition
    organ: DimensionAppearance[tuple[OrganView, ...]]
    diagnosis: DimensionAppearance[LesionType]
    shape: DimensionAppearance[Outline]
    margins: DimensionAppearance[Margin]
    echogenicity: DimensionAppearance[Echogenicity]
    internal_characteristics: DimensionAppearance[Inclusion]
    posterior_acoustics: DimensionAppearance[PosteriorEffect]
    vascularity: DimensionAppearance[Flow]

    @classmethod
    def load(cls, *extras: str | Path) -> Appearance:
        """Load the built-in appearance, and further files, whose entries override those of earlier files.

        :raises DataError: with the file and the position of the first error.
        """
        files = [BUILT_IN, *map(Path, extras)]
        tables = [(path, _read(path)) for path in files]
        source = ", ".join(path.name for path in files)
        acquisition = Acquisition()
        for path, table in tables:
            if "acquisition" in table:
                acquisition = to_dataclass(Acquisition, table["acquisition"], f"{path}: acquisition")
        return cls(acquisition=acquisition, **{key: _dimension(key, tables, source) for key in _CLASSES})


def drawn_dimensions(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the keys of the dimensions that phantoms show: the outer places, and those with drawing parameters."""
    outer, _ = vocabulary.nested_places
    return tuple(key for key in vocabulary.keys if key == outer or key in _CLASSES)


@cache
def default_appearance() -> Appearance:
    """Return the built-in appearance, which is read only once."""
    return Appearance.load()


def _read(path: Path) -> dict[str, Any]:
    table = read_tables(path, {"acquisition", "unsaid", *_CLASSES})
    if unknown := sorted(table.get("unsaid", {}).keys() - set(_DEFAULTS)):
        raise DataError(f"{path}: unsaid has {', '.join(unknown)}; allowed: {', '.join(_DEFAULTS)}")
    return table


def _dimension(key: str, tables: list[tuple[Path, dict[str, Any]]], source: str) -> DimensionAppearance[Any]:
    by_iri: dict[str, Any] = {}
    default: Any = None
    for path, table in tables:
        for name, values in table.get(key, {}).items():
            by_iri[iri_of(name, table, path)] = _entry(key, values, f"{path}: {key}.{name}")
        if key in table.get("unsaid", {}):
            default = to_dataclass(_CLASSES[key], table["unsaid"][key], f"{path}: unsaid.{key}")
    return DimensionAppearance(key, by_iri, default, source)


def _entry(key: str, values: Any, place: str) -> Any:
    """Return the parameters of a label; an organ has a table, or a list of them with one a view."""
    if key != "organ":
        return to_dataclass(_CLASSES[key], values, place)
    views = values if isinstance(values, list) else [values]
    if not views:
        raise DataError(f"{place}: has no view; give a table, or a list of at least one")
    if len(views) == 1:
        return (to_dataclass(OrganView, views[0], place),)
    return tuple(to_dataclass(OrganView, view, f"{place}, number {number}") for number, view in enumerate(views, 1))
