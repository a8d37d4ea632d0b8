"""Folders that tests read from. Data sets that are not part of the repository may be missing; their tests then skip."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "benchmarks"
SHARED = ROOT.parent / "shared"
BREST = SHARED / "data" / "brest"
BUSI = SHARED / "data" / "busi"
LUNG = SHARED / "data" / "pocus"
