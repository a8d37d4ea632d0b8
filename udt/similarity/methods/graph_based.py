"""Similarity by a measure over the graph of a dimension, with the information content of its nodes.

Resnik, Lin and simGIC differ in the measure alone; see their modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.core.texts import printable
from udt.core.vocabulary import Vocabulary
from udt.similarity.graph.concept_graph import FINDING, ConceptGraph, Members, concept_graphs
from udt.similarity.graph.information import Information, NodeCounter, NodeCounts, information_content
from udt.similarity.label_counts import LabelledRow, rows_of_database, rows_of_lines
from udt.similarity.matrices import Matrix, SimilarityProvenance, SimilaritySet
from udt.similarity.methods.corpus_options import CORPUS, DATABASE
from udt.similarity.methods.registry import MethodOption, OptionKind, SimilarityMethod
from udt.taxonomy.model.taxonomy import Taxonomy

_BATCH = 4096

Measure = Callable[[Members, Information], NDArray[np.float64]]
"""A function from (V, C) members and the (C,) information of the nodes to a symmetric (V, V) matrix in [0, 1]."""

_FINDINGS = MethodOption(
    "findings", OptionKind.FLAG, f"build a matrix '{FINDING}' of all findings too, which training does not read."
)


def graph_similarity(
    taxonomy: Taxonomy,
    name: str,
    measure: Measure,
    keys: Sequence[str] | None = None,
    samples: Iterable[LabelledRow] | None = None,
) -> SimilaritySet:
    """Compute the matrices of a method over the graphs of the dimensions.

    :param keys: keys of dimensions, and `FINDING`; by default those of the classification tasks.
    :param samples: a corpus, from which the information content is taken; without, it is intrinsic. Its label sets are
        over `taxonomy.vocabulary`.
    :raises DataError: if a corpus holds no record, has no finding although these are asked for, names a finding that
        the taxonomy does not have, or a dimension without a task is asked for.
    :raises udt.core.errors.UnknownConceptError: if there is no dimension of a key.
    :raises udt.core.errors.TaxonomyError: if a group of the ontology is faulty.
    """
    chosen = concept_graphs(taxonomy, keys or taxonomy.vocabulary.keys)
    counted = _counted(chosen, samples, taxonomy) if samples is not None else {}
    matrices = {}
    for graph in chosen:
        counts = counted.get(graph.key)
        information = information_content(graph.members, counts.counts if counts else None)
        matrices[graph.key] = _matrix(measure(graph.members, information))
    parameters = {"nodes": {graph.key: len(graph.nodes) for graph in chosen}, **_information(counted)}
    provenance = SimilarityProvenance.of(name, parameters, taxonomy.vocabulary)
    return SimilaritySet({graph.key: graph.labels for graph in chosen}, matrices, provenance)


def graph_method(name: str, summary: str, measure: Measure) -> SimilarityMethod:
    """Return the method `name`, with the options that all methods over the graph share."""

    def build(taxonomy: Taxonomy, given: Mapping[str, Any]) -> SimilaritySet:
        keys = (*taxonomy.vocabulary.keys, *([FINDING] if given.get("findings") else []))
        return graph_similarity(taxonomy, name, measure, keys, _samples(given, taxonomy.vocabulary))

    def show(taxonomy: Taxonomy, key: str) -> SimilaritySet:
        return graph_similarity(taxonomy, name, measure, [key])

    return SimilarityMethod(
        summary,
        build,
        (CORPUS, DATABASE, _FINDINGS),
        notes=_notes,
        alternatives=(("corpus", "db"),),
        show=show,
        has_findings=True,
    )


def _samples(given: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[LabelledRow] | None:
    if "corpus" in given:
        return rows_of_lines(given["corpus"], vocabulary)
    if "db" in given:
        return rows_of_database(given["db"], vocabulary)
    return None


def _counted(
    graphs: Sequence[ConceptGraph], samples: Iterable[LabelledRow], taxonomy: Taxonomy
) -> dict[str, NodeCounts]:
    """Count the samples of the nodes of each graph in one pass over the corpus."""
    values_of = {graph.key: _values(graph, taxonomy) for graph in graphs}
    counters = {graph.key: NodeCounter(graph) for graph in graphs}
    remaining, seen, with_findings = iter(samples), 0, False
    while batch := list(islice(remaining, _BATCH)):
        for key, counter in counters.items():
            counter.add([values_of[key](sample) for sample in batch])
        seen += len(batch)
        with_findings |= any(sample.findings is not None for sample in batch)
    if not seen:
        raise DataError("the corpus holds no record; the information content needs at least one, or no corpus")
    if FINDING in counters and not with_findings:
        raise DataError(
            "no record of the corpus has findings; leave out --findings, or give reports of `udt normalize`, or a "
            "database that `udt data import --normalize` filled"
        )
    return {key: counter.result() for key, counter in counters.items()}


def _values(graph: ConceptGraph, taxonomy: Taxonomy) -> Callable[[LabelledRow], Sequence[int]]:
    """Return the function from a sample to the row numbers of its values in the graph."""
    if graph.key == FINDING:
        rows = {curie: row for row, curie in enumerate(graph.curies)}
        return lambda sample: _finding_rows(sample.findings or (), rows, taxonomy)
    keys = taxonomy.vocabulary.keys
    if graph.key not in keys:
        raise DataError(
            f"{graph.key}: a corpus has labels of the classification tasks alone; allowed: {', '.join(keys)}"
        )
    task = keys.index(graph.key)
    return lambda sample: sample.labels.ids[task]


def _finding_rows(findings: Iterable[str], rows: Mapping[str, int], taxonomy: Taxonomy) -> list[int]:
    """Return the row numbers of findings; concepts of another kind, as structures, have none.

    :raises DataError: if the taxonomy does not have a finding.
    """
    for curie in findings:
        if curie not in rows and curie not in taxonomy.concepts:
            raise DataError(
                f"the corpus has the finding '{printable(curie)}', which the taxonomy does not have; normalise the "
                "reports again, or give the file of its extension: --taxonomy EXTRA.ttl"
            )
    return [rows[curie] for curie in findings if curie in rows]


def _matrix(similarity: NDArray[np.float64]) -> Matrix:
    """Round to float32 with ones on the diagonal; float errors outside [0, 1] are cut off."""
    matrix = similarity.clip(0, 1).astype(np.float32)
    np.fill_diagonal(matrix, 1)
    return matrix


def _information(counted: Mapping[str, NodeCounts]) -> dict[str, Any]:
    """Describe the information content for the provenance."""
    if not counted:
        return {"information": "intrinsic"}
    return {
        "information": "corpus",
        "samples": {key: int(counts.counts[0]) for key, counts in counted.items()},
        "unseen": {key: list(counts.unseen) for key, counts in counted.items() if counts.unseen and key != FINDING},
    }


def _notes(similarity: SimilaritySet) -> Iterator[str]:
    unseen = similarity.provenance.parameters.get("unseen", {})
    for key, labels in unseen.items():
        yield f"{key}: {len(labels)} of {len(similarity.labels[key])} labels never occur, and have the most information"
