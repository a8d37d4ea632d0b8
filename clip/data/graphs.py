"""The labels that become the graphs of captions, by source.

The labels of a sample may go beyond its caption, e.g. a histology. Graphs of them flatter retrieval, and a text at
inference has no such graph. The source `text` takes the labels that the normaliser has read in the caption, the same as
`udt.clip.model.processor.UltrasoundClipProcessor.read` returns at inference.
"""

from __future__ import annotations

from collections.abc import Iterable

from udt.bundle.reader import Bundle
from udt.clip.data.rows import Bools, multi_hot_rows
from udt.clip.model.config import GraphSource
from udt.core.errors import DataError
from udt.core.labels import LabelSet


def check_graphs(bundle: Bundle, source: GraphSource) -> None:
    """Check that a bundle has the labels of the graphs of its captions.

    :raises DataError: if it does not have them.
    """
    if source == "text" and not bundle.has_caption_labels:
        raise DataError(
            f"{bundle.path}: does not have the labels that its captions name, of which their graphs are made; build "
            "the bundle again with: udt data bundle, or choose the labels of the samples, which may go beyond the "
            "captions (--graph labels), or no graphs (--graph none)"
        )


def graph_matrix(bundle: Bundle, source: GraphSource) -> Bools | None:
    """Return the labels of the graphs of all captions as a multi-hot matrix (samples, V); None without graphs.

    :raises DataError: if the bundle does not have them.
    """
    check_graphs(bundle, source)
    if source == "none":
        return None
    return multi_hot_rows(bundle, bundle.caption_labels if source == "text" else bundle.labels)


def graph_label_sets(bundle: Bundle, rows: Iterable[int], source: GraphSource) -> list[LabelSet] | None:
    """Return the labels of the graphs of some captions; None without graphs.

    :raises DataError: if the bundle does not have them.
    """
    check_graphs(bundle, source)
    if source == "none":
        return None
    return list(map(bundle.caption_label_set if source == "text" else bundle.label_set, rows))
