"""Mappings, templates and the reader of large arrays."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udt.core.errors import DataError
from udt.io.rows import Row, Skipped
from udt.records.database.concepts import Resolver
from udt.records.importing import json_array
from udt.records.importing.json_array import array_rows
from udt.records.importing.mapping import ColumnMapping, load_mapping, mapping_names
from udt.records.importing.template import Template
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.mark.parametrize("name", mapping_names())
def test_built_in_mappings_are_sound(name: str, taxonomy: Taxonomy) -> None:
    mapping = load_mapping(name, taxonomy)
    assert mapping.fields["case"] and mapping.fields["image"]


def test_us365k_names_every_field(taxonomy: Taxonomy) -> None:
    mapping = load_mapping("us365k", taxonomy)
    assert mapping.dimensions == {d.us365k_field: d.key for d in taxonomy.tasks}


def test_error_lists_all_faults_of_a_mapping(taxonomy: Taxonomy, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'case = 3\nmaker = "machine"\nimge = "x"\nalways = ["uhat:livr"]\n[dimensions]\na = "form"\n'
        '[columns.S]\noval = ["udaf:shape.egg"]\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        load_mapping(str(path), taxonomy)
    for part in ("'case' has to be", '"machine"', "'imge'", "'uhat:livr'", '"form"', "'udaf:shape.egg'"):
        assert part in str(caught.value)


@pytest.mark.parametrize("name", ["nothing", "nothing.toml"])
def test_missing_mapping(name: str, taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match=rf"no mapping '{name}'.*brest, us365k"):
        load_mapping(name, taxonomy)


def test_broken_toml(taxonomy: Taxonomy, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("case =", encoding="utf-8")
    with pytest.raises(DataError, match="is not valid TOML"):
        load_mapping(str(tmp_path / "own.toml"), taxonomy)


@pytest.mark.parametrize("pairs", [[("a", "colour")], [("a", "case"), ("b", "case")]])
def test_columns_that_cannot_be_mapped(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(DataError, match="--map"):
        ColumnMapping(fields={}).with_columns(pairs, ("shape",))


def test_a_fingerprint_is_the_same_for_equal_mappings(taxonomy: Taxonomy) -> None:
    one, other = load_mapping("brest", taxonomy), load_mapping("brest", taxonomy)
    assert one.fingerprint() == other.fingerprint()
    assert one.fingerprint() != one.with_columns([("x", "shape")], ("shape",)).fingerprint()


def test_resolver_finds_labels_and_synonyms(taxonomy: Taxonomy) -> None:
    resolver, vocabulary = Resolver(taxonomy), taxonomy.vocabulary
    for dimension in vocabulary.dimensions:
        assert [resolver.find(dimension.key, label.upper()) for label in dimension.labels] == list(
            range(len(dimension))
        )
    mixed = vocabulary["internal_characteristics"].id("mixed cystic and solid mass")
    assert resolver.find("internal_characteristics", "complex cystic solid") == mixed
    assert resolver.find("shape", "hypoechoic") is None


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ({}, "Breast."),
        ({"Shape": ["oval"]}, "Breast: oval."),
        ({"Shape": ["oval"], "Margin": ["sharp", "soft", "odd"]}, "Breast: oval with clear, soft and odd margins."),
        ({"Margin": ["none"]}, "Breast."),
    ],
)
def test_templates(cells: dict[str, list[str]], text: str) -> None:
    template = Template("Breast[: {Shape}][ with {Margin} margins].", {"Margin": {"sharp": "clear", "none": ""}})
    assert template.fill(cells) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=5), st.integers(1, 40), st.sampled_from([None, 1])
)
def test_array_read_in_chunks(objects: list[dict[str, object]], chunk: int, indent: int | None) -> None:
    text = json.dumps(objects, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_CHUNK", chunk)
        rows = list(array_rows(io.StringIO(text), "x"))
    assert [row.cells for row in rows if isinstance(row, Row)] == objects
    assert len(rows) == len(objects)


@pytest.mark.parametrize(
    ("text", "read", "reason"),
    [
        ('{"a": 1}', 0, "does not begin with '['"),
        ("", 0, "does not begin with '['"),
        ('[{"a": 1}', 1, "has no ',' or ']'"),
        ('[{"a": 1},', 1, "ends before ']'"),
        ('[{"a": 1}, 2]', 1, "has '2' instead of an object"),
        ('[{"a": 1}, {"b": }]', 1, "not valid JSON"),
        ('[{"a": 1} {"b": 2}]', 1, "has no ',' or ']'"),
        ('[{"a": 1},]', 1, "has ']' instead of an object"),
    ],
)
def test_arrays_that_are_broken(text: str, read: int, reason: str) -> None:
    rows = list(array_rows(io.StringIO(text), "x"))
    assert len(rows) == read + 1
    fault = rows[-1]
    assert isinstance(fault, Skipped)
    assert reason in fault.reason
    assert fault.place == f"x:{read + 1}"
