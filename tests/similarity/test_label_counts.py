from __future__ import annotations

from pathlib import Path

import pytest

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.label_counts import labels_of_database, labels_of_lines


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"labels": {"organ": ["Lever"]}}', "records.jsonl:1: organ has no label 'Lever'"),
        ('{"labels": {"color": []}}', "records.jsonl:1: no dimension is called 'color'"),
        (
            '{"labels": {"organ": "Liver"}}',
            "records.jsonl:1: has no object 'labels' with a list of texts for each dimension",
        ),
        ('{"text": "x"}', "records.jsonl:1: has no object 'labels'"),
        ("{", "records.jsonl:1: not valid JSON"),
    ],
)
def test_error_names_line_of_faulty_record(vocabulary: Vocabulary, tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "records.jsonl").write_text(line + "\n", "utf-8")
    with pytest.raises(DataError) as caught:
        list(labels_of_lines(tmp_path / "records.jsonl", vocabulary))
    assert message in str(caught.value)


def test_database_yields_effective_labels(vocabulary: Vocabulary, tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    from udt.records.database import models
    from udt.records.database.concepts import sync_concepts
    from udt.records.database.database import Database

    place = str(tmp_path / "records.db")
    with Database.open(place, create=True) as database:
        with database.writing() as connection:
            sync_concepts(connection, vocabulary)
        with database.session() as session:
            concepts = {c.label: c for c in session.query(models.ConceptRow)}
            case = models.Case(source=models.Source(name="s"), key="c")
            by = models.Provenance(maker=models.Maker.HUMAN, detail="me")
            for number, review in enumerate((models.ReviewState.UNREVIEWED, models.ReviewState.REJECTED)):
                image = models.Image(case=case, path=f"{number}.png")
                sample = models.Sample(case=case, image=image, digest=f"{number:064}", review=review)
                for label, certainty in ("Liver", models.Certainty.PRESENT), ("round", models.Certainty.ABSENT):
                    concept = concepts[label]
                    sample.labels.append(models.SampleLabel(concept=concept, provenance=by, certainty=certainty))
                session.add(sample)
    assert list(labels_of_database(place, vocabulary)) == [LabelSet.of({"organ": ["Liver"]}, vocabulary)]
