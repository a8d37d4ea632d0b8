"""Add readings: what a maker found in a sample, with its findings, their measurements, sites and evidence."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_RULE = re.compile(r"udt (\S+), taxonomy (\S+) \([0-9a-f]+\)")
"""How versions before this one named the normaliser as the maker of a label."""
_SPAN = (
    "(span_start IS NULL AND span_end IS NULL)"
    " OR (span_start IS NOT NULL AND span_end IS NOT NULL AND span_start >= 0 AND span_end > span_start)"
)
_QUANTITY = (
    "quantity IN ('size', 'length', 'thickness', 'diameter', 'area', 'volume', 'angle', 'velocity', 'acceleration',"
    " 'time', 'flow', 'index', 'pressure', 'stiffness', 'fraction', 'count', 'distance', 'depth')"
)
_NEW_TABLES = (
    "evidence",
    "measurement_values",
    "measurements",
    "interpretations",
    "finding_locations",
    "finding_sites",
    "finding_labels",
    "findings",
    "excluded_mentions",
    "sections",
    "readings",
    "term_codes",
    "terms",
)


def upgrade() -> None:
    """Keep the version of a maker in columns of their own, and add the tables."""
    for name, kind in (("version", sa.Text()), ("taxonomy", sa.Text()), ("taxonomy_sha256", sa.String(length=64))):
        op.add_column("provenances", sa.Column(name, kind))
    _fill_versions()
    _add_readings()
    _add_findings()
    _add_parts()


def _fill_versions() -> None:
    connection = op.get_bind()
    made = connection.execute(sa.text("SELECT id, detail FROM provenances WHERE maker = 'rule'")).all()
    for id, detail in made:
        if found := _RULE.fullmatch(detail):
            statement = sa.text("UPDATE provenances SET version = :version, taxonomy = :taxonomy WHERE id = :id")
            connection.execute(statement, {"version": found[1], "taxonomy": found[2], "id": id})


def _add_readings() -> None:
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("concept", name=op.f("uq_terms_concept")),
    )
    op.create_index(op.f("ix_terms_label"), "terms", ["label"])
    op.create_table(
        "term_codes",
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_term_codes_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term_id", "number", name=op.f("pk_term_codes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_term_codes_code"), "term_codes", ["code"])
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("provenance_id", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64)),
        sa.Column("language", sa.Text()),
        sa.Column("language_support", sa.Text()),
        sa.Column("patient_age_years", sa.Float()),
        sa.Column("patient_sex", sa.Text()),
        sa.CheckConstraint("language_support IN ('full', 'terms', 'none')", name=op.f("ck_readings_language_support")),
        sa.CheckConstraint("patient_age_years >= 0", name=op.f("ck_readings_patient_age_years")),
        sa.CheckConstraint("patient_sex IN ('female', 'male')", name=op.f("ck_readings_patient_sex")),
        sa.CheckConstraint("length(text_sha256) = 64", name=op.f("ck_readings_text_sha256")),
        sa.ForeignKeyConstraint(["provenance_id"], ["provenances.id"], name=op.f("fk_readings_provenance_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_readings_sample_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("sample_id", "provenance_id", name=op.f("uq_readings_sample_id_provenance_id")),
    )
    op.create_index(op.f("ix_readings_provenance_id"), "readings", ["provenance_id"])
    op.create_table(
        "sections",
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("modality", sa.Text()),
        sa.CheckConstraint(
            _SPAN,
            name=op.f("ck_sections_span"),
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_sections_reading_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reading_id", "number", name=op.f("pk_sections")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "excluded_mentions",
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            _SPAN,
            name=op.f("ck_excluded_mentions_span"),
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_excluded_mentions_reading_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reading_id", "number", name=op.f("pk_excluded_mentions")),
        sqlite_with_rowid=False,
    )


def _add_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("term_id", sa.Integer()),
        sa.Column("name", sa.Text()),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("experiencer", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("organ_id", sa.Integer()),
        sa.Column("laterality", sa.Text()),
        sa.Column("count", sa.Text()),
        sa.Column("change", sa.Text()),
        sa.Column("section", sa.Text()),
        sa.Column("same_as", sa.Text()),
        sa.Column("span_start", sa.Integer()),
        sa.Column("span_end", sa.Integer()),
        sa.CheckConstraint(
            "certainty IN ('present', 'possible', 'absent', 'unknown')", name=op.f("ck_findings_certainty")
        ),
        sa.CheckConstraint(
            "change IN ('new', 'increased', 'stable', 'decreased', 'resolved')", name=op.f("ck_findings_change")
        ),
        sa.CheckConstraint("experiencer IN ('patient', 'other')", name=op.f("ck_findings_experiencer")),
        sa.CheckConstraint("key <> ''", name=op.f("ck_findings_key")),
        sa.CheckConstraint("kind IN ('lesion', 'state', 'organ')", name=op.f("ck_findings_kind")),
        sa.CheckConstraint(
            "laterality IN ('left', 'right', 'bilateral', 'midline')", name=op.f("ck_findings_laterality")
        ),
        sa.CheckConstraint(
            _SPAN,
            name=op.f("ck_findings_span"),
        ),
        sa.CheckConstraint("time IN ('current', 'previous', 'planned')", name=op.f("ck_findings_time")),
        sa.ForeignKeyConstraint(["organ_id"], ["concepts.id"], name=op.f("fk_findings_organ_id")),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_findings_reading_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_findings_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("reading_id", "key", name=op.f("uq_findings_reading_id_key")),
    )
    op.create_index(op.f("ix_findings_organ_id_certainty"), "findings", ["organ_id", "certainty"])
    op.create_index(op.f("ix_findings_term_id_certainty"), "findings", ["term_id", "certainty"])


def _add_parts() -> None:
    op.create_table(
        "finding_labels",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["concept_id"], ["concepts.id"], name=op.f("fk_finding_labels_concept_id")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_labels_finding_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", "concept_id", name=op.f("pk_finding_labels")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_finding_labels_concept_id_finding_id"), "finding_labels", ["concept_id", "finding_id"])
    op.create_table(
        "finding_sites",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_sites_finding_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_finding_sites_term_id")),
        sa.PrimaryKeyConstraint("finding_id", "number", name=op.f("pk_finding_sites")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_finding_sites_term_id_finding_id"), "finding_sites", ["term_id", "finding_id"])
    op.create_table(
        "finding_locations",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_locations_finding_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", "key", name=op.f("pk_finding_locations")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "interpretations",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("cue", sa.Text()),
        sa.Column("span_start", sa.Integer()),
        sa.Column("span_end", sa.Integer()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "certainty IN ('present', 'possible', 'absent', 'unknown')", name=op.f("ck_interpretations_certainty")
        ),
        sa.CheckConstraint(
            _SPAN,
            name=op.f("ck_interpretations_span"),
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_interpretations_finding_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_interpretations_term_id")),
        sa.PrimaryKeyConstraint("finding_id", "number", name=op.f("pk_interpretations")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_interpretations_term_id"), "interpretations", ["term_id"])
    op.create_table(
        "measurements",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("canonical_unit", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("comparator", sa.Text()),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float()),
        sa.Column("examination", sa.Text()),
        sa.Column("span_start", sa.Integer()),
        sa.Column("span_end", sa.Integer()),
        sa.CheckConstraint("comparator IN ('<', '>', '<=', '>=', '~')", name=op.f("ck_measurements_comparator")),
        sa.CheckConstraint(
            _QUANTITY,
            name=op.f("ck_measurements_quantity"),
        ),
        sa.CheckConstraint(
            "role IN ('current', 'previous', 'reference', 'planned')", name=op.f("ck_measurements_role")
        ),
        sa.CheckConstraint(
            _SPAN,
            name=op.f("ck_measurements_span"),
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_measurements_finding_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", "number", name=op.f("pk_measurements")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "measurement_values",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("axis", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("canonical", sa.Float(), nullable=False),
        sa.CheckConstraint("axis >= 1", name=op.f("ck_measurement_values_axis")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_measurement_values_finding_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", "number", "axis", name=op.f("pk_measurement_values")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_measurement_values_canonical"), "measurement_values", ["canonical"])
    op.create_table(
        "evidence",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cue", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint(
            "certainty IN ('present', 'possible', 'absent', 'unknown')", name=op.f("ck_evidence_certainty")
        ),
        sa.CheckConstraint(
            _SPAN,
            name=op.f("ck_evidence_span"),
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_evidence_finding_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", "number", name=op.f("pk_evidence")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables, and the versions of makers."""
    for name in _NEW_TABLES:
        op.drop_table(name)
    for name in ("taxonomy_sha256", "taxonomy", "version"):
        op.drop_column("provenances", name)
