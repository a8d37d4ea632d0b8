"""`udt evaluate extraction`, with a chat server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.chat_server import ChatServer, completion, labels
from tests.locations import SHARED
from tests.records.extraction.conftest import normalizer, server  # noqa: F401
from udt.cli.main import main

CAPTIONS = SHARED / "gold" / "captions-dev.jsonl"
ABDOMEN = "Abdomen and retroperitoneum"
CYST = {"body_system": [ABDOMEN], "organ": ["Liver"], "diagnosis": ["cyst"], "echogenicity": ["anechoic"]}
BEAN = {"body_system": [ABDOMEN], "organ": ["Spleen"], "shape": ["oval"]}
GOLD = [
    {"id": "1", "text": "Liver: anechoic cyst.", "labels": CYST},
    {"id": "2", "text": "Bean-like thing of the spleen.", "labels": BEAN},
    {"id": "3", "text": "Diagram.", "labels": {}, "skip": True},
]


@pytest.fixture
def gold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UDT_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in GOLD))
    return path


def _run(command: str, gold: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["evaluate", command, str(gold), *arguments])


def _json(gold: Path, *arguments: str) -> dict[str, Any]:
    found = _run("extraction", gold, "--json", *arguments)
    assert found.exit_code == 0, found.output
    return dict(json.loads(found.output))


def test_rules_score_as_in_evaluate_text(gold: Path) -> None:
    (rules,) = _json(gold)["engines"]
    text = json.loads(_run("text", gold, "--json").output)
    assert {key: rules[key] for key in text if key != "skipped"} == {key: text[key] for key in text if key != "skipped"}
    assert rules["model"] is None and rules["asked"] == 0


def test_rules_score_as_in_evaluate_text_on_real_captions() -> None:
    if not CAPTIONS.exists():
        pytest.skip(f"{CAPTIONS} is not there")
    (rules,) = _json(CAPTIONS)["engines"]
    text = json.loads(_run("text", CAPTIONS, "--json").output)
    assert rules["micro"] == text["micro"] and rules["interval"] == text["interval"] and rules["n"] > 100


def test_engines_are_compared(gold: Path, server: ChatServer) -> None:
    server.behave = lambda question: labels(
        question,
        ("body_system", ABDOMEN, "present", "spleen"),
        ("organ", "Spleen", "present", "spleen"),
        ("shape", "oval", "present", "bean-like"),
        ("vascularity", "no vascularity", "absent", "spleen"),
    )
    found = _json(
        gold, "--engine", "rules", "--engine", "llm", "--engine", "hybrid", "--price-in", "1", "--price-out", "1"
    )
    assert found["skipped"] == 1
    rules, llm, hybrid = found["engines"]
    assert [one["engine"] for one in found["engines"]] == ["rules", "llm", "hybrid"]
    assert [one["micro"]["support"] for one in found["engines"]] == [7, 7, 7]
    assert rules["micro"]["recall"] == pytest.approx(6 / 7)
    assert llm["micro"]["recall"] == pytest.approx(3 / 7) and llm["micro"]["precision"] == 1
    assert hybrid["micro"]["f1"] == 1
    assert llm["asked"] == 2 and llm["use"]["asked"] == 4 and llm["use"]["cost"] == pytest.approx(440e-6)
    assert hybrid["asked"] == 1 and hybrid["use"] == {**hybrid["use"], "asked": 0, "cached": 1, "cost": 0}


def test_the_table(gold: Path, server: ChatServer) -> None:
    found = _run("extraction", gold, "--engine", "rules", "--engine", "llm")
    assert found.exit_code == 0, found.output
    lines = [line.split() for line in found.output.splitlines()]
    assert lines[0] == ["2", "records,", "1", "skipped"]
    assert ["dimension", "support", "rules:", "P", "R", "F1", "llm:", "P", "R", "F1"] in lines
    assert ["micro", "7", "1.000", "0.857", "0.923", "1.000", "0.857", "0.923"] in lines
    assert ["tokens", "in", "400"] in lines and ["cost", "unknown"] in lines
    assert any(line[:3] == ["micro", "F1,", "95"] for line in lines)


def test_texts_without_a_usable_answer_are_counted(gold: Path, server: ChatServer) -> None:
    server.behave = lambda _: completion("oops")
    llm, hybrid = _json(gold, "--engine", "llm", "--engine", "hybrid")["engines"]
    assert llm["faults"] == {"the answer is not JSON": 2} and llm["micro"]["recall"] == 0
    assert hybrid["faults"] == {"the answer is not JSON": 1} and hybrid["micro"]["recall"] == pytest.approx(6 / 7)


def test_answers_of_the_cache_score_without_an_endpoint(
    gold: Path,
    server: ChatServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (first,) = _json(gold, "--engine", "llm")["engines"]
    for name in ("UDT_LLM_URL", "UDT_LLM_KEY"):
        monkeypatch.delenv(name)
    (second,) = _json(gold, "--engine", "llm", "--offline")["engines"]
    assert second["micro"] == first["micro"] and second["use"]["cached"] == 4
    found = _run("extraction", gold, "--engine", "llm", "--offline", "--model", "other")
    assert found.exit_code == 1 and "not in the cache" in found.output


def test_gold_outside_the_taxonomy_is_an_error(gold: Path) -> None:
    gold.write_text(json.dumps({"id": "1", "text": "x", "labels": {"organ": ["liver"]}}) + "\n")
    found = _run("extraction", gold)
    assert found.exit_code == 1 and "did you mean 'Liver'" in found.output
