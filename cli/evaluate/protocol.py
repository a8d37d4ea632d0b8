"""The options that `udt evaluate model` and `udt evaluate compare` share, and an evaluation with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.progress import tracked

if TYPE_CHECKING:
    from udt.bundle.reader import Bundle
    from udt.clip.evaluation.evaluation import ModelEvaluation
    from udt.clip.evaluation.load import Baseline
    from udt.clip.model.config import GraphSource

Command = Callable[..., Any]

_OPTIONS = (
    click.option("--split", default="test", show_default=True, help="Split of the bundle."),
    click.option(
        "--graph",
        type=click.Choice(["text", "labels", "none"]),
        default="text",
        show_default=True,
        help="Graphs of captions: of labels that they name, of those of their samples, which may go further, or none.",
    ),
    click.option("--present", is_flag=True, help="Only labels that the samples have are candidates of classification."),
    click.option("--fit-split", default="train", show_default=True, help="Split to fit the regressions to."),
    click.option(
        "--probe",
        metavar="TOWER",
        help="Frozen pretrained image tower for regressions; by default efficientnet-lite0 if it is installed.",
    ),
    click.option("--no-fit", is_flag=True, help="Leave out the regressions on pixels and on the probe."),
    click.option(
        "--resamples", type=click.IntRange(min=1), default=1000, show_default=True, help="Resamples of the bootstrap."
    ),
    click.option(
        "--batch-size", type=click.IntRange(min=1), default=64, show_default=True, help="Images or texts at a time."
    ),
    click.option(
        "--workers", type=click.IntRange(min=0), default=0, show_default=True, help="Processes that read images."
    ),
    click.option(
        "--image-root",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Folder that relative paths of images start from.",
    ),
    click.option("--device", help="E.g. cpu or cuda:1; by default CUDA if available."),
    click.option(
        "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of bootstrap, t-SNE and gallery."
    ),
)


def protocol_options(command: Command) -> Command:
    """Add the options of an evaluation, the arguments of `evaluated`, to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def evaluated(
    checkpoint: str,
    bundle: Bundle,
    baseline: Baseline | None = None,
    *,
    scores_alone: bool = False,
    split: str,
    graph: GraphSource,
    present: bool,
    fit_split: str,
    probe: str | None,
    no_fit: bool,
    resamples: int,
    batch_size: int,
    workers: int,
    image_root: Path | None,
    device: str | None,
    seed: int,
) -> ModelEvaluation:
    """Evaluate a model with the given options.

    :param scores_alone: whether the projection is left out, and the throughput is measured with a single call.
    """
    from udt.clip.evaluation.evaluation import evaluate_model
    from udt.clip.evaluation.features import installed_probe
    from udt.clip.evaluation.load import load_encoder
    from udt.clip.evaluation.measure import EvaluationOptions
    from udt.clip.evaluation.references import ReferenceOptions

    bundle.split(split)
    if probe is None and not no_fit:
        probe = installed_probe()
    options = EvaluationOptions(graph, batch_size, workers, image_root, present=present)
    chosen = ReferenceOptions(None if no_fit else fit_split, None if no_fit else probe)
    encoder = load_encoder(checkpoint, baseline, device)
    return evaluate_model(
        encoder,
        bundle,
        split,
        options,
        chosen=chosen,
        replicates=resamples,
        projected=0 if scores_alone else 1000,
        seconds=0.0 if scores_alone else 1.0,
        seed=seed,
        progress=tracked,
    )
