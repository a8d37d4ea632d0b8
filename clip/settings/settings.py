"""The settings of a training, read from TOML and checked before anything is loaded.

Settings that a file does not set are those of the preset that it extends, by default `udt`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from udt.clip.data.augmentation import Augmentation
from udt.clip.settings.checks import faults_of
from udt.clip.settings.preset import BASE, EXTENDS, preset_layers, presets
from udt.clip.settings.sections import (
    DataSettings,
    EvaluationSettings,
    ModelSettings,
    ObjectiveSettings,
    OptimizationSettings,
    RunSettings,
    Tower,
    is_folder,
)
from udt.core.errors import DataError
from udt.core.parsing import Given, read, shown, unknown
from udt.core.toml_files import parse_toml, read_toml

# Settings that do not change the result: paths, and how files are kept and shown.
_WITHOUT_EFFECT = {
    "run.out", "run.keep", "run.tensorboard", "run.device", "data.workers", "data.image_root", "data.bundle",
    "data.max_broken_share", "evaluation.batch_size",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """All settings of a training, by section."""

    model: ModelSettings
    data: DataSettings
    augmentation: Augmentation
    objective: ObjectiveSettings
    optimization: OptimizationSettings
    evaluation: EvaluationSettings
    run: RunSettings

    @classmethod
    def load(
        cls,
        config: str | Path | None = None,
        *,
        preset: str | None = None,
        changes: Iterable[str] = (),
        check: bool = True,
        base: str = BASE,
    ) -> TrainSettings:
        """Load the settings of a file or a preset, with changes.

        :param config: TOML file.
        :param preset: name of a preset, instead of a file.
        :param changes: `section.key=value`, the value as in TOML; a value that is not TOML is a string.
        :param check: whether to check values too, e.g. that paths exist; otherwise only keys and types.
        :param base: preset that is used without file and preset, and that a file extends that does not name another.
        :raises DataError: with all faults at once.
        """
        layers = preset_layers(preset or base) if config is None else _file_layers(Path(config), base)
        return cls.of([*layers, *map(_change, changes)], check=check)

    @classmethod
    def of(cls, layers: Sequence[tuple[str, Mapping[str, Any]]], *, check: bool = True) -> TrainSettings:
        """Merge layers of settings; later ones win, key by key.

        :param layers: (name of the source, section to key to value).
        :param check: as in `load`.
        :raises DataError: with all faults at once.
        """
        faults: list[str] = []
        kinds = get_type_hints(cls)
        tables = _merged(layers, kinds, faults)
        parts: dict[str, Any] = {name: read(kind, name, tables[name], faults) for name, kind in kinds.items()}
        if check:
            faults += faults_of(parts)
        if faults:
            count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
            raise DataError(f"the settings have {count}:\n" + "\n".join(f"  - {fault}" for fault in faults))
        return cls(**parts)

    def resolved(self) -> TrainSettings:
        """Return the settings with absolute paths."""
        towers: dict[str, Any] = {half: _absolute_tower(getattr(self.model, half)) for half in ("image", "text")}
        return replace(
            self,
            model=replace(self.model, **towers),
            data=replace(self.data, bundle=_absolute(self.data.bundle), image_root=_absolute(self.data.image_root)),
            objective=replace(self.objective, similarity=_absolute(self.objective.similarity)),
            run=replace(self.run, out=_absolute(self.run.out)),
        )

    def differences(self, other: TrainSettings) -> list[str]:
        """Return `section.key` of every setting that differs, except for those that do not change the result."""
        own, theirs = (asdict(settings) for settings in (self, other))
        pairs = [(section, key) for section, table in own.items() for key in table]
        differing = [f"{section}.{key}" for section, key in pairs if own[section][key] != theirs[section][key]]
        return [path for path in differing if path not in _WITHOUT_EFFECT]

    def to_toml(self) -> str:
        """Return all settings as TOML, from which `load` reads equal ones."""
        import tomli_w

        return tomli_w.dumps(_without_none({"run": {}, **asdict(self)}))


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the settings that are None, for which TOML has no value."""
    return {
        key: _without_none(value) if isinstance(value, Mapping) else value
        for key, value in table.items()
        if value is not None
    }


def _absolute(path: Any) -> Any:
    return str(Path(path).expanduser().resolve()) if path else path


def _absolute_tower(tower: Tower) -> Tower:
    return _absolute(tower) if isinstance(tower, str) and is_folder(tower) else tower


def _file_layers(path: Path, default: str, seen: tuple[Path, ...] = ()) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the layers of a file, first those that it extends.

    A file extends a preset, by default `default`, or another file, whose path is relative to its own folder.
    """
    if path.resolve() in seen:
        raise DataError(f"{path}: extends itself; leave out '{EXTENDS}' in one of the files")
    own = _parsed(path)
    base = own.pop(EXTENDS, default)
    if not isinstance(base, str):
        raise DataError(f"{path}: {EXTENDS} is {shown(base)}; give the name of a preset or the path of a file")
    if base.endswith(".toml"):
        return [*_file_layers(path.parent / base, default, (*seen, path.resolve())), (str(path), own)]
    return [*preset_layers(base), (str(path), own)]


def _parsed(path: Path) -> dict[str, Any]:
    if not path.exists():
        hint = f"give a TOML file, or a preset: --preset {'|'.join(presets())}"
        raise DataError(f"{path}: no such file; {hint}")
    found = read_toml(path)
    model = found.get("model")
    # Older versions wrote true for graphs of labels, and false for none.
    if isinstance(model, dict) and isinstance(model.get("graph"), bool):
        model["graph"] = "labels" if model["graph"] else "none"
    return found


def _change(text: str) -> tuple[str, Mapping[str, Any]]:
    path, equals, value = text.partition("=")
    section, dot, key = path.strip().partition(".")
    if not (equals and dot and key):
        raise DataError(f"--set {text}: is not 'section.key=value', e.g. optimization.lr=1e-4")
    try:
        plain = parse_toml(f"value = {value}", f"--set {path}")["value"]
    except DataError:
        plain = value.strip()
    return f"--set {text}", {section: {key: plain}}


def _merged(
    layers: Sequence[tuple[str, Mapping[str, Any]]], sections: Mapping[str, object], faults: list[str]
) -> dict[str, dict[str, Given]]:
    """Merge layers to section to key to value; tables within a section, such as towers, are replaced as a whole."""
    found: dict[str, dict[str, Given]] = {name: {} for name in sections}
    for source, layer in layers:
        for name, table in layer.items():
            if name not in sections:
                faults.append(unknown(name, name, sections, source))
            elif not isinstance(table, Mapping):
                faults.append(f"{name} is {shown(table)} ({source}); it has to be a section: [{name}]")
            else:
                found[name] |= {key: Given(value, source) for key, value in table.items()}
    return found
