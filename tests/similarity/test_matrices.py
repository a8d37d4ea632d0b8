from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.ten_tasks import with_tenth
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import FILE_NAME, SimilaritySet
from udt.taxonomy.model.taxonomy import Taxonomy


def test_save_and_load(by_taxonomy: SimilaritySet, vocabulary: Vocabulary, tmp_path: Path) -> None:
    path = by_taxonomy.save(tmp_path)
    assert path == tmp_path / FILE_NAME
    for place in path, tmp_path:
        loaded = SimilaritySet.load(place)
        assert loaded.labels == by_taxonomy.labels
        assert list(loaded.labels) == list(vocabulary.keys)
        assert loaded.provenance == by_taxonomy.provenance
        assert all(np.array_equal(loaded[key], by_taxonomy[key]) for key in vocabulary.keys)
        loaded.check_labels(vocabulary)


def test_the_same_set_gives_the_same_bytes(by_taxonomy: SimilaritySet, tmp_path: Path) -> None:
    first = by_taxonomy.save(tmp_path).read_bytes()
    assert SimilaritySet.load(tmp_path).save(tmp_path).read_bytes() == first


def test_error_lists_every_fault(by_taxonomy: SimilaritySet) -> None:
    faulty = {key: matrix.copy() for key, matrix in by_taxonomy.matrices.items()}
    faulty["shape"][0, 1] += 0.1
    faulty["margins"][0, 0] = 0.9
    faulty["organ"][0, 1] = faulty["organ"][1, 0] = 1.2
    faulty["diagnosis"][2, 2] = np.nan
    faulty["echogenicity"] = faulty["echogenicity"][:3, :3]
    faulty["vascularity"] = faulty["vascularity"].astype(np.float64)
    faulty["posterior"] = faulty.pop("posterior_acoustics")
    with pytest.raises(DataError) as caught:
        SimilaritySet(by_taxonomy.labels, faulty, by_taxonomy.provenance)
    for part in (
        "shape: is not symmetric",
        "margins: its diagonal is not 1 throughout",
        "organ: its values range from 0 to 1.2; allowed: 0 to 1",
        "diagnosis: holds values that are NaN",
        "echogenicity: has the shape (3, 3), but there are 5 labels",
        "vascularity: holds float64",
        "posterior_acoustics: the matrix is missing",
        "posterior: a matrix without labels",
    ):
        assert part in str(caught.value)


def test_an_unknown_dimension_is_refused(by_taxonomy: SimilaritySet) -> None:
    with pytest.raises(DataError, match="'colour'; allowed: body_system, organ"):
        by_taxonomy["colour"]


def test_other_labels_are_refused(by_taxonomy: SimilaritySet, vocabulary: Vocabulary) -> None:
    shape = vocabulary["shape"]
    for labels, message in (
        ((*shape.labels, "new"), "label 7 of shape is nothing instead of 'new'"),
        (shape.labels[:-1], "shape has 'irregular', which the taxonomy does not have"),
        (shape.labels[::-1], "label 0 of shape is 'round' instead of 'irregular'"),
    ):
        changed = tuple(replace(d, labels=labels) if d.key == "shape" else d for d in vocabulary.dimensions)
        with pytest.raises(DataError, match=message):
            by_taxonomy.check_labels(Vocabulary(changed, "1", "0"))
    with pytest.raises(DataError, match="vascularity is in the matrices alone"):
        by_taxonomy.check_labels(Vocabulary(vocabulary.dimensions[:-1], "1", "0"))
    with pytest.raises(DataError, match="another order"):
        by_taxonomy.check_labels(Vocabulary(vocabulary.dimensions[::-1], "1", "0"))


def test_faulty_files(by_taxonomy: SimilaritySet, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no such file; build it with: udt similarity build"):
        SimilaritySet.load(tmp_path)
    path = tmp_path / FILE_NAME
    path.write_bytes(b"no tensors at all")
    with pytest.raises(DataError, match="not a readable safetensors file"):
        SimilaritySet.load(tmp_path)
    save_file({"shape": np.eye(2, dtype=np.float32)}, path)
    with pytest.raises(DataError, match="holds no 'udt-similarity/1'"):
        SimilaritySet.load(tmp_path)
    save_file({"shape": np.eye(2, dtype=np.float32)}, path, {"udt-similarity/1": json.dumps({"dimensions": []})})
    with pytest.raises(DataError, match="its description is damaged"):
        SimilaritySet.load(tmp_path)
    data = bytearray(by_taxonomy.save(tmp_path).read_bytes())
    data[-4:] = np.float32(0.5).tobytes()
    path.write_bytes(data)
    with pytest.raises(DataError, match=rf"{FILE_NAME}: the similarity matrices are not valid"):
        SimilaritySet.load(tmp_path)


def test_missing_folder(by_taxonomy: SimilaritySet, tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match="does not exist"):
        by_taxonomy.save(tmp_path / "nowhere")


def test_a_set_is_restricted_to_some_dimensions(random_similarity: SimilaritySet, vocabulary: Vocabulary) -> None:
    few = vocabulary.select(["vascularity", "organ"])
    found = random_similarity.restricted(few)
    assert list(found.labels) == list(found.matrices) == ["organ", "vascularity"]
    assert all(found[key] is random_similarity[key] for key in found.labels)
    assert found.provenance == random_similarity.provenance
    assert random_similarity.restricted(vocabulary) is random_similarity
    with pytest.raises(DataError, match="orientation is in the taxonomy alone; build them again"):
        random_similarity.restricted(with_tenth(vocabulary))
