"""The importers, by name; other packages add importers as entry points.

An importer is an `Importer`: it recognises a kind of data set, such as tables of one file format or folders with a
certain layout, and opens it as rows. Another package adds one in its `pyproject.toml`:

```toml
[project.entry-points."udt.importers"]
dicom = "my_package.dicom:IMPORTER"
```
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from udt.core.errors import DataError
from udt.core.registry import Registry
from udt.records.importing.data_set import DataSet
from udt.records.importing.mapping import ColumnMapping, default_mapping
from udt.taxonomy.model.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of data set, with the functions that recognise and open it.

    :ivar reads: the files or folders that it reads, for messages, e.g. `.csv`.
    :ivar recognises: checks whether it reads an existing file or folder; reads no rows.
    :ivar open: opens the data set at a path that it recognises. It raises a DataError if the data set is faulty.
    :ivar mapping: the column mapping that is used unless the user names one.
    :ivar fallback: whether it reads a path only if no other importer recognises it.
    """

    reads: str
    recognises: Callable[[Path], bool]
    open: Callable[[Path], DataSet]
    mapping: Callable[[Taxonomy], ColumnMapping] = default_mapping
    fallback: bool = False


IMPORTERS: Registry[Importer] = Registry(
    "importer",
    "udt.importers",
    {
        "csv": "udt.records.importing.importers.tables:CSV",
        "tsv": "udt.records.importing.importers.tables:TSV",
        "jsonl": "udt.records.importing.importers.tables:JSON_LINES",
        "json": "udt.records.importing.importers.tables:JSON_ARRAY",
        "parquet": "udt.records.importing.importers.tables:PARQUET",
        "us365k": "udt.records.importing.importers.us365k:IMPORTER",
        "images": "udt.records.importing.importers.image_folder:IMPORTER",
    },
    expected=Importer,
)


def find_importer(path: Path) -> Importer:
    """Return the first importer that recognises `path`: built-in ones first, then added ones, then fallbacks.

    :raises DataError: if there is no such path, or if no importer recognises it.
    """
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder; check the path")
    importers = [IMPORTERS.load(name) for name in IMPORTERS.names()]
    for importer in sorted(importers, key=lambda importer: importer.fallback):
        if importer.recognises(path):
            return importer
    found = "is a folder that" if path.is_dir() else f"has the suffix '{path.suffix}', which"
    raise DataError(f"{path}: {found} no importer reads; allowed: {', '.join(one.reads for one in importers)}")


def open_data_set(path: Path) -> DataSet:
    """Open the file or folder `path` with the importer that recognises it.

    :raises DataError: as `find_importer`, or if the data set is faulty.
    """
    return find_importer(path).open(path)
