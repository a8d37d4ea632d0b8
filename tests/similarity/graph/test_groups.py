"""Groups of concepts, as the ontology and extensions declare them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from udt.core.errors import TaxonomyError
from udt.similarity.graph.groups import declared_groups
from udt.taxonomy.model.taxonomy import Taxonomy

Load = Callable[[str], Taxonomy]


def test_organs_are_in_groups(taxonomy: Taxonomy) -> None:
    groups = declared_groups(taxonomy)
    assert "uhat:group.endocrine-glands" in groups["uhat:thyroid-gland"]
    assert groups["uhat:group.endocrine-glands"] == ("uhat:group.glands",)
    assert "uhat:pediatric-head-neck and what it replaces" in groups["uhat:thyroid-gland"]
    without = [organ.curie for organ in taxonomy.dimension("organ").values if not groups.get(organ.curie)]
    assert not without, "every organ class shares a group with another"


def test_groups_have_names_and_sources(taxonomy: Taxonomy) -> None:
    """A group is a label, a definition and at least two members; one of organs has a source too."""
    stated: dict[str, set[str]] = {}
    members: dict[str, int] = {}
    for triple in taxonomy.triples:
        subject = getattr(triple.subject, "value", "")
        if "/group." in subject:
            stated.setdefault(subject, set()).add(triple.predicate.value.rpartition("#")[2].rpartition("/")[2])
            members[subject] = members.get(subject, 0) + triple.predicate.value.endswith("#member")
    assert len(stated) > 40
    for group, properties in stated.items():
        assert {"prefLabel", "definition"} <= properties, group
        assert members[group] >= 2, group
        assert "source" in properties or "/udaf/" in group, group


def test_an_extension_adds_members_and_groups(extended: Load) -> None:
    groups = declared_groups(
        extended("""
    uhat:group.endocrine-glands skos:member uhat:pancreas .
    ex:midline a skos:Collection ; skos:prefLabel "midline"@en ; skos:member uhat:uterus , uhat:bladder .
    """)
    )
    assert "uhat:group.endocrine-glands" in groups["uhat:pancreas"]
    assert "https://example.org/midline" in groups["uhat:uterus"]


def test_error_lists_every_faulty_group(extended: Load) -> None:
    with pytest.raises(TaxonomyError) as caught:
        declared_groups(
            extended("""
    ex:empty a skos:Collection ; skos:prefLabel "empty"@en .
    ex:typo a skos:Collection ; skos:prefLabel "typo"@en ; skos:member uhat:thyroid-glnd , uhat:liver .
    ex:a a skos:Collection ; skos:prefLabel "a"@en ; skos:member ex:b , uhat:liver .
    ex:b a skos:Collection ; skos:prefLabel "b"@en ; skos:member ex:a , uhat:liver .
    """)
        )
    text = str(caught.value)
    assert "empty has no skos:member; give it at least two" in text
    assert "has the skos:member uhat:thyroid-glnd, which does not exist; did you mean uhat:thyroid-gland?" in text
    assert text.count("is below itself; break the cycle of skos:member") == 2
    assert len(caught.value.faults) == 4
