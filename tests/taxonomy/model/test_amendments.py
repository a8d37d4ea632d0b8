"""Extensions that override, retract and deprecate, and every conflict that they must state."""

from __future__ import annotations

import pytest

from udt import Normalizer
from udt.core.errors import TaxonomyError, UnknownConceptError
from udt.taxonomy.model.amendments import Change
from udt.taxonomy.model.describe import find
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.checks import run_checks

FINDING = "a ns:FindingTerm , skos:Concept , owl:NamedIndividual ; skos:inScheme <https://w3id.org/udt/finding>"


def faults(*paths: object) -> list[str]:
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.load(*paths)  # type: ignore[arg-type]
    return caught.value.faults


def test_an_override_replaces_texts_of_its_language_alone(turtle, small_core: None) -> None:
    path = turtle('uhat:liver ns:overrides skos:prefLabel ; skos:prefLabel "The liver"@en .')
    taxonomy = Taxonomy.load(path)
    names = {(x.text, x.language) for x in taxonomy.concepts["uhat:liver"].labels if x.role == "pref"}
    assert names == {("The liver", "en"), ("肝脏", "zh")}
    change = Change("extra.ttl", "overrides", "uhat:liver", "skos:prefLabel", ('"Liver"@en',), ('"The liver"@en',))
    assert list(taxonomy.changes) == [change]


@pytest.mark.parametrize(
    ("statement", "field", "value"),
    [
        ('ns:overrides skos:notation ; skos:notation "LIV"', "notation", "LIV"),
        ('ns:overrides skos:definition ; skos:definition "Another."@en', "definition", "Another."),
        ("ns:overrides ns:order ; ns:order 7", "order", 7),
        ("ns:overrides skos:exactMatch ; skos:exactMatch FMA:1", "mappings", (("exactMatch", "FMA:1"),)),
    ],
)
def test_an_override_replaces_any_property(turtle, small_core: None, statement: str, field: str, value: object) -> None:
    taxonomy = Taxonomy.load(turtle(f"uhat:liver {statement} ."))
    assert getattr(taxonomy.concepts["uhat:liver"], field) == value
    assert len(taxonomy.changes) == 1


@pytest.mark.parametrize(
    ("statement", "old"),
    [
        ('skos:notation "LIV"', '"ABD-01"'),
        ('skos:definition "Another."@en', '"The "liver", whole."@en'),
        ("ns:order 7", "1"),
    ],
)
def test_a_contradiction_without_override_is_a_fault(turtle, small_core: None, statement: str, old: str) -> None:
    (fault,) = faults(turtle(f"uhat:liver {statement} ."))
    name = statement.split()[0]
    assert f"but an earlier file has {old}; to replace it, add 'uhat:liver ns:overrides {name}'" in fault


def test_a_second_preferred_label_without_override_is_a_fault(turtle, small_core: None) -> None:
    (fault,) = faults(turtle('uhat:liver skos:prefLabel "The liver"@en .'))
    assert "has 2 preferred labels in 'en'" in fault
    assert "ns:overrides skos:prefLabel" in fault


def test_the_same_value_twice_is_no_contradiction(turtle, small_core: None) -> None:
    assert not Taxonomy.load(turtle('uhat:liver skos:notation "ABD-01" ; ns:order 1 .')).changes


def test_a_retraction_removes_each_kind_of_statement(turtle, small_core: None) -> None:
    path = turtle(
        """
        uhat:liver ns:retracts [ skos:altLabel "hepar"@la ; skos:exactMatch UBERON:0002107 ] .
        udaf:margins.ill-defined ns:retracts [ ns:composition [ ns:modifier lex:irregular ; ns:head lex:margin ] ] .
        """
    )
    before, after = Taxonomy.load(), Taxonomy.load(path)
    assert {x.text for x in before.concepts["uhat:liver"].labels if x.role == "alt"} == {"hepar", "Ménière {lobe}"}
    assert {x.text for x in after.concepts["uhat:liver"].labels if x.role == "alt"} == {"Ménière {lobe}"}
    assert after.concepts["uhat:liver"].mappings == ()
    assert len(before.concepts["udaf:margins.ill-defined"].compositions) == 2
    (left,) = after.concepts["udaf:margins.ill-defined"].compositions
    assert left.negated
    # Nothing of the node stays behind, neither of the extension nor of the built-in file.
    gone = len(before.triples) - len(after.triples)
    assert gone == 2 + 3
    assert [change.action for change in after.changes] == ["retracts"] * 3


def test_a_label_can_move_to_another_concept(turtle, small_core: None) -> None:
    path = turtle(f"""
        uhat:liver ns:retracts [ skos:altLabel "hepar"@la ] .
        finding:hepar {FINDING} ; skos:prefLabel "hepar"@en ; skos:altLabel "hepar"@la .
    """)
    assert find(Taxonomy.load(path), "hepar").curie == "finding:hepar"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ('ns:retracts [ skos:altLabel "hepra"@la ]', 'no earlier file states; its values are: "hepar"@la'),
        ('ns:retracts [ skos:altLabel "hepar" ]', 'no earlier file states; its values are: "hepar"@la'),
        ("ns:retracts [ skos:broadMatch FMA:1 ]", "no earlier file states; its values are: none"),
        ('ns:retracts "hepar"', "ns:retracts takes a node with statements in brackets"),
        ("ns:overrides skos:scopeNote", "overrides skos:scopeNote, but this file gives it no value"),
        ('ns:overrides skos:scopeNote ; skos:scopeNote "x"@en', "no earlier file gives it a value to replace"),
        ('ns:overrides "x"', "ns:overrides takes a property"),
        ('owl:deprecated "yes"', 'has owl:deprecated "yes"; write true or false'),
    ],
)
def test_a_change_that_changes_nothing_is_a_fault(turtle, small_core: None, statement: str, message: str) -> None:
    (fault,) = faults(turtle(f"uhat:liver {statement} ."))
    assert fault.startswith("extra.ttl: uhat:liver ")
    assert message in fault


DEPRECATED = f"""
    finding:gone {FINDING} ; skos:prefLabel "gonesign"@en ; ns:impliesValue udaf:diagnosis.mass .
    finding:kept {FINDING} ; skos:prefLabel "keptsign"@en ; ns:impliesValue udaf:diagnosis.mass .
"""


def test_a_deprecated_concept_is_not_matched_but_resolves(turtle) -> None:
    first = turtle(DEPRECATED, "first.ttl")
    second = turtle("finding:gone owl:deprecated true ; dcterms:isReplacedBy finding:kept .", "second.ttl")
    normalizer = Normalizer([first, second])
    assert normalizer.normalize("Liver with keptsign.").labels["diagnosis"] == ("mass",)
    assert normalizer.normalize("Liver with gonesign.").labels["diagnosis"] == ()
    taxonomy = Taxonomy.load(first, second)
    assert "finding:gone" not in taxonomy.concepts
    for name in "finding:gone", "gonesign":
        found = find(taxonomy, name)
        assert (found.curie, found.deprecated, found.replaced_by) == ("finding:gone", True, ("finding:kept",))
    with pytest.raises(UnknownConceptError, match="finding:gone is deprecated; use finding:kept instead"):
        taxonomy["finding:gone"]
    assert [(c.action, c.subject, c.new) for c in taxonomy.changes] == [
        ("deprecates", "finding:gone", ("finding:kept",))
    ]


def test_a_deprecated_value_is_no_value_of_its_dimension(turtle, small_core: None) -> None:
    taxonomy = Taxonomy.load(turtle("udaf:margins.ill-defined owl:deprecated true ."))
    assert taxonomy.dimension("margins").labels == ("well-defined",)


def test_names_of_a_deprecated_concept_are_free(turtle, small_core: None) -> None:
    path = turtle(f"""
        finding:a {FINDING} ; skos:prefLabel "same"@en ; owl:deprecated true ; dcterms:isReplacedBy finding:b .
        finding:b {FINDING} ; skos:prefLabel "same"@en .
    """)
    taxonomy = Taxonomy.load(path)
    assert find(taxonomy, "same").curie == "finding:b"
    assert not [problem for problem in run_checks(taxonomy) if problem.check == "shared-label"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("uhat:sys.abdomen owl:deprecated true .", "is deprecated, but used by uhat:liver (skos:broader); use another"),
        ("lex:margin owl:deprecated true .", "used by udaf:margins.ill-defined (ns:head)"),
        (
            "uhat:liver owl:deprecated true ; dcterms:isReplacedBy uhat:livre .",
            "dcterms:isReplacedBy uhat:livre, which does not exist; did you mean uhat:liver?",
        ),
        ("lex:irregular dcterms:isReplacedBy lex:margin .", "but is in use; add owl:deprecated true"),
    ],
)
def test_references_to_deprecated_concepts_are_faults(turtle, small_core: None, body: str, message: str) -> None:
    assert message in "\n".join(faults(turtle(body)))


def test_a_later_extension_amends_an_earlier_one(turtle, small_core: None) -> None:
    first = turtle('uhat:liver skos:altLabel "big gland"@en .', "first.ttl")
    second = turtle('uhat:liver ns:retracts [ skos:altLabel "big gland"@en ] .', "second.ttl")
    assert "big gland" not in {x.text for x in Taxonomy.load(first, second).concepts["uhat:liver"].labels}
    assert "second.ttl: uhat:liver retracts" in faults(second, first)[0]


def test_the_digest_and_version_iri_change_with_what_is_loaded(turtle, small_core: None) -> None:
    first = turtle('uhat:liver skos:altLabel "one"@en .', "first.ttl")
    second = turtle('uhat:liver skos:altLabel "two"@en .', "second.ttl")
    loaded = [Taxonomy.load(*files) for files in ((), (first,), (second,), (first, second), (second, first))]
    assert len({taxonomy.version_iri for taxonomy in loaded}) == len(loaded)
    assert {taxonomy.version for taxonomy in loaded} == {"0.2.0"}
    for taxonomy in loaded:
        stated = {
            t.predicate.value.rpartition("#")[2]: t.object for t in taxonomy.triples if "ontology" in str(t.subject)
        }
        assert stated["versionIRI"].value == taxonomy.version_iri
        assert taxonomy.digest[:16] in taxonomy.version_iri
