"""A small ward whose records, readings and makers are written down by hand, so that every answer is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from udt.core.report import Evidence, Finding, Measurement, NamedConcept, Report, Section
from udt.records.database.concepts import ConceptIds, named_concept, sync_concepts
from udt.records.database.database import Database
from udt.records.database.models import (
    Caption,
    Case,
    Certainty,
    Image,
    Maker,
    Provenance,
    Sample,
    SampleLabel,
    Source,
    Split,
    UnmappedLabel,
)
from udt.records.importing.labelling import store_reports
from udt.records.readings.rows import ReadReport
from udt.records.readings.writer import ReadingWriter
from udt.taxonomy.model.taxonomy import Taxonomy

RULE, PERSON, MODEL = 1, 2, 3

GALLBLADDER, KIDNEY, LIVER, BREAST = "Gallbladder and bile ducts", "Kidney and ureter", "Liver", "Breast"
VEINS, PERITONEUM = "Peripheral veins", "Peritoneum and mesentery"
SIMPLE = {"echogenicity": "anechoic", "margins": "well-defined", "posterior_acoustics": "enhancement"}


@dataclass(frozen=True)
class Said:
    """A finding: the words that name it, what it is, and further fields of `Finding`.

    :ivar sites: names of components.
    :ivar labels: dimension key to a label.
    :ivar sizes: role to a size in mm, with the words that state it.
    """

    words: str
    concept: str
    organ: str | None = None
    sites: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A sample with a text that the normaliser has read."""

    case: str
    text: str
    said: tuple[Said, ...]
    split: Split | None = None
    image: str | None = None
    frame: tuple[int, float] | None = None
    impression: str | None = None


def _said(words: str, concept: str, organ: str | None = None, *sites: str, **rest: Any) -> Said:
    labels, sizes = rest.pop("labels", {}), rest.pop("sizes", {})
    return Said(words, concept, organ, sites, labels, sizes, rest)


READ = (
    Read(
        "p1",
        "Gallstones with posterior shadowing. Thickened gallbladder wall. No ascites.",
        (
            _said("Gallstones", "cholelithiasis", GALLBLADDER, labels={"posterior_acoustics": "shadowing"}),
            _said("Thickened gallbladder wall", "gallbladder wall thickening", GALLBLADDER),
            _said("ascites", "ascites", certainty="absent"),
        ),
        Split.TRAIN,
        "sweep.mp4",
        (12, 0.48),
    ),
    Read(
        "p2",
        "Gallstones. No pleural effusion. Sister with breast cancer.",
        (
            _said("Gallstones", "cholelithiasis", GALLBLADDER),
            _said("pleural effusion", "pleural effusion", certainty="absent"),
            _said("breast cancer", "breast cancer", BREAST, experiencer="other"),
        ),
        Split.TEST,
        "p2.png",
    ),
    Read(
        "p3",
        "Thrombosis of the left femoral vein and of the right popliteal vein.",
        (
            _said("Thrombosis", "deep vein thrombosis", VEINS, "femoral vein", laterality="left"),
            _said("popliteal vein", "deep vein thrombosis", VEINS, "popliteal vein", laterality="right"),
        ),
        Split.VALID,
    ),
    Read(
        "p4",
        "Liver cyst 25 mm, previously 12 mm. Possible hepatocellular carcinoma 31 mm. "
        "IMPRESSION: The cyst has grown. Portal vein thrombosis.",
        (
            _said(
                "Liver cyst",
                "hepatic cyst",
                LIVER,
                change="increased",
                sizes={"current": ("25 mm", 25.0), "previous": ("12 mm", 12.0)},
                labels={"diagnosis": "cyst"},
            ),
            _said(
                "hepatocellular carcinoma",
                "hepatocellular carcinoma",
                LIVER,
                certainty="possible",
                sizes={"current": ("31 mm", 31.0)},
                labels={"diagnosis": "mass"},
            ),
            _said("The cyst", "hepatic cyst", LIVER, same_as="f1", section="impression", labels={"diagnosis": "cyst"}),
            _said("Portal vein thrombosis", "portal vein thrombosis", LIVER, "portal vein", section="impression"),
        ),
        Split.TRAIN,
        impression="IMPRESSION",
    ),
    Read(
        "p1",
        "Cyst of 22 mm at the lower pole of the left kidney.",
        (
            _said(
                "Cyst",
                "cyst",
                KIDNEY,
                "lower renal pole",
                laterality="left",
                sizes={"current": ("22 mm", 22.0)},
                labels={"diagnosis": "cyst", **SIMPLE},
            ),
        ),
        Split.TEST,
    ),
    Read(
        "p5",
        "Renal cyst with a septation, 9 mm.",
        (
            _said(
                "Renal cyst",
                "cyst",
                KIDNEY,
                sizes={"current": ("9 mm", 9.0)},
                labels={"diagnosis": "cyst", "internal_characteristics": "septations", **SIMPLE},
            ),
        ),
        Split.TRAIN,
    ),
    Read(
        "p9",
        "A mass of 41 mm on the left.",
        (
            _said(
                "mass",
                "mass",
                laterality="left",
                sizes={"current": ("41 mm", 41.0)},
                labels={"diagnosis": "mass"},
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Labelled:
    """A sample that makers have labelled without a reading: maker to (dimension key, label) pairs."""

    case: str
    image: str
    labels: Mapping[int, tuple[tuple[str, str], ...]]
    unmapped: tuple[tuple[str, str], ...] = ()


_BREAST = (("body_system", "Breast and Axilla"), ("organ", BREAST))
LABELLED = (
    Labelled("p6", "6.png", {PERSON: (*_BREAST, ("diagnosis", "mass")), MODEL: (*_BREAST, ("diagnosis", "nodule"))}),
    Labelled("p6", "7.png", {PERSON: (*_BREAST, ("diagnosis", "mass")), MODEL: (*_BREAST, ("diagnosis", "mass"))}),
    Labelled(
        "p7",
        "8.png",
        {PERSON: (*_BREAST, ("diagnosis", "mass"), ("margins", "well-defined"), ("margins", "ill-defined/indistinct"))},
        (("vendor", "Acme"),),
    ),
    Labelled("p8", "9.png", {PERSON: (("body_system", "Thorax"), ("organ", LIVER), ("diagnosis", "cyst"))}),
)
"""The last one has an organ of another body system."""


def record(number: int) -> str:
    """IRI of a record by its place among `READ` and then `LABELLED`, from 1."""
    return f"record/ward/{number}"


def report(read: Read, number: int, taxonomy: Taxonomy) -> Report:
    """Return the report of a text."""
    findings = tuple(_finding(said, n, read.text, taxonomy) for n, said in enumerate(read.said, 1))
    keys = [d.key for d in taxonomy.tasks]
    affirmed = [one for one in findings if one.certainty != "absent" and one.experiencer == "patient"]
    labels = {key: tuple(dict.fromkeys(x for one in affirmed for x in one.labels[key])) for key in keys}
    start = read.text.index(read.impression) if read.impression else 0
    return Report(
        id=str(number),
        text=read.text,
        language="en",
        text_sha256=sha256(read.text.encode()).hexdigest(),
        labels={key: tuple(sorted(found, key=taxonomy.vocabulary[key].id)) for key, found in labels.items()},
        possible=dict.fromkeys(keys, ()),
        absent=dict.fromkeys(keys, ()),
        sections=(Section("impression", start, len(read.text)),) if read.impression else (),
        findings=findings,
        taxonomy_version="1.2",
        tool_version="3.4",
        taxonomy_digest="d" * 64,
    )


def _finding(said: Said, number: int, text: str, taxonomy: Taxonomy) -> Finding:
    start = text.index(said.words)
    concept = _named(said.concept, taxonomy)
    labels: dict[str, tuple[str, ...]] = dict.fromkeys((d.key for d in taxonomy.tasks), ())
    if said.organ is not None:
        system = taxonomy[taxonomy[said.organ].broader[0]]
        labels |= {"body_system": (system.label,), "organ": (said.organ,)}
    labels |= {key: (label,) for key, label in said.labels.items()}
    evidence = Evidence(
        "concept", said.concept, concept.concept, start, start + len(said.words), said.words,
        said.fields.get("certainty", "present"),
    )  # fmt: skip
    finding = Finding(
        id=f"f{number}",
        certainty="present",
        section=None,
        organ=said.organ,
        laterality=None,
        labels=labels,
        measurements=tuple(_size(role, words, value, text) for role, (words, value) in said.sizes.items()),
        evidence=(evidence,),
        start=start,
        end=start + len(said.words),
        kind="lesion",
        concept=concept,
        sites=tuple(_named(site, taxonomy) for site in said.sites),
    )
    return replace(finding, **said.fields)


def _size(role: str, words: str, value: float, text: str) -> Measurement:
    start = text.index(words)
    return Measurement((value,), "mm", (value,), start, start + len(words), role=role)  # type: ignore[arg-type]


def _named(name: str, taxonomy: Taxonomy) -> NamedConcept:
    return named_concept(taxonomy[name])


def build(place: Path, taxonomy: Taxonomy) -> None:
    """Write the ward to a new database."""
    with Database.open(place, create=True) as database, database.writing() as connection:
        _fill(connection, taxonomy)


def _fill(connection: Connection, taxonomy: Taxonomy) -> None:
    ids = sync_concepts(connection, taxonomy.full_vocabulary)
    keys = list(dict.fromkeys(one.case for one in (*READ, *LABELLED)))
    connection.execute(insert(Source), [{"id": 1, "name": "ward", "licence": "CC0"}])
    connection.execute(insert(Case), [{"id": n, "source_id": 1, "key": key} for n, key in enumerate(keys, 1)])
    connection.execute(
        insert(Provenance),
        [
            {"id": RULE, "maker": Maker.RULE, "detail": "reader", "version": "3.4", "taxonomy": "1.2",
             "taxonomy_sha256": "d" * 64},
            {"id": PERSON, "maker": Maker.HUMAN, "detail": "Dr Ward", "version": None, "taxonomy": None,
             "taxonomy_sha256": None},
            {"id": MODEL, "maker": Maker.MODEL, "detail": "net", "version": "0.1", "taxonomy": None,
             "taxonomy_sha256": None},
        ],
    )  # fmt: skip
    for number, one in enumerate((*READ, *LABELLED), 1):
        _add_sample(connection, number, one, keys)
    reports = [ReadReport(n, report(one, n, taxonomy)) for n, one in enumerate(READ, 1)]
    writer = ReadingWriter.of(RULE, taxonomy, ids)
    store_reports(connection, writer, reports)
    writer.finish(connection)
    _label(connection, enumerate(LABELLED, len(READ) + 1), taxonomy, ids)


def _add_sample(connection: Connection, number: int, one: Read | Labelled, keys: list[str]) -> None:
    row: dict[str, Any] = {"id": number, "case_id": keys.index(one.case) + 1, "digest": f"{number:064d}"}
    if isinstance(one, Read):
        digest = sha256(one.text.encode()).hexdigest()
        connection.execute(insert(Caption), [{"id": number, "text": one.text, "sha256": digest}])
        row |= {"caption_id": number, "split": one.split}
    if one.image is not None:
        frame = one.frame if isinstance(one, Read) and one.frame else (0, None)
        image = {"id": number, "case_id": row["case_id"], "path": one.image, "frame_index": frame[0]}
        connection.execute(insert(Image), [{**image, "frame_time": frame[1]}])
        row["image_id"] = number
    connection.execute(insert(Sample), [row])


def _label(
    connection: Connection, samples: Iterable[tuple[int, Labelled]], taxonomy: Taxonomy, ids: ConceptIds
) -> None:
    vocabulary = taxonomy.full_vocabulary
    concepts = dict(zip(vocabulary.keys, ids, strict=True))
    for number, one in samples:
        for maker, labels in one.labels.items():
            for key, label in labels:
                row = {"sample_id": number, "concept_id": concepts[key][vocabulary[key].id(label)]}
                row |= {"provenance_id": maker, "certainty": Certainty.PRESENT}
                connection.execute(insert(SampleLabel), [row])
        for dimension, label in one.unmapped:
            row = {"sample_id": number, "dimension": dimension, "label": label, "provenance_id": PERSON}
            connection.execute(insert(UnmappedLabel), [row])
    assert connection.scalar(select(Provenance.detail).where(Provenance.id == PERSON)) == "Dr Ward"
