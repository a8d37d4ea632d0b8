from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.full_report import first_document, full_report
from tests.ten_tasks import KEY, write_extension
from udt import Normalizer
from udt.core.errors import UnknownConceptError
from udt.core.labels import LabelSet
from udt.core.report import Finding, Measurement, NamedConcept, Report
from udt.core.report_reading import report_from_dict
from udt.core.vocabulary import Vocabulary
from udt.graphkit.corpus import CorpusGraph
from udt.graphkit.draw.associations import corpus_diagram
from udt.graphkit.draw.diagram import Diagram, Drawing, ItemGroup
from udt.graphkit.draw.findings import TAKEN_UP, find, finding_diagram, findings_with_labels, report_diagram
from udt.graphkit.draw.formats import FORMATS, encode
from udt.graphkit.draw.layout import lay_out
from udt.graphkit.draw.theme import style
from udt.graphkit.draw.tree import to_text
from udt.graphkit.draw.turtle import narrowed, to_turtle
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph
from udt.taxonomy.model.taxonomy import Taxonomy

Draw = Callable[[int], list[LabelSet]]


@pytest.fixture
def whole(report: Report, space: NodeSpace) -> Diagram:
    return report_diagram(report, space.vocabulary)


@pytest.fixture
def corpus(draw: Draw, space: NodeSpace) -> Diagram:
    graph = CorpusGraph.of(draw(60), space)
    return corpus_diagram(graph, graph.top(25, "lift"), "lift", "60 samples")


def encoded(diagram: Diagram, format: str, text: str = "") -> bytes:
    if format in {"png", "svg"}:
        pytest.importorskip("matplotlib")
    return encode(Drawing([diagram], text), format)


def cyst_of(report: Report) -> Finding:
    return next(f for f in report.findings if f.organ == "Kidney and ureter" and f.labels["diagnosis"])


def test_findings_are_below_their_organs_and_systems(whole: Diagram, report: Report, space: NodeSpace) -> None:
    links = {(link.source, link.target) for link in whole.links}
    assert ("body_system:Abdomen and retroperitoneum", "organ:Liver") in links
    assert ("organ:Kidney and ureter", cyst_of(report).id) in links
    ids = [item.id for item in whole.items]
    assert len(ids) == len(set(ids)) and {end for link in links for end in link} <= set(ids)
    drawn = {item.id for item in whole.items if item.kind == "finding"}
    assert drawn == {finding.id for finding in findings_with_labels(report, space.vocabulary)}


def test_a_finding_has_the_edges_of_its_sample_graph(report: Report, space: NodeSpace) -> None:
    for finding in report.findings:
        diagram, graph = finding_diagram(finding, space.vocabulary), SampleGraph.of_report(finding, space)
        items = {item.id: item for item in diagram.items}
        has = [link for link in diagram.links if link.relation == "has" and link.certainty != "absent"]
        drawn = {(items[k.source].iri, items[k.target].iri) for k in has if items[k.source].kind == "diagnosis"}
        assert drawn == {(space.nodes[d].iri, space.nodes[a].iri) for d, a in graph.pairs()}


def test_certainty_of_labels(whole: Diagram, report: Report) -> None:
    certainties = {(item.id.partition(":")[0], item.label): item.certainty for item in whole.items}
    assert certainties[cyst_of(report).id, "septations"] == "absent"
    assert certainties[cyst_of(report).id, "anechoic"] == "present"
    assert "possible" in {certainty for (_, label), certainty in certainties.items() if label == "mass"}
    assert "absent" in {certainty for (_, label), certainty in certainties.items() if label == "cyst"}
    quotes = [e.text for item in whole.items if item.label == "enhancement" for e in item.evidence]
    assert quotes and all("enhancement" in quote for quote in quotes)


@pytest.mark.parametrize("across", [True, False], ids=["across", "down"])
def test_nothing_overlaps_or_leaves_the_sheet(whole: Diagram, corpus: Diagram, across: bool) -> None:
    for diagram in (replace(whole, across=across), corpus):
        layout = lay_out(diagram)
        boxes = [*layout.boxes, *layout.legend]
        assert len(layout.boxes) == len(diagram.items) and len(layout.curves) == len(diagram.links)
        for number, one in enumerate(boxes):
            assert one.x >= 0 and one.y >= 0
            assert one.x + one.width <= layout.width and one.y + one.height <= layout.height
            for other in boxes[number + 1 :]:
                beside = one.x + one.width <= other.x or other.x + other.width <= one.x
                above = one.y + one.height <= other.y or other.y + other.height <= one.y
                assert beside or above, (one.item.id, other.item.id)


@pytest.mark.parametrize("format", FORMATS.names())
def test_the_same_file_every_time(whole: Diagram, format: str) -> None:
    assert encoded(whole, format) == encoded(whole, format)


@pytest.mark.parametrize("format", FORMATS.names())
def test_a_report_without_findings_is_drawn(space: NodeSpace, report: Report, format: str) -> None:
    nothing: dict[str, tuple[str, ...]] = dict.fromkeys(report.labels, ())
    empty = replace(report, findings=(), labels=nothing, possible=nothing, absent=nothing)
    assert encoded(report_diagram(empty, space.vocabulary), format)


@pytest.mark.parametrize("format", FORMATS.names())
def test_a_corpus_in_every_format(corpus: Diagram, format: str) -> None:
    assert encoded(corpus, format)


def test_pictures(whole: Diagram) -> None:
    assert encoded(whole, "png").startswith(b"\x89PNG\r\n")
    svg = ET.fromstring(encoded(whole, "svg"))
    texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"anechoic", "✕ septations", "? mass", "internal characteristics · denied"} <= set(texts)
    assert "stroke-dasharray" in encoded(whole, "svg").decode()


class Page(HTMLParser):
    """Collects what an HTML page holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        self.open.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)


def test_the_page_is_self_contained_and_holds_the_evidence(whole: Diagram, report: Report) -> None:
    html = encoded(whole, "html", report.text).decode()
    page = Page(html)
    assert not [value for name, value in page.attributes if name in {"src", "srcset", "action"}]
    assert all((value or "").startswith("#") for name, value in page.attributes if name in {"href", "xlink:href"})
    assert "default-src 'none'" in html and "@import" not in html and "url(" not in html
    data = json.loads(page.scripts[0])
    assert data["text"] == report.text
    for item in whole.items:
        evidence = data["facts"]["report"][item.id]["evidence"]
        assert [(e["text"], e["cue"]) for e in evidence] == [(e.text, e.cue) for e in item.evidence]
        assert all(report.text[e["start"] : e["end"]] == e["text"] for e in evidence)
    assert {item.id for item in whole.items} == {value for name, value in page.attributes if name == "data-id"}


def test_the_page_escapes_markup(report: Report, space: NodeSpace) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \ud800 \x1b[31m"
    diagram = report_diagram(replace(report, id=evil), space.vocabulary)
    html = encoded(diagram, "html", evil).decode()
    page = Page(html)
    assert len(re.findall("<script", html)) == 2 and "img" not in page.open and "\x1b" not in html
    assert json.loads(page.scripts[0])["text"] == evil
    for format in ("dot", "json", "graphml"):
        assert encoded(diagram, format)


def test_graphml_and_json_hold_the_same_graph(whole: Diagram, corpus: Diagram) -> None:
    nx = pytest.importorskip("networkx")
    for diagram in (whole, corpus):
        one = nx.read_graphml(io.BytesIO(encoded(diagram, "graphml")))
        data = json.loads(encoded(diagram, "json"))
        other = nx.node_link_graph(data, edges="edges")
        assert set(one) == set(other) == {item.id for item in diagram.items}
        assert set(one.edges) == set(other.edges) == {(link.source, link.target) for link in diagram.links}
        assert dict(one.nodes(data="certainty")) == {item.id: item.certainty for item in diagram.items}
    assert {tuple(sorted(measures)) for *_, measures in one.edges(data=True)} == {
        ("certainty", "count", "lift", "ppmi", "relation", "share", "weight")
    }


def test_dot(whole: Diagram) -> None:
    dot = encoded(whole, "dot").decode()
    assert dot.count(" -> ") == len(whole.links)
    assert dot.startswith('digraph "report" {') and dot.count("{") == dot.count("}") == 1
    assert 'label="✕ septations" style="rounded,filled,dotted"' in dot


def test_turtle_of_one_finding(report: Report) -> None:
    import pyoxigraph as ox

    cyst = cyst_of(report)
    alone = {
        str(t) for t in ox.parse(to_turtle(report, finding=cyst), format=ox.RdfFormat.TURTLE) if "_:" not in str(t)
    }
    every = {str(t) for t in ox.parse(to_turtle(report), format=ox.RdfFormat.TURTLE)}
    assert alone < every
    assert any("diagnosis.cyst" in t for t in alone) and not any("diagnosis.mass" in t for t in alone)


def test_tree(whole: Diagram) -> None:
    tree = to_text(whole, 100, color=False)
    assert re.search(r"Kidney and ureter\n.*renal cyst  kidney, left  27 × 24 mm\n.*cyst\n", tree)
    assert "internal characteristics: ✕ septations" in tree and "? mass  “haemangioma”" in tree


def test_no_such_finding(report: Report) -> None:
    with pytest.raises(UnknownConceptError, match="the report 'both' has no finding 'f99'; it has: f1, f2"):
        find(report, "f99")


def test_missing_glyphs_are_warned_of_once(whole: Diagram) -> None:
    strange = replace(whole, title="report \U00012000\U00012001")
    with pytest.warns(UserWarning, match="some are boxes; install one that does") as caught:
        assert encoded(strange, "png")
    assert [one.category for one in caught].count(UserWarning) == 1
    assert "\U00012000" in encoded(strange, "svg").decode()


def test_a_tenth_task_and_an_attribute_are_drawn(tmp_path: Path) -> None:
    """Beside each other below the diagnosis; a vocabulary without them is refused."""
    path = write_extension(tmp_path)
    taxonomy = Taxonomy.load(path)
    report = Normalizer([path]).normalize("Breast: hypoechoic mass, vertically oriented.")
    (finding,) = findings_with_labels(report, taxonomy.full_vocabulary)
    tenth, vocabulary = taxonomy.vocabulary[KEY], taxonomy.full_vocabulary
    # A dimension without a task is one more attribute of the finding.
    untasked = replace(tenth, key="lean", task=None, labels=("left", "right"), iris=tenth.iris[:2])
    vocabulary = replace(vocabulary, dimensions=(*vocabulary.dimensions, untasked))
    leaning = replace(finding, attributes={"lean": ("right",)})
    diagram = finding_diagram(leaning, vocabulary)
    attributes = {item.dimension: item.label for item in diagram.items if item.kind == "attribute"}
    assert attributes == {"echogenicity": "hypoechoic", KEY: "not parallel", "lean": "right"}
    (mass,) = (item for item in diagram.items if item.kind == "diagnosis")
    linked = {link.target for link in diagram.links if link.source == mass.id}
    assert linked == {item.id for item in diagram.items if item.kind == "attribute"}
    with pytest.raises(UnknownConceptError, match=r"no dimension 'lean', which has labels; .*--taxonomy EXTRA\.ttl"):
        finding_diagram(leaning, taxonomy.vocabulary)


def test_the_triples_of_one_finding_have_its_attributes(report: Report) -> None:
    denied = next(one for one in report.findings if one.certainty == "absent")
    for finding, expected in (cyst_of(report), {"lean": ("right",)}), (denied, {}):
        alone = narrowed(report, replace(finding, attributes={"lean": ("right",)}))
        assert alone.attributes == expected and alone.findings[0].attributes == {"lean": ("right",)}


@pytest.fixture
def named(vocabulary: Vocabulary) -> Report:
    """A report with all parts of a finding, of organs that the taxonomy has."""
    made = full_report(vocabulary.keys)
    labels = {**made.labels, "organ": tuple(one for one in made.labels["organ"] if one != "Aorta")}
    return replace(made, labels=labels, findings=tuple(one for one in made.findings if one.organ != "Aorta"))


@pytest.fixture
def drawn(named: Report, taxonomy: Taxonomy) -> Diagram:
    return report_diagram(named, taxonomy.full_vocabulary)


def test_boxes_are_named_by_the_lesion(drawn: Diagram) -> None:
    items = {item.id: item for item in drawn.items if item.kind == "finding"}
    assert {id: item.label for id, item in items.items()} == {
        "f1": "uterine fibroid",
        "f2": "cholelithiasis",
        "f3": "ovarian enlargement",
        "f4": "right kidney",
        "f5": "cyst",
    }
    assert items["f2"].certainty == "absent"
    notes = ("fundus of uterus, left", "count: 2", "32 × 28 mm", "before: 25 mm (March 2023)", "change: increased")
    assert items["f1"].notes == notes
    assert items["f4"].notes == ("100 × 40 × 50 mm",) and items["f5"].notes == ("left, 3 o'clock", "3–8 mm")
    assert items["f1"].codes == ("MONDO:0007886", "SCTID:95315005")
    assert items["f1"].caption == "lesion · f1" and items["f4"].caption == "organ · f4"


def test_a_finding_without_a_concept_is_named_by_its_labels(named: Report, vocabulary: Vocabulary) -> None:
    labels = {**dict.fromkeys(vocabulary.keys, ()), "echogenicity": ("mixed echogenicity",)}
    bare = replace(named.findings[0], concept=None, labels=labels, attributes={})
    assert next(i for i in finding_diagram(bare, vocabulary).items if i.kind == "finding").label == "mixed echogenicity"


def test_places_and_distances_are_not_repeated(named: Report, vocabulary: Vocabulary) -> None:
    cyst = next(one for one in named.findings if one.id == "f5")
    sites = tuple(NamedConcept(f"uhat:{n}", label) for n, label in enumerate(("cyst", "left kidney", "kidney")))
    distance = Measurement((5.0,), "cm", (50.0,), 0, 4, quantity="distance")
    location = {"distance": "50 mm"}
    repeated = replace(cyst, sites=sites, location=location, measurements=(distance, *cyst.measurements))
    (item,) = (one for one in finding_diagram(repeated, vocabulary).items if one.kind == "finding")
    assert item.notes == ("left kidney, distance 50 mm", "3–8 mm")


def test_interpretations_and_later_mentions_are_linked(drawn: Diagram) -> None:
    links = {(link.source, link.target): link for link in drawn.links}
    again = links["f1", "f7"]
    assert (again.relation, again.note) == (TAKEN_UP, TAKEN_UP)
    assert [link.source for link in drawn.links if link.target == "f7"] == ["f1"]
    mention = next(item for item in drawn.items if item.id == "f7")
    assert (mention.kind, mention.section, mention.caption) == ("mention", "impression", "lesion · f7 · impression")
    offered = next(item for item in drawn.items if item.kind == "interpretation")
    assert (offered.label, offered.certainty) == ("adenomyoma", "possible")
    assert links["f1", offered.id].certainty == "possible"
    assert [(e.text, e.cue) for e in offered.evidence] == [("adenomyoma", "Possibly")]


def test_body_and_impression_are_told_apart(drawn: Diagram) -> None:
    fills = {box.item.id: style(box.item).fill for box in lay_out(drawn).boxes}
    assert fills["f1"] != fills["f7"]
    assert "legend:impression" in {box.item.id for box in lay_out(drawn).legend}


def test_sizes_are_evidence(drawn: Diagram, named: Report, taxonomy: Taxonomy) -> None:
    for diagram in drawn, finding_diagram(named.findings[0], taxonomy.full_vocabulary, named.text):
        (fibroid,) = (item for item in diagram.items if item.id == "f1")
        assert {"32 x 28 mm", "25 mm", "fibriods", "uterine fundus", "left"} <= {e.text for e in fibroid.evidence}
    private = report_diagram(named.without_text(), taxonomy.full_vocabulary)
    assert not [e for item in private.items for e in item.evidence if e.text or e.cue]


def quiet(diagram: Diagram) -> set[str]:
    """Return the items of all groups that a page folds."""

    def walk(groups: tuple[ItemGroup, ...], above: bool) -> set[str]:
        found: set[str] = set()
        for group in groups:
            folded = above or group.quiet
            found |= {item.id for item in group.items} if folded else set()
            found |= walk(group.below, folded)
        return found

    return walk(diagram.groups, False)


def test_long_reports_fold(named: Report, vocabulary: Vocabulary, taxonomy: Taxonomy) -> None:
    assert not quiet(report_diagram(named, taxonomy.full_vocabulary))
    fibroid, _, _, kidney, *_ = named.findings
    normal = {**dict.fromkeys(vocabulary.keys, ()), "diagnosis": ("normal appearance",)}
    state = replace(fibroid, id="s1", kind="state", concept=None, labels=normal, interpretations=(), attributes={})
    many = [replace(fibroid, id=f"l{number}") for number in range(6)]
    long = replace(named, findings=(*named.findings, state, *many))
    folded = quiet(report_diagram(long, taxonomy.full_vocabulary))
    assert {kidney.id, "s1"} <= folded
    assert not {"f1", "f2", "f3", "f5", "f7", "l0", "l0:margins:well-defined"} & folded


def test_the_page_can_fold_search_and_mark(drawn: Diagram, named: Report) -> None:
    html = encoded(drawn, "html", named.text).decode()
    page = Page(html)
    data = json.loads(page.scripts[0])

    def ids(groups: list[dict[str, Any]]) -> list[str]:
        return [id for group in groups for id in (*group["items"], *ids(group["below"]))]

    assert sorted(ids(data["trees"]["report"])) == sorted(item.id for item in drawn.items)
    assert ("type", "search") in page.attributes and ("data-note", TAKEN_UP) in page.attributes
    facts = data["facts"]["report"]
    assert facts["f1"]["finding"] and facts["f1"]["codes"][0] == "MONDO:0007886" and facts["organ:Uterus"]["place"]


def test_a_corpus_does_not_fold(corpus: Diagram) -> None:
    assert json.loads(Page(encoded(corpus, "html").decode()).scripts[0])["trees"] == {}


@pytest.mark.parametrize("format", FORMATS.names())
def test_all_parts_of_findings_in_every_format(drawn: Diagram, format: str) -> None:
    content = encoded(drawn, format)
    assert format == "png" or (b"uterine fibroid" in content and b"adenomyoma" in content)


def test_the_tree_has_mentions_and_interpretations(drawn: Diagram) -> None:
    tree = to_text(drawn, 120, color=False)
    assert "f1 uterine fibroid  fundus of uterus, left  count: 2  32 × 28 mm  before: 25 mm (March 2023)" in tree
    assert "again: f7 uterine fibroid  (impression)" in tree and "interpretation: ? adenomyoma" in tree
    assert "f2 ✕ cholelithiasis" in tree


def test_documents_of_version_1_are_drawn(vocabulary: Vocabulary, taxonomy: Taxonomy) -> None:
    old = report_from_dict(first_document(vocabulary.keys))
    diagram = report_diagram(old, taxonomy.full_vocabulary)
    (cyst,) = (item for item in diagram.items if item.kind == "finding")
    assert (cyst.label, cyst.notes) == ("cyst", ("23 mm",))
    assert all(encoded(diagram, format) for format in FORMATS.names())


def test_a_finding_of_unknown_certainty(named: Report, taxonomy: Taxonomy) -> None:
    findings = tuple(replace(finding, certainty="unknown") for finding in named.findings)
    diagram = report_diagram(replace(named, findings=findings), taxonomy.full_vocabulary)
    assert "~ uterine fibroid" in to_text(diagram, 100, color=False)
    assert "legend:unknown" in {box.item.id for box in lay_out(diagram).legend}
    assert all(encoded(diagram, format) for format in FORMATS.names())


def test_labels_of_an_earlier_finding_are_not_denied(named: Report, vocabulary: Vocabulary) -> None:
    """They are in its evidence alone."""
    nothing = dict.fromkeys(vocabulary.keys, ())
    earlier = replace(named.findings[0], time="previous", labels=nothing, attributes={}, interpretations=())
    items = {item.label: item.certainty for item in finding_diagram(earlier, vocabulary).items}
    assert items["mass"] == items["well-defined"] == "present"
