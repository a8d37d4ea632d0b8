"""Ultrasound language to structured data: taxonomy, normalisation, and the knowledge that training needs.

The names below are the public API; each is imported on first use, so that `import udt` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udt.core.lazy import lazy_exports
from udt.core.version import __version__

if TYPE_CHECKING:
    from udt.bundle.reader import Bundle
    from udt.core.errors import DataError, UdtError
    from udt.core.labels import LabelSet
    from udt.core.report import Evidence, Finding, Report
    from udt.core.report_schema import report_schema
    from udt.core.vocabulary import Vocabulary
    from udt.graphkit.convert.dense import collate
    from udt.graphkit.convert.dgl import to_dgl
    from udt.graphkit.nodes import NodeSpace
    from udt.graphkit.sample import SampleGraph
    from udt.io.items import TextItem, TextSource
    from udt.io.readers import read_texts
    from udt.normalize.normalizer import Normalizer
    from udt.query.engines.store import StoreData
    from udt.query.engines.taxonomy import TaxonomyData
    from udt.query.presets import preset
    from udt.query.queries import run_preset, run_query
    from udt.records.database.database import Database
    from udt.records.database.effective_labels import label_sets
    from udt.scoring.labels import evaluate_labels
    from udt.similarity.matrices import SimilaritySet
    from udt.similarity.prior import prior
    from udt.taxonomy.model.concept import Concept
    from udt.taxonomy.model.taxonomy import Taxonomy

__all__ = [
    "Bundle",
    "Concept",
    "DataError",
    "Database",
    "Evidence",
    "Finding",
    "LabelSet",
    "NodeSpace",
    "Normalizer",
    "Report",
    "SampleGraph",
    "SimilaritySet",
    "StoreData",
    "Taxonomy",
    "TaxonomyData",
    "TextItem",
    "TextSource",
    "UdtError",
    "Vocabulary",
    "__version__",
    "collate",
    "evaluate_labels",
    "label_sets",
    "preset",
    "prior",
    "read_texts",
    "report_schema",
    "run_preset",
    "run_query",
    "to_dgl",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Bundle": "udt.bundle.reader",
        "Concept": "udt.taxonomy.model.concept",
        "DataError": "udt.core.errors",
        "Database": "udt.records.database.database",
        "Evidence": "udt.core.report",
        "Finding": "udt.core.report",
        "LabelSet": "udt.core.labels",
        "NodeSpace": "udt.graphkit.nodes",
        "Normalizer": "udt.normalize.normalizer",
        "Report": "udt.core.report",
        "SampleGraph": "udt.graphkit.sample",
        "SimilaritySet": "udt.similarity.matrices",
        "StoreData": "udt.query.engines.store",
        "Taxonomy": "udt.taxonomy.model.taxonomy",
        "TaxonomyData": "udt.query.engines.taxonomy",
        "TextItem": "udt.io.items",
        "TextSource": "udt.io.items",
        "UdtError": "udt.core.errors",
        "Vocabulary": "udt.core.vocabulary",
        "collate": "udt.graphkit.convert.dense",
        "evaluate_labels": "udt.scoring.labels",
        "label_sets": "udt.records.database.effective_labels",
        "preset": "udt.query.presets",
        "prior": "udt.similarity.prior",
        "read_texts": "udt.io.readers",
        "report_schema": "udt.core.report_schema",
        "run_preset": "udt.query.queries",
        "run_query": "udt.query.queries",
        "to_dgl": "udt.graphkit.convert.dgl",
    },
    eager=("__version__",),
)
