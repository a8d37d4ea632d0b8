"""Output formats: suffixes of files, and formats of other packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.entry_points import write_package
from udt.core.errors import DataError
from udt.core.registry import Registry
from udt.io.writers import registry
from udt.io.writers.registry import FORMATS, format_of

OTHER_FORMAT = """
from udt.io.writers.base import ReportFormat, text_writer

OTHER = ReportFormat(lambda settings: text_writer(str), suffixes=(".json", ".records.json", ".xyz"))
"""


@pytest.fixture
def fresh_formats(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Look up the formats of other packages anew; return a folder on the path for such packages."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "FORMATS", Registry(FORMATS.kind, FORMATS.group, FORMATS._built_in))
    return tmp_path


@pytest.mark.parametrize("name", FORMATS.names())
def test_each_suffix_belongs_to_its_format(name: str) -> None:
    for suffix in FORMATS.load(name).suffixes:
        assert suffix == suffix.lower() and suffix.startswith(".")
        assert format_of(Path(f"reports{suffix}")) == format_of(Path(f"a.2{suffix.upper()}")) == name


@pytest.mark.parametrize("file", ["reports", "reports.xml", ".json", "json", "reports.json.gz"])
def test_other_names_belong_to_no_format(file: str) -> None:
    assert format_of(Path(file)) is None


def test_workbooks_and_parquet_are_binary() -> None:
    assert [name for name in FORMATS.names() if FORMATS.load(name).binary] == ["xlsx", "parquet"]


def test_a_format_of_another_package_adds_suffixes_and_replaces_none(fresh_formats: Path) -> None:
    write_package(fresh_formats, "other_format", FORMATS.group, {"json2": "other_format:OTHER"}, OTHER_FORMAT)
    assert format_of(Path("a.xyz")) == format_of(Path("a.records.json")) == "json2"
    assert format_of(Path("a.json")) == "json"


def test_a_broken_package_is_named_and_stops_no_built_in_format(fresh_formats: Path) -> None:
    write_package(fresh_formats, "broken_format", FORMATS.group, {"bad": "nowhere:FORMAT"}, "")
    assert format_of(Path("a.csv")) == "csv"
    with pytest.raises(DataError, match="the output format 'bad' of the package broken_format cannot be imported"):
        format_of(Path("a.unknown"))


def test_names_are_listed_without_importing_a_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("udt.io.writers.") and name != registry.__name__]:
        monkeypatch.delitem(sys.modules, module)
    assert "parquet" in FORMATS.names() and "udt.io.writers.parquet" not in sys.modules
