"""What kind of data set is at a place."""

from __future__ import annotations

from pathlib import Path

from udt.core.errors import DataError
from udt.records.importing.sources import Feeds, folder_feed, table_feed
from udt.records.importing.us365k import us365k_feeds


def find_feeds(path: Path) -> Feeds:
    """What is at `path`: a folder with the files of US-365K, another folder of images, or a table.

    :raises DataError: where it is none of them.
    """
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder; check the path")
    if not path.is_dir():
        return Feeds("table", (table_feed(path),))
    return us365k_feeds(path) or Feeds("folder", (folder_feed(path),), path)
