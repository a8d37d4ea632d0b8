"""Damaged folders of models: a model that embeds images and texts, or a worded error; no code of a folder is run."""

from __future__ import annotations

import json
import pickle
import shutil
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.attacks.mutations import mutations
from tests.clip.evaluation.conftest import tiny_model
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.load import load_encoder
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.model.tokenizer import train_tokenizer
from udt.clip.model.towers import load_tower
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def sound(vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model with its processor."""
    folder = tmp_path_factory.mktemp("models") / "sound"
    texts = [text for d in vocabulary.dimensions for text in (*d.prompts, *d.labels)]
    tiny_model(vocabulary).save_pretrained(folder)
    UltrasoundClipProcessor(ImageTransform(16, 16), train_tokenizer(texts, 400), vocabulary, 64).save_pretrained(folder)
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of the folder, to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "model"))


def _load(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        UltrasoundEncoder.load(folder)


def test_the_sound_model_is_loaded(sound: Path) -> None:
    _load(sound)


def _files(sound: Path) -> list[Path]:
    return sorted(path for path in sound.iterdir() if path.is_file())


def _damage(sound: Path, folder: Path, count: int, seed: int) -> Iterator[Path]:
    """Yield each file after damage, which is undone for the next."""
    random = Random(seed)
    for number in range(count):
        path = _files(sound)[number % len(_files(sound))]
        # The header of safetensors, and the first lines of JSON, are the interesting parts of a file.
        content = path.read_bytes()
        head = content[:3000] if random.random() < 0.7 else content
        (changed,) = mutations(head, 1, random.randrange(10**6))
        (folder / path.name).write_bytes(changed + content[len(head) :])
        yield folder / path.name
        (folder / path.name).write_bytes(content)


@pytest.mark.parametrize("count", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_damaged_files_are_loaded_or_worded(sound: Path, folder: Path, count: int) -> None:
    for path in _damage(sound, folder, count, seed=count):
        try:
            _load(folder)
        except DataError as error:
            assert "\n" not in str(error) or "faults" in str(error), path.name


def test_a_missing_file_is_worded(sound: Path, folder: Path) -> None:
    for path in _files(sound):
        if path.name in ("tokenizer_config.json", "special_tokens_map.json"):
            continue
        (folder / path.name).rename(folder / "aside")
        with pytest.raises(DataError):
            _load(folder)
        (folder / "aside").rename(folder / path.name)


class _Bomb:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return eval, ("__import__('pathlib').Path('ran').touch()",)


@pytest.mark.parametrize("own", [True, False], ids=["own", "baseline"])
def test_pickled_weights_are_never_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(_Bomb()))
    torch.save({"x": _Bomb()}, folder / "training_args.bin")
    if not own:
        (folder / "config.json").write_text(json.dumps({"model_type": "clip"}))
    with pytest.raises(DataError, match=r"has its weights in pytorch_model.bin, training_args.bin alone"):
        load_encoder(str(folder))
    with pytest.raises(DataError):
        UltrasoundClipModel.from_pretrained(folder)
    with pytest.raises(DataError):
        load_tower(str(folder), "text", "cls")
    assert not (tmp_path / "ran").exists()


def test_an_index_cannot_name_pickled_files_or_others(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    for name in "part.bin", "../part.safetensors", 5:
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
        with pytest.raises(DataError, match="lists other files"):
            _load(folder)
    for content in "[]", "{}", '{"weight_map": []}', "{":
        (folder / "model.safetensors.index.json").write_text(content)
        with pytest.raises(DataError):
            _load(folder)


def test_code_in_a_folder_is_not_run(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (folder / "evil.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    names = dict.fromkeys(("AutoConfig", "AutoModel", "AutoTokenizer"), "evil.Evil")
    for name, kind in ("config.json", "strange"), ("config.json", "ultrasound-clip"), ("tokenizer_config.json", "x"):
        content = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({**content, "auto_map": names, "model_type": kind}))
        with suppress(DataError):
            load_encoder(str(folder), device="cpu")
    assert not (tmp_path / "ran").exists()


def _change(folder: Path, name: str, **changes: Any) -> None:
    path = folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"projection_dim": 10**12}, "."),
        ({"graph_heads": 0}, "graph_heads is 0"),
        ({"graph_heads": "2"}, "graph_heads is 2"),
        ({"text_config": {}}, "no model_type"),
        ({"text_config": []}, "."),
        ({"text_config": {"model_type": "bert", "num_hidden_layers": 10**9}}, "num_hidden_layers of a tower"),
        ({"vision_config": None}, "two towers"),
        ({"node_types": [0, 1]}, "2 node_types"),
        ({"node_types": None}, "."),
        ({"dtype": "float99"}, "."),
        ({"image_pooling": "sum"}, "image_pooling is 'sum'"),
    ],
)
def test_a_configuration_of_a_wrong_shape(folder: Path, change: dict[str, Any], message: str) -> None:
    _change(folder, "config.json", **change)
    with pytest.raises(DataError, match=message):
        _load(folder)


@pytest.mark.parametrize(
    "transform", [None, [], {}, {"height": "a"}, {"height": 10**9}, {"mean": [0]}, {"std": [0, 0, 0]}]
)
def test_a_preprocessing_of_a_wrong_shape(folder: Path, transform: Any) -> None:
    path = folder / "preprocessor_config.json"
    plain = json.loads(path.read_text())["transform"]
    given = {**plain, **transform} if transform else transform
    path.write_text(json.dumps({"transform": given}))
    with pytest.raises(DataError):
        _load(folder)


def test_weights_that_are_missing_unknown_or_not_finite(folder: Path) -> None:
    path = folder / "model.safetensors"
    sound = load_file(path)
    name = sorted(sound)[0]
    for weights, message in (
        ({key: value for key, value in sound.items() if key != name}, f"lacks the weights {name}"),
        ({**sound, "other": torch.zeros(2)}, "has the unknown weights other"),
        ({**sound, name: torch.full_like(sound[name], torch.nan)}, f"the weights {name} hold infinity or NaN"),
        ({**sound, name: torch.zeros(3)}, "."),
    ):
        save_file(weights, path, metadata={"format": "pt"})
        with pytest.raises(DataError, match=message):
            _load(folder)


def test_a_tokenizer_of_another_model(folder: Path) -> None:
    train_tokenizer(["abcdefghijklmnopqrstuvwxyz ".join(map(chr, range(0x4E00, 0x5000)))], 1000).save_pretrained(folder)
    with pytest.raises(DataError, match="do not fit"):
        _load(folder)
