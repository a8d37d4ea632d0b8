"""Loading of the files of models: weights are read from safetensors alone, no code is run, and every fault is worded.

A pickled file of weights, as `pytorch_model.bin`, can run code when it is read.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import torch
from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError, StrictDataclassError
from safetensors import SafetensorError
from torch import nn

from udt.core.errors import DataError, UdtError

SAFE_WEIGHTS = {"use_safetensors": True}
"""Arguments of `from_pretrained` for a class of models."""

NO_CODE = {"trust_remote_code": False}
"""Arguments of `from_pretrained` for an `Auto` class, which otherwise offers to run the code in a folder."""

FROZEN = "frozen.json"
"""File of a checkpoint that leaves out frozen weights; see `udt.clip.training.checkpoint`."""

_FAULTS = (
    OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError, EOFError, ImportError,
    AssertionError, MemoryError, pickle.UnpicklingError, SafetensorError, StrictDataclassError,
)  # fmt: skip
# The errors of the HTTP client of huggingface_hub, which is not the same in all of its versions.
_NO_ANSWER = cast("type[Exception]", HfHubHTTPError.__bases__[0])
_HUB_SECONDS = 10
_CONFIG = "config.json"
_LONGEST_REASON = 300
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_INDEX = "model.safetensors.index.json"


class Loading:
    """A context in which an error of a library on faulty files becomes a DataError.

    :param subject: the file or folder, and its fault, e.g. `run: cannot be resumed`.
    :param hint: the next step.
    """

    def __init__(self, subject: str, hint: str) -> None:
        self.subject = subject
        self.hint = hint

    def __enter__(self) -> None:
        """Enter the context."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Leave the context.

        :raises DataError: if a library failed.
        """
        if kind is not None and _is_fault(kind):
            lines = str(error).strip().splitlines()
            reason = lines[0][:_LONGEST_REASON] if lines else kind.__name__
            raise DataError(f"{self.subject}: {reason}; {self.hint}") from error


def _is_fault(kind: type[BaseException]) -> bool:
    # tokenizers raises Exception itself, and the panics of its Rust code are no exceptions of the standard library.
    return (issubclass(kind, _FAULTS) and not issubclass(kind, UdtError)) or (
        kind is Exception or kind.__name__ == "PanicException"
    )


def check_weights(source: str) -> None:
    """Check that the weights of a folder are in safetensors files; nothing is checked for a name on the hub.

    :raises DataError: if they are only in pickled files, or in files elsewhere, or in part left out.
    """
    folder = Path(source)
    if (folder / FROZEN).is_file():
        raise DataError(
            f"{source}: is a checkpoint for resuming, without the frozen weights of its towers; take the model best or "
            "last of its run"
        )
    if not folder.is_dir() or (folder / "model.safetensors").is_file():
        return
    for name in _parts(folder / _INDEX):
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise DataError(f"{folder / _INDEX}: lists other files than *.safetensors of its folder; save it again")
    pickled = sorted(path.name for pattern in _PICKLED for path in folder.glob(pattern))
    if pickled and not any(folder.glob("*.safetensors")):
        raise DataError(
            f"{source}: has its weights in {', '.join(pickled)} alone, which could run code when it is read; save the "
            "model as model.safetensors"
        )


def check_hub(source: str) -> None:
    """Ask the hub once for a model that is neither a folder nor in the cache; `transformers` asks for half a minute.

    :raises OSError: if the hub cannot be reached.
    """
    if Path(source).is_dir() or isinstance(try_to_load_from_cache(source, _CONFIG), str):
        return
    try:
        get_hf_file_metadata(hf_hub_url(source, _CONFIG), timeout=_HUB_SECONDS)
    except HfHubHTTPError:
        return  # An answer, which `transformers` words.
    except _NO_ANSWER as error:
        raise OSError(f"it is neither a folder nor in the cache, and the hub cannot be reached ({error})") from error


def _parts(index: Path) -> list[str]:
    """Return the files that an index lists; empty if there is no index."""
    if not index.is_file():
        return []
    with Loading(str(index), "it has to list the files of the weights; save the model again"):
        return [str(name) for name in dict(json.loads(index.read_text("utf-8")))["weight_map"].values()]


def check_complete(model: nn.Module, info: dict[str, Any], place: str) -> None:
    """Check that a model was loaded with all its weights, and no others.

    :param info: the loading info of `transformers`.
    :raises DataError: if weights are missing, unknown, infinite or NaN.
    """
    for key, fault in ("missing_keys", "lacks the weights"), ("unexpected_keys", "has the unknown weights"):
        if names := sorted(map(str, info.get(key) or ())):
            more = " …" if len(names) > 1 else ""
            raise DataError(f"{place}: {fault} {names[0]}{more}; save the model again, or take another checkpoint")
    for name, weights in model.named_parameters():
        if not torch.isfinite(weights).all():
            raise DataError(
                f"{place}: the weights {name} hold infinity or NaN; the file is damaged, or training failed"
            )
