"""The data card of a release: Markdown with a head in YAML, as Hugging Face reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from udt.core.texts import one_line
from udt.core.version import __version__
from udt.core.vocabulary import Vocabulary
from udt.records.release.counts import ReleaseCounts
from udt.records.release.gate import Obstacle

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9.\-]*")


def data_card(
    name: str,
    counts: ReleaseCounts,
    vocabulary: Vocabulary,
    layouts: Sequence[str],
    allowed: Sequence[Obstacle],
    folder: str | None = None,
) -> str:
    """Return the card of a release.

    :param name: of the data set.
    :param layouts: names of its folders.
    :param allowed: reasons against the release that were allowed; the card names them.
    :param folder: of the layout of Hugging Face, relative to the card, e.g. `huggingface/`; None without this layout.
    """
    environment = Environment(
        loader=PackageLoader("udt.records.release"), undefined=StrictUndefined, trim_blocks=True,
        keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    environment.filters.update(yaml=_yaml, cell=_cell)
    total = sum(counts.samples.values())
    return environment.get_template("card.md.j2").render(
        name=one_line(name),
        licence=_licence(counts),
        size=next((label for limit, label in _SIZES if total < limit), "n>1M"),
        total=total,
        cases=sum(map(len, counts.cases.values())),
        splits=counts.splits,
        sources=[(source, counts.sources[source], counts.licences[source]) for source in sorted(counts.sources)],
        dimensions=[(one.key, len(one), sum(counts.labels.get(one.key, {}).values())) for one in vocabulary.dimensions],
        vocabulary=vocabulary,
        version=__version__,
        layouts=layouts,
        allowed=[one.fact for one in allowed],
        folder=folder,
    )


def _licence(counts: ReleaseCounts) -> str:
    """Return the one licence of all sources as an identifier, or `other`."""
    found = {licence.strip().lower().replace(" ", "-") for licence in counts.licences.values()}
    (only, *others) = found or {""}
    return only if not others and _IDENTIFIER.fullmatch(only) else "other"


def _yaml(text: str) -> str:
    """Write a text for YAML, of which JSON is a part."""
    return json.dumps(text, ensure_ascii=False)


def _cell(text: str) -> str:
    """Write a text for a cell of a table in Markdown."""
    return one_line(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
