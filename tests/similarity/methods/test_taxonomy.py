"""Similarity by the ontology, against a slow walk up the tree."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from udt.core.errors import TaxonomyError
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.declared import declared_weights
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

Load = Callable[[str], Taxonomy]


def at(similarity: SimilaritySet, key: str, a: str, b: str) -> float:
    """The similarity of two labels, to four places."""
    labels = similarity.labels[key]
    return round(float(similarity[key][labels.index(a), labels.index(b)]), 4)


@pytest.fixture(scope="module")
def of_all_dimensions(taxonomy: Taxonomy) -> SimilaritySet:
    return taxonomy_similarity(taxonomy, all_dimensions=True)


def test_tasks_alone_have_matrices_unless_asked(
    taxonomy: Taxonomy, by_taxonomy: SimilaritySet, of_all_dimensions: SimilaritySet
) -> None:
    assert tuple(by_taxonomy.labels) == taxonomy.vocabulary.keys
    assert tuple(of_all_dimensions.labels) == taxonomy.full_vocabulary.keys
    assert all((by_taxonomy[key] == of_all_dimensions[key]).all() for key in by_taxonomy.labels)


def way_up(taxonomy: Taxonomy, curie: str) -> list[str]:
    """Return the path from the root to the concept, along its one parent."""
    path = [curie, *(above.curie for above in taxonomy.ancestors(curie))][::-1]
    return path if path[0] in {d.concept.curie for d in taxonomy.dimensions} else ["root", *path]


def test_tree_measure_is_that_of_wu_and_palmer(taxonomy: Taxonomy, of_all_dimensions: SimilaritySet) -> None:
    declared = declared_weights(taxonomy)
    compared = 0
    for dimension in taxonomy.dimensions:
        for a, b in combinations(dimension.values, 2):
            if frozenset((a.iri, b.iri)) in declared or {a.number("ordinal"), b.number("ordinal")} != {None}:
                continue
            up, other = way_up(taxonomy, a.curie), way_up(taxonomy, b.curie)
            shared = sum(x == y for x, y in zip(up, other, strict=False))
            expected = 2 * (shared - 1) / (len(up) - 1 + len(other) - 1)
            assert at(of_all_dimensions, dimension.key, a.label, b.label) == pytest.approx(expected, abs=1e-4)
            compared += 1
    assert compared > 1000


def test_organs_of_one_system_are_closer_than_across(taxonomy: Taxonomy, by_taxonomy: SimilaritySet) -> None:
    organs = taxonomy.dimension("organ").values
    within, across = set(), set()
    for a, b in combinations(organs, 2):
        counterpart = b.curie in a.all("pediatricCounterpart") or a.curie in b.all("pediatricCounterpart")
        weight = at(by_taxonomy, "organ", a.label, b.label)
        if a.broader == b.broader:
            within.add(weight)
        elif counterpart:
            assert weight == 0.8, (a, b)
        else:
            across.add(weight)
    assert max(across) < min(within)


def test_known_pairs(by_taxonomy: SimilaritySet) -> None:
    assert at(by_taxonomy, "organ", "Liver", "Spleen") == 0.5
    assert at(by_taxonomy, "organ", "Liver", "Pediatric abdomen and retroperitoneum") == 0.8
    assert at(by_taxonomy, "organ", "Liver", "Knee") == 0
    assert at(by_taxonomy, "echogenicity", "anechoic", "hypoechoic") == pytest.approx(2 / 3, abs=1e-4)
    assert at(by_taxonomy, "echogenicity", "anechoic", "hyperechoic") == 0
    assert at(by_taxonomy, "echogenicity", "mixed echogenicity", "hypoechoic") == 0.5
    assert at(by_taxonomy, "vascularity", "no vascularity", "increased vascularity") == 0
    assert at(by_taxonomy, "margins", "well-defined", "ill-defined/indistinct") == 0


def test_every_scale_grows_with_closeness(taxonomy: Taxonomy, of_all_dimensions: SimilaritySet) -> None:
    declared = declared_weights(taxonomy)
    for dimension in taxonomy.dimensions:
        placed = [(v, p) for v in dimension.values if (p := v.number("ordinal")) is not None]
        for (a, here), (b, there) in combinations(placed, 2):
            if frozenset((a.iri, b.iri)) not in declared:
                ends = [place for _, place in placed]
                gap = abs(here - there) / (max(ends) - min(ends))
                assert at(of_all_dimensions, dimension.key, a.label, b.label) == pytest.approx(1 - gap, abs=1e-4)


def test_an_extension_brings_values_weights_and_properties(extended: Load) -> None:
    taxonomy = extended("""
    ex:starry a ns:EchogenicityValue , skos:Concept ; skos:prefLabel "starry"@en ; ns:order 6 ; ns:prompt "starry" ;
        skos:broader udaf:echogenicity ; skos:inScheme <https://w3id.org/udt/udaf> .
    ex:starry ex:looksLike udaf:echogenicity.mixed .
    ex:looksLike ns:weight 0.9 .
    [] a ns:Similarity ; ns:between ex:starry , udaf:echogenicity.anechoic ; ns:weight 0.1 .
    [] a ns:Similarity ; ns:between udaf:shape.round , udaf:shape.oval ; ns:weight 0.6 .
    """)
    found = taxonomy_similarity(taxonomy)
    assert at(found, "echogenicity", "starry", "mixed echogenicity") == 0.9
    assert at(found, "echogenicity", "starry", "anechoic") == 0.1
    assert at(found, "echogenicity", "starry", "hypoechoic") == 0
    assert at(found, "shape", "round", "oval") == 0.6
    found.check_labels(taxonomy.vocabulary)


def test_a_value_below_another_is_near_it(extended: Load) -> None:
    taxonomy = extended("""
    ex:ovoid a ns:ShapeValue , skos:Concept ; skos:prefLabel "egg-like"@en ; ns:order 8 ; ns:prompt "egg-like" ;
        skos:broader udaf:shape , udaf:shape.oval ; skos:inScheme <https://w3id.org/udt/udaf> .
    """)
    found = taxonomy_similarity(taxonomy)
    assert at(found, "shape", "egg-like", "oval") == pytest.approx(2 / 3, abs=1e-4)
    assert at(found, "shape", "egg-like", "round") == 0


FAULTS = {
    "[] a ns:Similarity ; ns:between udaf:shape.round , udaf:shape.ovl ; ns:weight 0.5 .": "mean udaf:shape.oval?",
    "[] a ns:Similarity ; ns:between udaf:shape.round , uhat:liver ; ns:weight 0.5 .": "joins shape and organ",
    "[] a ns:Similarity ; ns:between udaf:shape.round ; ns:weight 0.5 .": "udaf:shape.round has 1 ends; give two",
    "[] a ns:Similarity ; ns:weight 0.5 .": "the ns:Similarity between nothing has 0 ends",
    "[] a ns:Similarity ; ns:between udaf:shape.round , udaf:shape.oval ; ns:weight 1.5 .": "the ns:weight 1.5; give",
    "[] a ns:Similarity ; ns:between udaf:shape.round , udaf:shape.oval .": "has the ns:weight none; give a number",
    'ns:pediatricCounterpart ns:weight "high" .': "ns:pediatricCounterpart has the ns:weight 0.8, high; give a number",
}


def test_error_lists_every_faulty_declaration(extended: Load) -> None:
    with pytest.raises(TaxonomyError) as caught:
        declared_weights(extended("\n".join(FAULTS)))
    missing = [text for text in FAULTS.values() if text not in str(caught.value)]
    assert not missing, caught.value
    assert len(caught.value.faults) == len(FAULTS)


def test_built_in_weights_are_declared_once(taxonomy: Taxonomy) -> None:
    between: dict[str, set[str]] = {}
    for triple in taxonomy.triples:
        if triple.predicate.value.endswith("ns#between"):
            between.setdefault(str(triple.subject), set()).add(triple.object.value)
    pairs = [frozenset(ends) for ends in between.values()]
    assert len(pairs) == len(set(pairs)) > 40


def test_the_set_names_its_origin(taxonomy: Taxonomy, by_taxonomy: SimilaritySet) -> None:
    assert by_taxonomy.provenance.method == "taxonomy"
    assert by_taxonomy.provenance.digest == taxonomy.digest
    assert np.float32 == by_taxonomy["organ"].dtype.type
