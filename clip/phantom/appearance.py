"""What each label looks like: `appearance.toml`, read and checked.

Python knows how to draw an outline, a texture or a vessel; which label is drawn how is data. A value of a user's own
taxonomy extension is drawn when a further file of the same form says how.
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
    """A layer of tissue; lengths are parts of the image's height, levels in dB above the tissue of lesions.

    :ivar thickness: the last layer goes on to the bottom.
    :ivar strength: of the texture, in dB; `cell` is how coarse it is, `tilt` the angle of fibres in degrees.
    :ivar interface: how bright the lower border is.
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
    """Something in the tissue: an `ellipse`, a `tube` from side to side, or a bright `line` from side to side.

    :ivar x: of the middle; `y` likewise. `width` and `height` are half of what the structure measures.
    :ivar level: inside; `rim` is how bright the border is, both in dB.
    :ivar gain: change of what lies behind it, in dB.
    :ivar bend: how far a tube or a line bends down to its ends.
    :ivar count: how many there are, each drawn anew.
    :ivar repeat: how often a line is seen again at multiples of its depth.
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
class Organ:
    """The tissue of an organ, from the probe downwards.

    :ivar x: where the middle of a lesion may be; `y` likewise.
    """

    frame: Frame
    x: UniformRange
    y: UniformRange
    layers: tuple[Layer, ...]
    structures: tuple[Structure, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What kind of lesion there is.

    :ivar lesion: is there one?
    :ivar radius: as part of the image's height, of a disc of the same area.
    :ivar wall: how bright the upper and lower walls are, in dB, where beams meet them at a right angle.
    :ivar debris: how much brighter than the rest, or than dark fluid, the sediment at the bottom is, in dB.
    :ivar coarse: standard deviation of the inner texture, in dB.
    """

    lesion: bool = True
    radius: UniformRange = ZERO
    wall: float = 0
    debris: float = 0
    coarse: float = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of a lesion.

    :ivar aspect: height / width.
    :ivar tilt: of the long axis, in degrees.
    :ivar parts: how many lobes or corners; `relief` is how far they stand out, as part of the radius.
    """

    kind: Literal["ellipse", "lobes", "corners", "tube", "plaque"]
    aspect: UniformRange
    tilt: UniformRange = ZERO
    parts: UniformRange = ZERO
    relief: float = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """The border of a lesion; lengths as parts of its radius.

    :ivar blur: how wide the transition is; `ragged` is how far it strays.
    :ivar rim: how bright a thin line along it is, in dB.
    """

    blur: float
    ragged: float = 0
    rim: float = 0


@dataclass(frozen=True, slots=True)
class Echo:
    """How bright a lesion is, in dB above the tissue around it.

    :ivar patches: brightness of light and dark patches, in dB.
    :ivar halo: how much darker a thin line around the lesion is, which alone shows one that is as bright as its tissue.
    """

    level: UniformRange
    patches: float = 0
    halo: float = 0


@dataclass(frozen=True, slots=True)
class Inside:
    """Something in a lesion: `holes`, `specks`, `septa`, a solid `knob` at the wall, or a dark and a light `half`.

    :ivar size: as part of the lesion's radius.
    :ivar level: in dB above the tissue around the lesion; `rim` is that of a thin line around it.
    """

    kind: Literal["holes", "specks", "septa", "knob", "half"]
    level: float
    count: UniformRange = field(default=UniformRange(1, 1))
    size: UniformRange = ZERO
    rim: float = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """What lies behind a lesion is brighter by `gain`, in dB."""

    gain: UniformRange


@dataclass(frozen=True, slots=True)
class Flow:
    """Vessels in the Doppler box.

    :ivar length: as part of the lesion's radius; `width` is half of what a vessel measures, likewise.
    :ivar spread: `even` in the whole lesion, or all in one `clump`.
    :ivar alias: part of the flow that is too fast for its colour.
    """

    vessels: UniformRange
    length: UniformRange = ZERO
    width: UniformRange = ZERO
    spread: Literal["even", "clump"] = "even"
    alias: float = 0


_PARTS: Mapping[str, type[Any]] = MappingProxyType({
    "organ": Organ, "diagnosis": Body, "shape": Outline, "margins": Edge, "echogenicity": Echo,
    "internal_characteristics": Inside, "posterior_acoustics": Behind, "vascularity": Flow,
})  # fmt: skip
_DEFAULTS = ("diagnosis", "shape", "margins", "echogenicity")


class Looks(Generic[T]):
    """What the labels of one dimension look like.

    Where the dimension has a way to draw a lesion of which it says nothing, that is `unsaid`.
    """

    def __init__(self, key: str, by_iri: Mapping[str, T], unsaid: T | None, source: str) -> None:
        self._key = key
        self._by_iri = by_iri
        self._unsaid = unsaid
        self._source = source

    @property
    def unsaid(self) -> T:
        """How to draw a lesion where no label of this dimension is given.

        :raises DataError: where nothing says so.
        """
        if self._unsaid is None:
            raise DataError(f"{self._source}: says nothing of unsaid.{self._key}; add that table")
        return self._unsaid

    def drawn(self, vocabulary: Vocabulary) -> tuple[int, ...]:
        """The ids of the labels that can be drawn, ascending."""
        return tuple(i for i, iri in enumerate(vocabulary[self._key].iris) if iri in self._by_iri)

    def of(self, vocabulary: Vocabulary, label: int) -> T:
        """What the label of this id looks like.

        :raises DataError: where nothing says so.
        """
        names = vocabulary[self._key]
        found = self._by_iri.get(names.iris[label])
        if found is None:
            allowed = ", ".join(names.labels[i] for i in self.drawn(vocabulary))
            raise DataError(
                f"{self._key}: no phantom shows '{names.labels[label]}', since {self._source} does not say how "
                f"<{names.iris[label]}> looks; allowed: {allowed}; or say it in a further file (--appearance)"
            )
        return found


@dataclass(frozen=True, slots=True)
class Appearance:
    """What the labels of each dimension look like. The body system is that of the organ."""

    organ: Looks[Organ]
    diagnosis: Looks[Body]
    shape: Looks[Outline]
    margins: Looks[Edge]
    echogenicity: Looks[Echo]
    internal_characteristics: Looks[Inside]
    posterior_acoustics: Looks[Behind]
    vascularity: Looks[Flow]

    @classmethod
    def load(cls, *extras: str | Path) -> Appearance:
        """The looks that come with the package, and those of further files, which win.

        :raises DataError: with file and place of the first fault.
        """
        files = [BUILT_IN, *map(Path, extras)]
        tables = [(path, _read(path)) for path in files]
        source = ", ".join(path.name for path in files)
        return cls(**{key: _looks(key, tables, source) for key in _PARTS})


@cache
def built_in() -> Appearance:
    """The looks that come with the package, read once."""
    return Appearance.load()


def _read(path: Path) -> dict[str, Any]:
    table = read_tables(path, {"unsaid", *_PARTS})
    if unknown := sorted(table.get("unsaid", {}).keys() - set(_DEFAULTS)):
        raise DataError(f"{path}: unsaid has {', '.join(unknown)}; allowed: {', '.join(_DEFAULTS)}")
    return table


def _looks(key: str, tables: list[tuple[Path, dict[str, Any]]], source: str) -> Looks[Any]:
    by_iri: dict[str, Any] = {}
    unsaid: Any = None
    for path, table in tables:
        for name, values in table.get(key, {}).items():
            by_iri[iri_of(name, table, path)] = to_dataclass(_PARTS[key], values, f"{path}: {key}.{name}")
        if key in table.get("unsaid", {}):
            unsaid = to_dataclass(_PARTS[key], table["unsaid"][key], f"{path}: unsaid.{key}")
    return Looks(key, by_iri, unsaid, source)
