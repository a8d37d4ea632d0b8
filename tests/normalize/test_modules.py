"""The modules of attributes change nothing of the nine dimensions, on real captions and reports."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.locations import SHARED
from udt import Normalizer
from udt.core.report import Finding
from udt.taxonomy.model.taxonomy import Taxonomy

TEXTS = [
    SHARED / "gold" / "captions-dev.jsonl",
    SHARED / "gold" / "reports-dev.jsonl",
    SHARED / "data" / "captions" / "roco-ultrasound-unlabelled.jsonl",
]
PLACES = {"body_system", "organ"}


@pytest.fixture(scope="module")
def without_modules(tmp_path_factory: pytest.TempPathFactory, normalizer: Normalizer) -> Normalizer:
    """Return a normaliser with all modules switched off but that of the neck, whose node levels are places as well."""
    lines = [
        "@prefix ns: <https://w3id.org/udt/ns#> .",
        "@prefix udaf: <https://w3id.org/udt/udaf/> .",
        *(
            f"{c.curie} ns:reading ns:NotRead ."
            for c in Taxonomy.load()
            if c.kind == "Module" and c.curie != "udaf:module.neck"
        ),
    ]
    path = tmp_path_factory.mktemp("modules") / "off.ttl"
    path.write_text("\n".join(lines), "utf-8")
    return Normalizer([path])


def test_a_module_is_switched_off(without_modules: Normalizer, normalizer: Normalizer) -> None:
    text = "Moderate hydronephrosis. The vein is compressible."
    assert normalizer.normalize(text).attributes
    assert without_modules.normalize(text).attributes == {}
    assert without_modules.normalize(text).labels == normalizer.normalize(text).labels


def described(findings: Iterable[Finding]) -> list[tuple[str, str, str | None, object]]:
    """Return the findings with labels or sizes, without attributes."""
    return [
        (json.dumps(f.labels), f.certainty, f.laterality, f.measurements)
        for f in findings
        if f.measurements or any(labels for key, labels in f.labels.items() if key not in PLACES)
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_the_nine_dimensions_are_the_same(path: Path, normalizer: Normalizer, without_modules: Normalizer) -> None:
    if not path.exists():
        pytest.skip(f"the texts are not at {path}")
    for line in path.read_text("utf-8").splitlines():
        text = json.loads(line)["text"]
        report, plain = normalizer.normalize(text), without_modules.normalize(text)
        assert (report.labels, report.possible, report.absent) == (plain.labels, plain.possible, plain.absent)
        assert described(report.findings) == described(plain.findings)
