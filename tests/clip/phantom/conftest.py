"""Label sets by name, and an appearance in which a lesion is always at the same place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from udt.clip.phantom.appearance import Appearance
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

Named = Callable[..., LabelSet]


@pytest.fixture(scope="session")
def named(vocabulary: Vocabulary) -> Named:
    """Make a label set from one or several label names a dimension."""

    def make(**labels: str | tuple[str, ...]) -> LabelSet:
        return LabelSet.of({k: (v,) if isinstance(v, str) else v for k, v in labels.items()}, vocabulary)

    return make


STILL = """
[prefixes]
uhat = "https://w3id.org/udt/uhat/"
[acquisition]
mirror = 0
[organ."uhat:liver"]
frame = "sector"
x = 0
y = 0.44
layers = [{ thickness = 1, level = 0 }]
[organ."uhat:breast"]
frame = "linear"
x = 0
y = 0.44
layers = [{ thickness = 1, level = 0 }]
"""


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory) -> Appearance:
    """Return the built-in appearance with homogeneous livers and breasts, which never move."""
    path = tmp_path_factory.mktemp("looks") / "still.toml"
    path.write_text(STILL)
    return Appearance.load(path)
