"""The options of benchmarks of trainings on a GPU."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import made
import torch


def gpu_parser(description: str | None, result: Path, *, batch: int, steps: int) -> argparse.ArgumentParser:
    """A parser of device, towers, batch, steps, workers and file of the result; `parsed` reads the options."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--towers", default="base", choices=tuple(made.TOWERS))
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--workers", type=int, default=12)
    parser.add_argument("--out", type=Path, default=result, help="file of the result")
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options; an error where a GPU is asked for and there is none."""
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("there is no CUDA device; to test the code: --device cpu --towers small --batch 16")
    return options


def setting(options: argparse.Namespace) -> dict[str, Any]:
    """GPU and sizes, for the file of the result."""
    gpu = torch.cuda.get_device_name() if options.device == "cuda" else None
    return {"gpu": gpu, **{name: getattr(options, name) for name in ("batch", "towers", "workers", "steps")}}
