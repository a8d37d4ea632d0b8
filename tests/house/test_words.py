"""The lint of words: does it find what it should, and nothing else?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.words import ROOT, Text, faults, prose, texts


def docstring(text: str, *, opens_function: bool = False) -> Text:
    return Text(ROOT / "udt" / "x.py", 1, "docstring", text, opens_function)


@pytest.mark.parametrize(
    "text",
    [
        "Return what the text says.",
        "The names stand in the first row.",
        "What a record is made of.",
        "Return the label, or None where there is none.",
        ":raises DataError: where the file is missing.",
        "Write files whole or not at all.",
        "The index behind its last word.",
        "Labels as hot rows.",
    ],
)
def test_a_word_of_the_list_is_found(text: str) -> None:
    assert len(faults([docstring(f"{text} {'word ' * 2000}")])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Return the labels of a record.",
        "CC stands for creative commons.",
        "A stand-alone page. They understand it.",
        "Multi-hot rows in the hot path.",
        "Know where a span starts.",
        "Use `where` and `said`.",
        ">>> print('it says')\nit says\n\nRight.",
    ],
)
def test_a_right_use_is_left_alone(text: str) -> None:
    assert faults([docstring(f"{text} {'word ' * 2000}")]) == []


def test_a_docstring_of_a_function_opens_with_a_verb() -> None:
    assert faults([docstring("Return the side.", opens_function=True), docstring("The side.")]) == []
    (fault,) = faults([docstring("The side.", opens_function=True)])
    assert "opens with 'The'" in fault and fault.startswith("udt/x.py:1: ")


def test_where_is_rare() -> None:
    (fault,) = faults([docstring("The folder where files lie. " + "word " * 500)])
    assert "'where' is used 2.0 times in 1,000 words" in fault


def test_code_is_no_prose() -> None:
    assert prose("A `said` word.\n\n>>> says()\n1\n\nEnd.") == "A `…` word.\n\n\n\n\nEnd."


def test_docstrings_comments_and_messages_are_read(tmp_path: Path) -> None:
    (tmp_path / "udt").mkdir()
    (tmp_path / "udt" / "a.py").write_text(
        '"""One."""\n\nclass A:\n    """Two."""\n\n    @property\n    def b(self):\n        """Three."""\n\n'
        '    def c(self):\n        """Four."""\n        raise ValueError("one two three")  # five\n'
    )
    (tmp_path / "README.md").write_text("six\n```\nnot read\n```\n`code` seven\n")
    found = [(text.kind, text.line, text.text, text.opens_function) for text in texts(tmp_path)]
    assert found == [
        ("docstring", 1, "One.", False),
        ("docstring", 4, "Two.", False),
        ("docstring", 8, "Three.", False),
        ("docstring", 11, "Four.", True),
        ("message", 12, "one two three", False),
        ("comment", 12, "five", False),
        ("page", 1, "six", False),
        ("page", 2, "", False),
        ("page", 3, "", False),
        ("page", 4, "", False),
        ("page", 5, "`…` seven", False),
    ]
