from __future__ import annotations

from pathlib import Path

import pytest

from udt.core.errors import DataError, TaxonomyError
from udt.taxonomy.authoring.template import EXAMPLE, extension_from_template
from udt.taxonomy.model.taxonomy import Taxonomy

HEAD = "Id,Kind,Name,Parent,Organs,Synonyms,Order,Match,Remark\n"
STRINGS = (
    "ID,TYPE,LABEL,AI skos:broader,AI ns:impliesOrgan SPLIT=|,AL skos:altLabel@en SPLIT=;,AT ns:order^^xsd:integer,"
    "AI skos:exactMatch,\n"
)


def written(rows: str, taxonomy: Taxonomy, head: str = HEAD + STRINGS) -> str:
    return extension_from_template(head + rows, "table.csv", taxonomy)


@pytest.fixture
def small(small_core: None) -> Taxonomy:
    """The small taxonomy."""
    return Taxonomy.load()


def test_cells_become_statements(small: Taxonomy, tmp_path: Path) -> None:
    rows = (
        "finding:x,ns:FindingTerm,x sign,,Liver|uhat:sys.abdomen,sign of X;X phenomenon,3,FMA:12,a remark\n"
        "uhat:lobe,ns:Component,lobe,liver,,,,,\n"
        ",,,,,,,,\n"
        "uhat:lobule,ns:Component,lobule,lobe,,,,,\n"
        "uhat:liver,,,,,big gland,,,\n"
    )
    path = tmp_path / "extra.ttl"
    path.write_text(written(rows, small), "utf-8")
    loaded = Taxonomy.load(path)
    sign = loaded.concepts["finding:x"]
    assert (sign.kind, sign.label, sign.order) == ("FindingTerm", "x sign", 3)
    assert sign.all("impliesOrgan") == ("uhat:liver", "uhat:sys.abdomen")
    assert {x.text for x in sign.labels if x.role == "alt"} == {"sign of X", "X phenomenon"}
    assert sign.mappings == (("exactMatch", "FMA:12"),)
    assert loaded.concepts["uhat:lobule"].broader == ("uhat:lobe",)
    assert "big gland" in {x.text for x in loaded.concepts["uhat:liver"].labels}
    assert "remark" not in path.read_text("utf-8")
    # New concepts are in the scheme of their class.
    schemes = {t.subject.value: t.object.value for t in loaded.triples if t.predicate.value.endswith("inScheme")}
    assert schemes["https://w3id.org/udt/uhat/lobe"] == "https://w3id.org/udt/uhat"


def test_the_example_is_accepted(taxonomy: Taxonomy) -> None:
    text = extension_from_template(EXAMPLE, "template.csv", taxonomy)
    assert "finding:example-liver-lesion a ns:FindingTerm" in text


def test_concepts_can_be_deprecated_and_overridden(small: Taxonomy, tmp_path: Path) -> None:
    head = "a,b,c,d\nID,AT owl:deprecated^^xsd:boolean,AI ns:overrides,A skos:notation\n"
    path = tmp_path / "extra.ttl"
    path.write_text(written("udaf:margins.ill-defined,true,,\nuhat:liver,,skos:notation,LIV\n", small, head), "utf-8")
    loaded = Taxonomy.load(path)
    assert "udaf:margins.ill-defined" in loaded.deprecated
    assert loaded.concepts["uhat:liver"].notation == "LIV"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("finding:x,ns:Findng,x,,,,,,\n", "row 3, column B ('Kind'): 'ns:Findng' is no class of concepts; allowed: "),
        ("finding:x,,x,,,,,,\n", "row 3: finding:x is new and has no TYPE"),
        (",ns:FindingTerm,x,,,,,,\n", "row 3, column A ('Id'): is empty; write e.g. finding:x"),
        ("my sign,ns:FindingTerm,x,,,,,,\n", "row 3, column A ('Id'): 'my sign' is no CURIE with a known prefix"),
        ("finding:a b,ns:FindingTerm,x,,,,,,\n", "row 3, column A ('Id'): 'finding:a b' is no CURIE"),
        ("finding:x,ns:FindingTerm,x,,Livver,,,,\n", "row 3, column E ('Organs'): no concept is called 'Livver'"),
        ("finding:x,ns:FindingTerm,x,,,,three,,\n", "row 3, column G ('Order'): 'three' is no xsd:integer"),
        ("finding:x,ns:FindingTerm,x,,,,,FMA12,\n", "row 3, column H ('Match'): 'FMA12' is no CURIE"),
        ("finding:x,ns:FindingTerm,x,,,,,,,more\n", "row 3: has 10 cells, but there are 9 template strings"),
        ("uhat:x,ns:Component,x,,,,,,\n", "row 3: uhat:x has no parent; give it skos:broader"),
        ("finding:x,ns:FindingTerm,hepatic lobe,,,Liver,,,\n", "row 3: the label 'liver' (en) is on 2 concepts"),
        ("\n", "no concept is given; add a row below the template strings"),
    ],
)
def test_faults_name_row_and_column(small: Taxonomy, rows: str, fault: str) -> None:
    with pytest.raises(TaxonomyError) as caught:
        written(rows, small)
    assert caught.value.faults[0].startswith(f"table.csv: {fault}"), caught.value.faults


def test_all_faults_are_reported_at_once(small: Taxonomy) -> None:
    with pytest.raises(TaxonomyError) as caught:
        written("finding:x,ns:Findng,x,,Livver,,three,,\nbad,ns:Findng,x,,,,,,\n", small)
    assert [fault.partition(": ")[2].partition(" (")[0] for fault in caught.value.faults] == [
        "row 3, column B",
        "row 3, column E",
        "row 3, column G",
        "row 4, column A",
        "row 4, column B",
    ]


@pytest.mark.parametrize(
    ("string", "fault"),
    [
        ("SYNONYM", "'SYNONYM' is no template string; allowed: ID, TYPE, LABEL"),
        ("AL skos:altLabel", "'AL skos:altLabel' mixes forms"),
        ("A skos:altLabel@en", "'A skos:altLabel@en' mixes forms"),
        ("AL ns:abbrev@en", "the schema has no property ns:abbrev"),
        ("A foo:bar", "'foo:bar' has no known prefix"),
        ("A sh:path", "sh:path is not used by the taxonomy"),
        ("AT ns:order^^xsd:date", "has an unknown type; allowed: xsd:integer"),
    ],
)
def test_faults_of_template_strings(small: Taxonomy, string: str, fault: str) -> None:
    with pytest.raises(TaxonomyError) as caught:
        written("uhat:liver,x\n", small, f"a,b\nID,{string}\n")
    assert caught.value.faults[0].startswith("table.csv: row 2, column B ('b'): ")
    assert fault in caught.value.faults[0]


@pytest.mark.parametrize(("strings", "count"), [("TYPE,LABEL", 0), ("ID,ID", 2)])
def test_a_template_has_one_identifier(small: Taxonomy, strings: str, count: int) -> None:
    with pytest.raises(TaxonomyError, match=f"row 2: has {count} columns ID; a template has one"):
        written("uhat:liver,x\n", small, f"a,b\n{strings}\n")


@pytest.mark.parametrize("content", ["", "a,b\n"])
def test_an_empty_template_is_refused(small: Taxonomy, content: str) -> None:
    with pytest.raises(DataError, match="a template has a row of names"):
        written("", small, content)


def test_an_ambiguous_name_has_to_be_written_as_an_identifier(turtle, small_core: None) -> None:
    path = turtle("""
        finding:m a ns:FindingTerm , skos:Concept ; skos:prefLabel "m"@en ; skos:altLabel "border"@en .
        lex:margin skos:altLabel "border"@en .
    """)
    rows = "finding:x,ns:FindingTerm,x,border,,,,,\n"
    with pytest.raises(TaxonomyError, match="'border' names several concepts; write finding:m or lex:margin"):
        extension_from_template(HEAD + STRINGS + rows, "table.csv", Taxonomy.load(path), [path])
