"""A damaged extension or table of mappings gives a taxonomy or a worded error, and so does each limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.mutations import mutations
from tests.taxonomy.conftest import HEADER, SMALL, WriteTurtle
from udt.core.errors import DataError, TaxonomyError
from udt.lexicon.build import build
from udt.lexicon.lexicon import Lexicon
from udt.query.engines.taxonomy import load_store
from udt.taxonomy.export.alignments import match_triples, read_sssom, sssom_files
from udt.taxonomy.model import faults, turtle_file
from udt.taxonomy.model.describe import overview
from udt.taxonomy.model.taxonomy import Taxonomy

PART = 'ex:part a ns:Component , skos:Concept ; skos:prefLabel "zzyx part"@en ; skos:broader uhat:liver ;\n'
EXTENSION = (
    f'{PART} skos:altLabel "zzyx-lobule" , "zzyx"@fr ; ns:abbreviation "ZP" ; ns:order 3 ;\n'
    "  ns:impliesOrgan uhat:liver .\n"
    'ex:sharp a ns:MarginsValue , skos:Concept ; skos:prefLabel "sharp zzyx"@en ; skos:broader udaf:margins ;\n'
    "  ns:composition [ ns:modifier lex:irregular ; ns:head lex:margin ] ; skos:exactMatch UBERON:0000001 .\n"
)


def test_damaged_extensions(small_core: None, tmp_path: Path) -> None:
    path = tmp_path / "extra.ttl"
    loaded = 0
    for content in mutations((HEADER + EXTENSION).encode(), 200, seed=3):
        path.write_bytes(content)
        try:
            taxonomy = Taxonomy.load(path)
        except TaxonomyError as error:
            assert all("extra.ttl" in fault or "core" in fault for fault in error.faults), error
            continue
        loaded += 1
        Lexicon(build(taxonomy))
        assert overview(taxonomy)
        assert taxonomy.vocabulary
    assert loaded > 20


def test_damaged_tables(tmp_path: Path) -> None:
    lines = sssom_files()[0].read_bytes().splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"#")]
    path = tmp_path / "table.tsv"
    read = 0
    for content in mutations(b"".join([*head, *lines[len(head) : len(head) + 12]]), 600, seed=4):
        path.write_bytes(content)
        try:
            match_triples(read_sssom(path))
        except DataError as error:
            assert "table.tsv" in str(error)
        else:
            read += 1
    assert read > 20


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ((turtle_file, "MAX_BYTES", 100), r"extra\.ttl: has 0 MiB; allowed"),
        ((turtle_file, "MAX_TRIPLES", 2_000), r"extra\.ttl: has more than 2,000 triples"),
        ((turtle_file, "MAX_IRI", 10), "an IRI has .* characters; allowed: 10"),
        ((turtle_file, "MAX_TEXT", 5), "a text has 9 characters; allowed: 5"),
        ((faults, "MAX_CONCEPTS", 3), "concepts; allowed: 3"),
        ((faults, "MAX_LABELS", 3), "labels; allowed: 3"),
        ((faults, "MAX_LABEL", 8), "which has 9 characters; allowed: 8"),
        ((faults, "MAX_WORDS", 1), "which has 2 words; allowed: 1"),
        ((faults, "MAX_DEPTH", 1), "is below more than 1 others"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_limits_are_stated(
    small_core: None, turtle: WriteTurtle, monkeypatch: pytest.MonkeyPatch, limit: tuple[object, str, int], message: str
) -> None:
    extra = turtle(PART + " skos:related " + " , ".join(f"ex:r{i}" for i in range(2_100)) + " .")
    monkeypatch.setattr(*limit)
    with pytest.raises(TaxonomyError, match=message):
        Taxonomy.load(extra)


def test_a_prefix_keeps_its_meaning(small_core: None, tmp_path: Path) -> None:
    path = tmp_path / "extra.ttl"
    other = PART.replace("ex:part", "uhat:liver").replace(
        "broader uhat:liver", "broader <https://w3id.org/udt/uhat/liver>"
    )
    path.write_text(f"{HEADER}@prefix uhat: <https://example.org/other/> .\n{other} .", "utf-8")
    taxonomy = Taxonomy.load(path)
    assert taxonomy["uhat:liver"].label == "Liver"
    assert taxonomy["https://example.org/other/liver"].label == "zzyx part"


def test_names_of_blank_nodes_belong_to_their_file(tmp_path: Path) -> None:
    for name in ("one.ttl", "two.ttl"):
        (tmp_path / name).write_text(f'_:x <https://example.org/{name}> "{name}" .')
    store, _ = load_store([tmp_path / "one.ttl", tmp_path / "two.ttl"])
    same = store.query("ASK { ?x <https://example.org/one.ttl> ?a ; <https://example.org/two.ttl> ?b }")
    assert not bool(same)


def test_small_taxonomy_is_right(small_core: None) -> None:
    assert "uhat:liver" in SMALL
    assert Taxonomy.load()["uhat:liver"].label == "Liver"
