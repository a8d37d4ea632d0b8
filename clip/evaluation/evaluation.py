"""The evaluation of an encoder: classification, retrieval, references, sparsity, projection of the texts, and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from udt.bundle.reader import Bundle
from udt.clip.data.dataset import BundleDataset
from udt.clip.evaluation.bootstrap import REPLICATES, BootstrapInterval, Resamples
from udt.clip.evaluation.cost import Cost, cost
from udt.clip.evaluation.embed import ProgressReporter, embed_texts, no_progress
from udt.clip.evaluation.encoder import DualEncoder
from udt.clip.evaluation.measure import EvaluationOptions, Measures, graph_labels, measure
from udt.clip.evaluation.projection import Projection, names_in, sampled, t_sne
from udt.clip.evaluation.references import Reference, ReferenceOptions, References, references
from udt.clip.evaluation.resampled import resampled
from udt.clip.evaluation.samples import Samples
from udt.clip.evaluation.sparsity import Level, by_sparsity
from udt.core.errors import DataError

MODEL = "model"


@dataclass(frozen=True, slots=True)
class ModelEvaluation:
    """The results of an evaluation.

    :ivar model: name of the encoder.
    :ivar kind: `ultrasound-clip`, or the library of a baseline.
    :ivar split: of the bundle.
    :ivar candidates: `present` if only labels of these samples are candidates in the classification, else `all`.
    :ivar references: the classifiers beside it.
    :ivar resamples: of the cases.
    :ivar intervals: of all measures, by the name of the entry and that of the measure.
    :ivar projection: the texts in the plane, or the reason for leaving them out.
    """

    model: str
    kind: str
    split: str
    measures: Measures
    candidates: str
    references: References
    resamples: Resamples
    intervals: Mapping[str, Mapping[str, BootstrapInterval]]
    sparsity: tuple[Level, ...]
    projection: Projection | str
    cost: Cost

    @property
    def entries(self) -> tuple[Reference, ...]:
        """The model itself, under the name `MODEL`, and its references."""
        return (_own(self.model, self.measures), *self.references.found)


def evaluate_model(
    encoder: DualEncoder,
    bundle: Bundle,
    split: str,
    options: EvaluationOptions | None = None,
    *,
    chosen: ReferenceOptions | None = None,
    replicates: int = REPLICATES,
    projected: int = 1000,
    seconds: float = 1.0,
    seed: int = 0,
    progress: ProgressReporter = no_progress,
) -> ModelEvaluation:
    """Evaluate an encoder on one split of a bundle, in the tasks that both have.

    :param chosen: options of the references.
    :param replicates: number of bootstrap resamples.
    :param projected: maximum number of captions in the plane; 0 for no projection.
    :param seed: of the bootstrap and the t-SNE.
    :param seconds: minimum duration of the measurement of each throughput.
    :raises DataError: if there is no such split, or as `measure`.
    """
    options = options or EvaluationOptions()
    measures = measure(encoder, bundle, bundle.split(split), options, progress)
    beside = references(encoder, measures, options, chosen or ReferenceOptions(), progress)
    resamples = Resamples(measures.samples.cases, replicates, seed)
    return ModelEvaluation(
        model=encoder.name,
        kind=encoder.kind,
        split=split,
        measures=measures,
        candidates="present" if options.present else "all",
        references=beside,
        resamples=resamples,
        intervals={one.name: _intervals(one, resamples) for one in (_own(encoder.name, measures), *beside.found)},
        sparsity=by_sparsity(measures.classification),
        projection=_projection(encoder, measures, projected, seed),
        cost=_cost(encoder, measures, options, seconds),
    )


def _own(name: str, measures: Measures) -> Reference:
    return Reference(MODEL, name, measures.classification, measures.retrieval)


def _intervals(found: Reference, resamples: Resamples) -> dict[str, BootstrapInterval]:
    return {name: resamples.interval(one) for name, one in resampled(found, resamples).items()}


def _projection(encoder: DualEncoder, measures: Measures, max_texts: int, seed: int) -> Projection | str:
    if max_texts == 0:
        return "it was not asked for"
    samples = measures.samples
    indices = sampled(len(samples), max_texts, seed)
    texts, labels = ([part[index] for index in indices] for part in (samples.captions, samples.labels))
    own = measures.texts[indices]
    rows = [own] if measures.graph == "none" else [embed_texts(encoder, texts), own]
    try:
        planes = [t_sne(part, seed) for part in rows]
    except DataError as error:
        return str(error)
    vocabulary = samples.bundle.vocabulary
    key = (*vocabulary.keys_of("diagnosis"), *vocabulary.keys)[0]
    return Projection(
        key, names_in(labels, key, vocabulary), planes[0], None if measures.graph == "none" else planes[1]
    )


def _cost(encoder: DualEncoder, measures: Measures, options: EvaluationOptions, seconds: float) -> Cost:
    batch = measures.samples.take(range(min(options.batch_size, len(measures.samples))))
    labels = graph_labels(encoder, batch, measures.graph)
    return cost(encoder, _pixels(encoder, batch, options), batch.captions, labels, seconds=seconds)


def _pixels(encoder: DualEncoder, samples: Samples, options: EvaluationOptions) -> torch.Tensor:
    """Read the images of N samples, (N, 3, H, W)."""
    dataset = BundleDataset(samples.bundle, samples.rows, encoder.image, image_root=options.image_root)
    found = (dataset[index].pixels for index in range(len(samples)))
    return torch.stack([pixels for pixels in found if pixels is not None])
