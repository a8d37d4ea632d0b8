"""Records without a usable image are faults of their rows."""

from __future__ import annotations

import json
from pathlib import Path

from udt.io.rows import Skipped
from udt.records.importing.importers.registry import open_data_set


def test_images_that_are_no_texts(tmp_path: Path) -> None:
    strange: list[object] = [None, ["a.png"], 5, {"a": "b"}]
    (tmp_path / "full_data.json").write_text(
        json.dumps([{"media_name": name, "shape": "oval"} for name in (*strange, "b.png")])
    )
    (tmp_path / "train.jsonl").write_text(
        "".join(json.dumps({"image": name, "caption": "cyst"}) + "\n" for name in (*strange, "c.png"))
    )
    pairs, rest = (list(source.rows()) for source in open_data_set(tmp_path).sources)
    assert [isinstance(row, Skipped) for row in pairs] == [True] * 4 + [False] * 5
    assert [row.cells["image"] for row in rest if not isinstance(row, Skipped)] == ["b.png"]
    assert [row.cells.get("shape") for row in pairs if not isinstance(row, Skipped)] == [None] * 5
