"""Resnik, Lin and simGIC: by hand, against slow computations over sets of ancestors, and their properties."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.similarity.conftest import MakeSets
from tests.similarity.graph.test_information import MEMBERS, graphs
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.normalize.normalizer import Normalizer
from udt.records.database.database import Database
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import default_mapping
from udt.similarity.graph.concept_graph import FINDING, Members, concept_graphs
from udt.similarity.graph.information import information_content
from udt.similarity.label_counts import LabelledRow
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.graph_based import Measure, graph_similarity
from udt.similarity.methods.lin import lin
from udt.similarity.methods.registry import METHODS
from udt.similarity.methods.resnik import resnik
from udt.similarity.methods.simgic import simgic
from udt.taxonomy.model.taxonomy import Taxonomy

MEASURES = {"resnik": resnik, "lin": lin, "simgic": simgic}
Load = Callable[[str], Taxonomy]


def at(similarity: SimilaritySet, key: str, a: str, b: str) -> float:
    labels = similarity.labels[key]
    return float(similarity[key][labels.index(a), labels.index(b)])


@pytest.fixture(scope="module", params=MEASURES)
def built(request: pytest.FixtureRequest, taxonomy: Taxonomy) -> SimilaritySet:
    """The matrices of each method, without a corpus."""
    return METHODS.load(request.param).build(taxonomy, {})


def test_values_by_hand() -> None:
    """Of four values, a and b share a parent of two; with a corpus, n(x)=4, n(a)=3, n(b)=2 of 7."""
    intrinsic = information_content(MEMBERS)
    assert resnik(MEMBERS, intrinsic)[0, 1] == pytest.approx(0.5)
    assert lin(MEMBERS, intrinsic)[0, 1] == pytest.approx(0.5)
    assert simgic(MEMBERS, intrinsic)[0, 1] == pytest.approx(0.5 / 2.5)
    counted = information_content(MEMBERS, np.array([3, 2, 2, 1, 1, 0]))
    x, a, b = (1 - log(n) / log(7) for n in (4, 3, 2))
    assert resnik(MEMBERS, counted)[0, 1] == pytest.approx(x)
    assert lin(MEMBERS, counted)[0, 1] == pytest.approx(2 * x / (a + b))
    assert simgic(MEMBERS, counted)[0, 1] == pytest.approx(x / (x + a + b))
    for measure in MEASURES.values():
        assert measure(MEMBERS, counted)[0, 2] == 0, "only the root in common"


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@given(members=graphs(), data=st.data())
def test_properties(measure: Measure, members: Members, data: st.DataObject) -> None:
    found = measure(members, information_content(members))
    assert np.array_equal(found, found.T)
    assert ((found >= 0) & (found <= 1 + 1e-12)).all()
    assert (found.diagonal() == 1).all()
    rows = np.array(data.draw(st.permutations(range(len(members)))))
    columns = np.array(data.draw(st.permutations(range(1, members.shape[1]))), dtype=int)
    shuffled = members[rows][:, np.concatenate([[0], columns])]
    again = measure(shuffled, information_content(shuffled))
    assert np.allclose(again, found[np.ix_(rows, rows)]), "the order of values and nodes does not matter"


@given(graphs())
def test_simgic_is_a_kernel_and_a_metric(members: Members) -> None:
    found = simgic(members, information_content(members))
    assert np.linalg.eigvalsh(found)[0] > -1e-9
    distance = 1 - found
    assert (distance[:, None, :] <= distance[:, :, None] + distance[None, :, :] + 1e-9).all()


def test_deeper_common_ancestors_are_more_similar() -> None:
    """In a chain root > x > y > z, values below z are closer than below y alone, and these than below x alone."""
    members = np.array(
        [[1, 1, 1, 1, *row] for row in ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0))]
        + [[1, 1, 1, 0, 0, 0, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1]],
        dtype=np.bool_,
    )
    for measure in MEASURES.values():
        row = measure(members, information_content(members))[0]
        assert row[0] > row[1] > row[2] > row[3] > row[4] == 0


def ancestors(taxonomy: Taxonomy, key: str) -> Iterator[set[str]]:
    (graph,) = concept_graphs(taxonomy, [key])
    for row in graph.members:
        yield {node for node, member in zip(graph.nodes, row, strict=True) if member}


def test_matrices_agree_with_sets_of_ancestors(taxonomy: Taxonomy, built: SimilaritySet) -> None:
    name = built.provenance.method
    for key in ("organ", "echogenicity", "shape"):
        above = list(ancestors(taxonomy, key))
        below = {node: sum(node in nodes for nodes in above) for nodes in above for node in nodes}
        information = {node: 1 - log(count) / log(len(above)) for node, count in below.items()}
        for i, a in enumerate(above):
            for j, b in enumerate(above):
                common = [information[node] for node in a & b]
                own = max(information[node] for node in a) + max(information[node] for node in b)
                expected = {
                    "resnik": max(common),
                    "lin": 2 * max(common) / own,
                    "simgic": sum(common) / sum(information[node] for node in a | b),
                }[name]
                assert built[key][i, j] == pytest.approx(1 if i == j else expected, abs=1e-6)


def test_glands_of_the_neck_are_closer_than_gland_and_eye(built: SimilaritySet) -> None:
    glands = at(built, "organ", "Thyroid gland", "Parathyroid glands")
    assert glands > at(built, "organ", "Thyroid gland", "Ocular") > at(built, "organ", "Thyroid gland", "Knee") == 0
    assert at(built, "organ", "Wrist and carpus", "Fingers") > at(built, "organ", "Wrist and carpus", "Ankle")


def test_neighbours_on_a_scale_are_closer(built: SimilaritySet) -> None:
    row = [at(built, "echogenicity", "anechoic", other) for other in ("hypoechoic", "isoechoic", "hyperechoic")]
    assert row[0] > row[1] > row[2] > 0


def test_the_set_names_its_origin(built: SimilaritySet, taxonomy: Taxonomy, vocabulary: Vocabulary) -> None:
    built.check_labels(vocabulary)
    assert built.provenance.parameters["information"] == "intrinsic"
    assert built.provenance.digest == taxonomy.digest


def corpus(label_sets: MakeSets, count: int = 60) -> list[LabelledRow]:
    return [LabelledRow(labels, None) for labels in label_sets(count)]


@pytest.mark.parametrize("batch", [7, 4096])
def test_a_corpus_counts_samples_below_each_node(
    taxonomy: Taxonomy, label_sets: MakeSets, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("udt.similarity.methods.graph_based._BATCH", batch)
    rows = corpus(label_sets)
    found = graph_similarity(taxonomy, "lin", lin, samples=iter(rows))
    task = taxonomy.vocabulary.keys.index("organ")
    samples = [set(row.labels.ids[task]) for row in rows if row.labels.ids[task]]
    assert found.provenance.parameters["samples"]["organ"] == len(samples)
    above = list(ancestors(taxonomy, "organ"))

    def information(node: str) -> float:
        values = {i for i, nodes in enumerate(above) if node in nodes}
        count = len(values) + sum(bool(sample & values) for sample in samples)
        return 1 - log(count) / log(len(above) + len(samples))

    labels = found.labels["organ"]
    for a, b in (("Liver", "Spleen"), ("Thyroid gland", "Ocular"), ("Knee", "Foot")):
        i, j = labels.index(a), labels.index(b)
        common = max(information(node) for node in above[i] & above[j])
        own = sum(max(information(node) for node in above[k]) for k in (i, j))
        assert at(found, "organ", a, b) == pytest.approx(2 * common / own, abs=1e-6)


def test_methods_differ_with_a_corpus(taxonomy: Taxonomy, label_sets: MakeSets) -> None:
    rows = corpus(label_sets)
    r, l_ = (graph_similarity(taxonomy, n, m, samples=rows) for n, m in (("resnik", resnik), ("lin", lin)))
    assert not np.allclose(r["organ"], l_["organ"]), "without a corpus, all organs have the same information"


def write(path: Path, *records: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def finding(curie: str, certainty: str = "present") -> dict[str, object]:
    return {"concept": {"concept": curie, "label": "x", "codes": []}, "certainty": certainty}


def test_findings_of_reports_are_counted(taxonomy: Taxonomy, tmp_path: Path) -> None:
    """Hepatic cysts become frequent, and so carry less information; denied ones are not counted."""
    reports = write(
        tmp_path / "r.jsonl",
        *({"labels": {}, "findings": [finding("finding:hepatic-cyst"), {"concept": None}]} for _ in range(40)),
        {"labels": {}, "findings": [finding("finding:fibroid", "absent")]},
    )
    found = METHODS.load("resnik").build(taxonomy, {"corpus": reports, "findings": True})
    assert found.provenance.parameters["samples"][FINDING] == 40
    plain = graph_similarity(taxonomy, "resnik", resnik, [FINDING])
    assert at(found, FINDING, "hepatic cyst", "Baker cyst") < at(plain, FINDING, "hepatic cyst", "Baker cyst")
    with pytest.raises(DataError, match="matrix 'colour'"):
        found["colour"]
    found.restricted(taxonomy.vocabulary)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"labels": {}}, "no record of the corpus has findings; leave out --findings"),
        ({"labels": {}, "findings": [finding("finding:typo")]}, "finding 'finding:typo', which the taxonomy does not"),
        ({"labels": {}, "findings": "cyst"}, "'findings' is no list of objects"),
        ({"labels": {}, "findings": [finding(3)]}, "the 'concept' of a finding is no text"),  # type: ignore[arg-type]
    ],
)
def test_faulty_findings(taxonomy: Taxonomy, tmp_path: Path, record: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        METHODS.load("lin").build(taxonomy, {"corpus": write(tmp_path / "r.jsonl", record), "findings": True})


def test_an_empty_corpus_is_refused(taxonomy: Taxonomy, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the corpus holds no record"):
        METHODS.load("lin").build(taxonomy, {"corpus": write(tmp_path / "r.jsonl")})


def test_a_database_counts_as_its_reports_do(taxonomy: Taxonomy, tmp_path: Path) -> None:
    """The findings of readings, and not those that are denied, possible, or of another person."""
    texts = ["Uterine fibroid. No ascites.", "Possible hepatocellular carcinoma. Gallstones.", "Sister with a goitre."]
    rows: list[dict[str, object]] = [{"case": str(n), "caption": text} for n, text in enumerate(texts)]
    path = write(tmp_path / "texts.jsonl", *rows)
    request = Request("texts", open_data_set(path), default_mapping(taxonomy), normalize=True)
    with Database.open(tmp_path / "r.db", create=True) as database:
        run_import(database, request, taxonomy, lambda fault: None, lambda *_: None)
    normalizer = Normalizer()
    reports = write(tmp_path / "reports.jsonl", *(normalizer.normalize(text).to_dict() for text in texts))
    lin = METHODS.load("lin")
    ours = lin.build(taxonomy, {"db": str(tmp_path / "r.db"), "findings": True})
    theirs = lin.build(taxonomy, {"corpus": reports, "findings": True})
    assert ours.provenance == theirs.provenance
    assert all((ours[key] == theirs[key]).all() for key in ours.labels)
    assert (ours["finding"] != lin.build(taxonomy, {"findings": True})["finding"]).any()


def test_a_corpus_has_no_labels_without_a_task(taxonomy: Taxonomy, label_sets: MakeSets) -> None:
    with pytest.raises(DataError, match="severity: a corpus has labels of the classification tasks alone"):
        graph_similarity(taxonomy, "lin", lin, ["severity"], corpus(label_sets, 3))


def test_labels_that_never_occur_are_noted(taxonomy: Taxonomy, vocabulary: Vocabulary) -> None:
    row = LabelledRow(LabelSet.of({"margins": ["well-defined"]}, vocabulary), None)
    found = graph_similarity(taxonomy, "lin", lin, samples=[row])
    notes = list(METHODS.load("lin").notes(found))
    assert "margins: 1 of 2 labels never occur, and have the most information" in notes


def test_an_extension_brings_values_and_groups(extended: Load) -> None:
    taxonomy = extended("""
    ex:starry a ns:EchogenicityValue , skos:Concept ; skos:prefLabel "starry"@en ; ns:order 6 ; ns:prompt "starry" ;
        skos:broader udaf:echogenicity ; skos:inScheme <https://w3id.org/udt/udaf> .
    udaf:group.echogenicity.with-bright-parts skos:member ex:starry .
    """)
    found = METHODS.load("lin").show(taxonomy, "echogenicity")  # type: ignore[misc]
    assert at(found, "echogenicity", "starry", "hyperechoic") > at(found, "echogenicity", "starry", "anechoic") == 0
