"""Texts with the data that came with them."""

from __future__ import annotations

import copy
import pickle

from udt.io.items import NO_SOURCE, TextItem, TextSource


def test_an_item_is_a_pair_that_keeps_its_data() -> None:
    source = TextSource(subject_identifier="4711", sex="female")
    item = TextItem("a", "Liver.", source)
    name, text = item
    assert (name, text) == ("a", "Liver.") == item and (item.id, item.text) == item
    for other in (pickle.loads(pickle.dumps(item)), copy.deepcopy(item)):
        assert other == item and other.source == source
    assert TextItem("a", "Liver.").source is NO_SOURCE
