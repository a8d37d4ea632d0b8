"""The audit of `udt taxonomy check`: quality checks, a test of the shapes, and the reasoner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.checks import TaxonomyProblem, checks, run_checks
from udt.taxonomy.quality.reasoner import Reasoning, reason
from udt.taxonomy.quality.shacl import self_test


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit, errors first.

    :ivar summary: one line for each kind of check.
    :ivar reasoning: result of HermiT; None if it was not run.
    """

    problems: tuple[TaxonomyProblem, ...]
    summary: tuple[str, ...]
    reasoning: Reasoning | None

    @property
    def errors(self) -> int:
        """Number of problems that are errors."""
        return sum(problem.level == "ERROR" for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain data for JSON."""
        reasoner = None
        if self.reasoning:
            inferred = [list(pair) for pair in self.reasoning.inferred]
            reasoner = {"status": self.reasoning.status, "message": self.reasoning.message, "inferred": inferred}
        return {
            "errors": self.errors,
            "warnings": len(self.problems) - self.errors,
            "problems": [asdict(problem) for problem in self.problems],
            "summary": list(self.summary),
            "reasoner": reasoner,
        }


def audit(taxonomy: Taxonomy, *, reasoner: bool = True) -> Audit:
    """Run all checks on `taxonomy`.

    :param reasoner: whether to run HermiT; if Java or owlready2 is missing, the summary reports it.
    """
    quality = run_checks(taxonomy)
    shapes = [TaxonomyProblem("ERROR", "shacl", "", detail) for detail in self_test(taxonomy)]
    reasoning = reason(taxonomy) if reasoner else None
    logic = list(_logic(reasoning)) if reasoning else []
    verdict = "accept every value and refuse an unknown one" if not shapes else "do not fit the taxonomy"
    found = sorted([*quality, *shapes, *logic])
    errors = sum(problem.level == "ERROR" for problem in found)
    return Audit(
        tuple(found),
        (
            f"{len(checks())} quality checks on {len(taxonomy)} concepts: {len(quality)} problems",
            f"SHACL: the shapes {verdict}",
            reasoning.message if reasoning else "HermiT was not run: --no-reasoner",
            f"in all {errors} errors and {len(found) - errors} warnings",
        ),
        reasoning,
    )


def _logic(reasoning: Reasoning) -> Iterator[TaxonomyProblem]:
    if reasoning.status == "inconsistent":
        yield TaxonomyProblem("ERROR", "reasoner", "", reasoning.message)
    for name in reasoning.unsatisfiable:
        yield TaxonomyProblem(
            "ERROR",
            "reasoner",
            name,
            "can have no member: its definition contradicts itself or the disjointness of kinds",
        )
    for name in reasoning.punned:
        yield TaxonomyProblem(
            "WARN",
            "reasoner",
            name,
            "is used as a class and as an individual; owlready2 does not list it as an individual",
        )
