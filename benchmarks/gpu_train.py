"""Throughput of a training of the paper's size on a GPU, and its waiting time for data.

Run it as `python benchmarks/gpu_train.py` on a machine with a CUDA device; it needs torch, transformers, pyarrow and
Pillow. `--device cpu --towers small --batch 16` runs the same code anywhere, to test it.

*synthetic* repeats one batch that is on the device already: the throughput of the model. *loader* reads a generated
bundle of PNG images of 640 × 480 pixels, decodes and resizes them in workers, and looks up graphs and labels, as a
training does. *wait* is the share of its time in which the device waits for the next batch. Each is measured for the
full model and objective, and for plain CLIP on the same towers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import checkout
import made
import numpy as np
import torch
from gpu_options import gpu_parser, parsed, setting
from made_bundle import made_bundle
from rounds import surroundings
from stopwatch import wall
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerBase

checkout.use()

from udt.bundle.reader import Bundle  # noqa: E402
from udt.clip import UltrasoundClipProcessor  # noqa: E402
from udt.clip.data.collator import Collator  # noqa: E402
from udt.clip.data.dataset import BundleDataset  # noqa: E402
from udt.clip.model.images import ImageTransform  # noqa: E402
from udt.clip.model.tokenizer import train_tokenizer  # noqa: E402
from udt.core.vocabulary import Vocabulary  # noqa: E402

_RESULT = Path(__file__).with_name("results") / "gpu_train.json"
_PACKAGES = ("torch", "transformers", "pyarrow", "pillow", "numpy")
_TOKENS, _WARM = 64, 3
# Tensors of a batch that the steps do not take.
_UNUSED = ("groups", "prompt_labels", "token_type_ids")

Numbers = dict[str, float | None]


def main() -> None:
    """Measure, print the results, and write them."""
    options = parsed(gpu_parser(__doc__, _RESULT, batch=128, steps=60))
    vocabulary = made.vocabulary()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        bundle = made_bundle(Path(folder), vocabulary, options.batch * options.steps)
        for name in ("full", "plain"):
            step = made.Step(options.towers, vocabulary, options.device, name == "full")
            found[f"{name}, synthetic"] = _synthetic(step, vocabulary, options)
            found[f"{name}, loader"] = _loaded(step, bundle, options)
            del step
    _print(found)
    result = {**surroundings(_PACKAGES), **setting(options), "found": found}
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _synthetic(step: made.Step, vocabulary: Vocabulary, options: argparse.Namespace) -> Numbers:
    batch = made.batch(options.towers, options.batch, _TOKENS, vocabulary, options.device)
    _reset_peak(options.device)
    wall(lambda: step(batch), options.device, _WARM)
    seconds = wall(lambda: step(batch), options.device, options.steps)
    return {"images_per_second": options.batch / seconds, "peak_gb": _peak(options.device)}


def _loaded(step: made.Step, bundle: Bundle, options: argparse.Namespace) -> Numbers:
    batches = _batches(bundle, step, options)
    _reset_peak(options.device)
    step(next(batches))
    waited, started, count = 0.0, time.perf_counter(), 0
    while True:
        requested = time.perf_counter()
        batch = next(batches, None)
        waited += time.perf_counter() - requested
        if batch is None:
            break
        # Waiting for the device after each step keeps its work from hiding how long the data took.
        wall(lambda batch=batch: step(batch), options.device)
        count += len(batch["labels"])
    total = time.perf_counter() - started
    return {"images_per_second": count / total, "peak_gb": _peak(options.device), "wait": waited / total}


def _batches(bundle: Bundle, step: made.Step, options: argparse.Namespace) -> Iterator[dict[str, torch.Tensor]]:
    size = step.model.config.vision_config.image_size
    processor = UltrasoundClipProcessor(ImageTransform(size, size), _tokenizer(bundle), bundle.vocabulary, _TOKENS)
    dataset = BundleDataset(bundle, np.arange(len(bundle)), processor.image)
    loader = DataLoader(
        dataset,
        options.batch,
        num_workers=options.workers,
        collate_fn=Collator(processor, bundle, graph="labels"),
        pin_memory=options.device == "cuda",
    )
    for batch in loader:
        known = {
            name: part.to(options.device, non_blocking=True) for name, part in batch.items() if name not in _UNUSED
        }
        known["labels"] = known["labels"].float()
        yield known


def _tokenizer(bundle: Bundle) -> PreTrainedTokenizerBase:
    return train_tokenizer((caption or "" for caption in bundle.captions(range(min(len(bundle), 500)))), 2000)


def _reset_peak(device: str) -> None:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def _peak(device: str) -> float | None:
    """Return the peak memory of the GPU in GB (10^9 bytes)."""
    return torch.cuda.max_memory_allocated() / 1e9 if device == "cuda" else None


def _print(found: dict[str, Numbers]) -> None:
    print(f"{'':20} {'images/s':>10} {'peak GB':>10} {'wait':>10}")
    for name, numbers in found.items():
        cells = [("images_per_second", "10.1f"), ("peak_gb", "10.2f"), ("wait", "10.1%")]
        known = (format(numbers[key], form) if numbers.get(key) is not None else "" for key, form in cells)
        print(f"{name:20} {' '.join(f'{cell:>10}' for cell in known)}")


if __name__ == "__main__":
    main()
