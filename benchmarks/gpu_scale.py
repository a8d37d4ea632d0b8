"""Memory and speed of the settings for large batches, in real trainings on a GPU.

Run it as `python benchmarks/gpu_scale.py` on a machine with a CUDA device; it needs torch, transformers, accelerate,
pyarrow and Pillow. `--device cpu --towers small --batch 16` runs the same code anywhere, to test it.

Each row is a short training by `udt.clip.training` on a generated bundle, with ViT-B/16 and BERT-base in bf16: one
batch at once, the same batch in chunks (GradCache), recomputed activations, patch dropout, averaged weights, the
largest batch in chunks, and a compiled model. *samples/s* leaves out the first steps; *loss* is the mean of the last:
that of the chunks is that of the batch at once.

Before, gradients of chunks are compared with those of one pass over the same chunks that keeps all activations, with
dropout, on the small towers in fp32.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import checkout
import made
import torch
from gpu_options import gpu_parser, parsed, setting
from made_bundle import made_bundle
from rounds import surroundings

checkout.use()

from udt.bundle.reader import Bundle  # noqa: E402
from udt.clip import Objective  # noqa: E402
from udt.clip.loss.batch_loss import BatchLoss  # noqa: E402
from udt.clip.loss.objective import Losses  # noqa: E402
from udt.clip.model.dual_encoder import UltrasoundClipOutput  # noqa: E402
from udt.clip.settings.settings import TrainSettings  # noqa: E402
from udt.clip.training.grad_cache import cached_gradients, chunks  # noqa: E402
from udt.clip.training.training import train  # noqa: E402
from udt.core.vocabulary import Vocabulary  # noqa: E402
from udt.similarity.prior import PriorTables  # noqa: E402

_RESULT = Path(__file__).with_name("results") / "gpu_scale.json"
_PACKAGES = ("torch", "transformers", "accelerate", "pyarrow", "pillow", "numpy")
_TYPES = ("vit", "bert")
_IMAGE = (224, 224)
_CHUNK = "optimization.chunk_size"

Numbers = dict[str, float]


def main() -> None:
    """Measure, print the results, and write them."""
    options = _options()
    found: dict[str, Numbers] = {}
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = made.vocabulary()
        difference = _gradient_difference(vocabulary, options.device)
        print(f"gradients of chunks and of one pass differ by {difference:.1e} of the largest")
        bundle = made_bundle(Path(folder) / "bundle", vocabulary, options.batch * options.factor * 2, _IMAGE)
        for name, changes in _rows(options).items():
            found[name] = _measured(bundle, Path(folder) / "run", options, changes)
            _print(name, found[name])
            _write(options, difference, found)


def _write(options: argparse.Namespace, difference: float, found: Mapping[str, Numbers]) -> None:
    """Write the rows that there are: a compilation may take longer than a machine is lent."""
    about = {**setting(options), "warm": options.warm, "gradient_difference": difference}
    result = {**surroundings(_PACKAGES), **about, "found": found}
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = gpu_parser(__doc__, _RESULT, batch=512, steps=8)
    parser.add_argument("--factor", type=int, default=8, help="the largest batch is this many times --batch")
    parser.add_argument("--warm", type=int, default=5, help="steps that are not measured")
    return parsed(parser)


def _rows(options: argparse.Namespace) -> Mapping[str, Sequence[str]]:
    """Return the changes of each training."""
    batch, chunk = options.batch, options.batch // 4
    largest = batch * options.factor
    return {
        f"{batch} at once": (),
        f"{batch} in chunks of {chunk}": (f"{_CHUNK}={chunk}",),
        f"{batch}, activations recomputed": ("optimization.gradient_checkpointing=true",),
        f"{batch}, half of the patches": ("model.patch_dropout=0.5",),
        f"{batch}, averaged weights": ("optimization.ema=0.999",),
        f"{largest} in chunks of {chunk}": (f"{_CHUNK}={chunk}", f"optimization.batch_size={largest}"),
        f"{batch}, compiled": ("optimization.compile=true",),
    }


def _gradient_difference(vocabulary: Vocabulary, device: str) -> float:
    """Return the largest difference of gradients, relative to the largest gradient of each parameter."""
    batch = made.batch("small", 48, 32, vocabulary, device)
    labels = batch.pop("labels").bool()
    task = BatchLoss(Objective(), PriorTables.torch(made.similarity(vocabulary), device))
    rows = torch.arange(len(labels), device=device)

    def loss(output: UltrasoundClipOutput) -> Losses:
        return task(output, labels=labels, groups=rows, prompt_labels=torch.zeros_like(labels))

    model = made.model("small", vocabulary).to(device).train()
    parts = chunks(batch, len(labels), 16)
    found = []
    for one_pass in (True, False):
        torch.manual_seed(1)
        model.zero_grad()
        if one_pass:
            outputs = [model(**part.inputs) for part in parts]
            rows_of = {name: torch.cat([out[name] for out in outputs]) for name in ("image_embeds", "text_embeds")}
            loss(UltrasoundClipOutput(**rows_of, logit_scale=outputs[0].logit_scale)).total.backward()
        else:
            cached_gradients(model, parts, loss, lambda part: part.backward())
        found.append({name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None})
    pairs = [(found[0][name], found[1][name]) for name in found[0]]
    return max(float((a - b).abs().max() / a.abs().max().clamp_min(1e-6)) for a, b in pairs)


def _measured(bundle: Bundle, run: Path, options: argparse.Namespace, changes: Sequence[str]) -> Numbers:
    if options.device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    train(TrainSettings.load(changes=(*_settings(bundle, run, options), *changes)), overwrite=run.exists())
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text("utf-8").splitlines()]
    measured = [line for line in lines if line["kind"] == "train" and line["step"] > options.warm]
    seconds = sum(1 / line["samples_per_second"] for line in measured) / len(measured)
    numbers = {"samples_per_second": 1 / seconds, "loss": sum(line["loss"] for line in measured) / len(measured)}
    if options.device == "cuda":
        numbers["peak_gb"] = torch.cuda.max_memory_allocated() / 1e9
    return numbers


def _settings(bundle: Bundle, run: Path, options: argparse.Namespace) -> list[str]:
    shared, *own = made.TOWERS[options.towers]
    towers = [{"model_type": kind, **shared, **more} for kind, more in zip(_TYPES, own, strict=True)]
    values: dict[str, Any] = {
        "data.bundle": str(bundle.path),
        "data.workers": options.workers,
        "data.augment": False,
        "run.out": str(run),
        "run.device": options.device,
        "run.log_every_steps": 1,
        "run.save_every_steps": 10 * options.steps,
        "evaluation.split": "",
        "model.image": towers[0],
        "model.text": towers[1],
        "model.max_length": 64,
        "model.graph": "labels",
        "optimization.batch_size": options.batch,
        "optimization.max_steps": options.warm + options.steps,
        "optimization.precision": "bf16" if options.device == "cuda" else "fp32",
    }
    return [f"{key}={_toml(value)}" for key, value in values.items()]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + "}"
    return json.dumps(value)


def _print(name: str, numbers: Numbers) -> None:
    peak = f"{numbers['peak_gb']:8.2f} GB" if "peak_gb" in numbers else ""
    print(f"{name:34} {numbers['samples_per_second']:10.1f} samples/s {peak}  loss {numbers['loss']:.4f}", flush=True)


if __name__ == "__main__":
    main()
