"""Captions of random label sets give back exactly their labels."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from tests.records.captions.label_sets import label_sets, tagged
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.normalize.normalizer import Normalizer
from udt.records.captions.engines import GrammarEngine, Rejection
from udt.records.captions.grammar import caption_grammar
from udt.records.captions.phrases import Closures
from udt.records.captions.tagged import TaggedLabels
from udt.taxonomy.model.taxonomy import Taxonomy


def _accepted(
    taxonomy: Taxonomy, engine: GrammarEngine, count: int, certainties: bool = False
) -> tuple[float, Counter[str]]:
    """Return the share of label sets with a caption, and the reasons for the others. Each caption is read again."""
    vocabulary, closures, normalizer = taxonomy.vocabulary, Closures(taxonomy), Normalizer()
    reasons: Counter[str] = Counter()
    for seed, labels in enumerate(islice(label_sets(vocabulary, closures, seed=count), count)):
        given = tagged(labels, vocabulary, closures, seed) if certainties else TaggedLabels.of_present(labels)
        made = engine.compose(given)
        if isinstance(made, Rejection):
            reasons[made.reason] += 1
            continue
        report = normalizer.normalize(made.text)
        wanted = [(given.present | given.possible), given.possible, given.absent]
        for found, expected in zip((report.labels, report.possible, report.absent), wanted, strict=True):
            assert LabelSet.of({key: found[key] for key in vocabulary.keys}, vocabulary) == expected, made.text
    return 1 - reasons.total() / count, reasons


@pytest.mark.parametrize("style", list(caption_grammar("en").styles), ids=list(caption_grammar("en").styles))
def test_captions_in_english_give_back_their_labels(taxonomy: Taxonomy, style: str) -> None:
    share, reasons = _accepted(taxonomy, GrammarEngine(taxonomy, "en", style), 300)
    assert share >= 0.99, reasons


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_ten_thousand_captions_give_back_their_labels(taxonomy: Taxonomy, language: str) -> None:
    share, reasons = _accepted(taxonomy, GrammarEngine(taxonomy, language), 10_000)
    assert share >= 0.995, reasons


def test_possible_and_absent_labels_are_given_back(taxonomy: Taxonomy) -> None:
    """All but denials of some vascularity, which mean that there is none."""
    share, reasons = _accepted(taxonomy, GrammarEngine(taxonomy, "en"), 300, certainties=True)
    others = [reason for reason in reasons if "indeterminate/inhomogeneous vascularity (absent)" not in reason]
    assert share >= 0.95 and sum(reasons[reason] for reason in others) <= 3, reasons


def test_captions_in_chinese_give_back_their_labels(taxonomy: Taxonomy) -> None:
    share, reasons = _accepted(taxonomy, GrammarEngine(taxonomy, "zh"), 300)
    assert share >= 0.985, reasons


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_label_alone_has_a_caption(taxonomy: Taxonomy, language: str) -> None:
    vocabulary, closures = taxonomy.vocabulary, Closures(taxonomy)
    engine = GrammarEngine(taxonomy, language, "plain")
    refused = {
        dimension.labels[label]
        for number, dimension in enumerate(vocabulary.dimensions)
        for label in range(len(dimension))
        if isinstance(engine.compose(_alone(vocabulary, closures, number, label)), Rejection)
    }
    assert refused == set()


def _alone(vocabulary: Vocabulary, closures: Closures, dimension: int, label: int) -> TaggedLabels:
    return TaggedLabels.of_present(closures.closed(LabelSet.of_pairs([(dimension, label)], len(vocabulary.dimensions))))
