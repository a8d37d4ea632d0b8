"""The names of findings in the development gold set of reports: each is one name of the taxonomy or composed of two."""

from __future__ import annotations

import json

import pytest

from tests.locations import SHARED
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match.mentions import Mention, find_mentions

GOLD = SHARED / "gold" / "reports-dev.jsonl"
_NAMED = {"finding", "value", "anatomy"}


def mentions_in(name: str, lexicon: Lexicon) -> list[Mention]:
    """Return the mentions of anatomy, values and findings in a name."""
    return [m for m in find_mentions(name, tokenize(name), lexicon)[0] if m.sense.kind in _NAMED]


def is_name(name: str, lexicon: Lexicon, kinds: set[str] = _NAMED) -> bool:
    """Return whether the whole of `name` is one name of the taxonomy, of one of the kinds."""
    words = len(tokenize(name).words)
    return any((m.first, m.end) == (0, words) and m.sense.kind in kinds for m in mentions_in(name, lexicon))


def is_composed(name: str, lexicon: Lexicon) -> bool:
    """Return whether `name` is a kind of finding and its site: without its words for anatomy it is a finding or value.

    *Renal cyst*, *simple renal cyst* and *supraspinatus tear* are; *renal* and *renal failing* are not.
    """
    words = tokenize(name).words
    sites = {i for m in mentions_in(name, lexicon) if m.sense.kind == "anatomy" for i in range(m.first, m.end)}
    kind = " ".join(word for i, word in enumerate(words) if i not in sites)
    return bool(sites) and is_name(kind, lexicon, {"finding", "value"})


@pytest.mark.parametrize(
    ("name", "named", "composed"),
    [
        pytest.param("hydronephrosis", True, False, id="a name"),
        pytest.param("renal cyst", False, True, id="kind and site"),
        pytest.param("simple renal cyst", False, True, id="site within the kind"),
        pytest.param("supraspinatus tear", False, True, id="part of an organ"),
        pytest.param("renal", True, False, id="a site alone"),
        pytest.param("renal unheardofness", False, False, id="unknown kind"),
        pytest.param("unheardof cyst", False, False, id="unknown site"),
    ],
)
def test_names_and_compositions_are_told_apart(lexicon: Lexicon, name: str, named: bool, composed: bool) -> None:
    assert (is_name(name, lexicon), is_composed(name, lexicon)) == (named, composed)


@pytest.mark.skipif(not GOLD.is_file(), reason=f"the development gold set of reports is not at {GOLD}")
def test_every_name_of_the_gold_set_resolves(lexicon: Lexicon) -> None:
    reports = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    names = {finding["concept"] for report in reports for finding in report["findings"] if finding["concept"]}
    assert len(names) > 200
    assert sorted(name for name in names if not is_name(name, lexicon) and not is_composed(name, lexicon)) == []
