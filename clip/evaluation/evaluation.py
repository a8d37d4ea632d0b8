"""The evaluation of an encoder: classification, retrieval, sparsity, a projection of the texts, and cost."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from udt.bundle.reader import Bundle
from udt.clip.data.dataset import BundleDataset
from udt.clip.evaluation.cost import Cost, cost
from udt.clip.evaluation.embed import ProgressReporter, embed_texts, no_progress
from udt.clip.evaluation.encoder import DualEncoder
from udt.clip.evaluation.measure import EvaluationOptions, Measures, graph_labels, measure
from udt.clip.evaluation.projection import Projection, names_in, sampled, t_sne
from udt.clip.evaluation.samples import Samples
from udt.clip.evaluation.sparsity import Level, by_sparsity
from udt.core.errors import DataError


@dataclass(frozen=True, slots=True)
class ModelEvaluation:
    """The results of an evaluation.

    :ivar model: name of the encoder.
    :ivar kind: `ultrasound-clip`, or the library of a baseline.
    :ivar split: of the bundle.
    :ivar projection: the texts in the plane, or the reason for leaving them out.
    """

    model: str
    kind: str
    split: str
    measures: Measures
    sparsity: tuple[Level, ...]
    projection: Projection | str
    cost: Cost


def evaluate_model(
    encoder: DualEncoder,
    bundle: Bundle,
    split: str,
    options: EvaluationOptions | None = None,
    *,
    projected: int = 1000,
    seconds: float = 1.0,
    seed: int = 0,
    progress: ProgressReporter = no_progress,
) -> ModelEvaluation:
    """Evaluate an encoder on one split of a bundle, in the tasks that both have.

    :param projected: maximum number of captions in the plane, sampled with `seed`.
    :param seconds: minimum duration of the measurement of each throughput.
    :raises DataError: if there is no such split, or as `measure`.
    """
    options = options or EvaluationOptions()
    measures = measure(encoder, bundle, bundle.split(split), options, progress)
    return ModelEvaluation(
        model=encoder.name,
        kind=encoder.kind,
        split=split,
        measures=measures,
        sparsity=by_sparsity(measures.classification),
        projection=_projection(encoder, measures, projected, seed),
        cost=_cost(encoder, measures, options, seconds),
    )


def _projection(encoder: DualEncoder, measures: Measures, max_texts: int, seed: int) -> Projection | str:
    samples = measures.samples
    indices = sampled(len(samples), max_texts, seed)
    texts, labels = ([part[index] for index in indices] for part in (samples.captions, samples.labels))
    rows = [embed_texts(encoder, texts)]
    graphs = graph_labels(encoder, samples, measures.graph)
    if graphs is not None:
        rows.append(embed_texts(encoder, texts, [graphs[index] for index in indices]))
    try:
        planes = [t_sne(part, seed) for part in rows]
    except DataError as error:
        return str(error)
    vocabulary = samples.bundle.vocabulary
    key = (*vocabulary.keys_of("diagnosis"), *vocabulary.keys)[0]
    return Projection(key, names_in(labels, key, vocabulary), planes[0], planes[1] if graphs else None)


def _cost(encoder: DualEncoder, measures: Measures, options: EvaluationOptions, seconds: float) -> Cost:
    samples = measures.samples
    count = min(options.batch_size, len(samples))
    pixels = _pixels(encoder, samples, count, options)
    labels = graph_labels(encoder, samples, measures.graph)
    return cost(encoder, pixels, samples.captions[:count], labels and labels[:count], seconds=seconds)


def _pixels(encoder: DualEncoder, samples: Samples, count: int, options: EvaluationOptions) -> torch.Tensor:
    """Read the first images, (count, 3, H, W)."""
    dataset = BundleDataset(samples.bundle, samples.rows[:count], encoder.image, image_root=options.image_root)
    found = (dataset[index].pixels for index in range(count))
    return torch.stack([pixels for pixels in found if pixels is not None])
