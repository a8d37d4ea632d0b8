"""The counts of the program `score_findings.py` of the gold set under the names that we give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

COUNTS: Mapping[str, str] = {
    **{
        f"{outcome}_{group}": f"{group}_{outcome}"
        for outcome in ("tp", "fp", "fn")
        for group in ("abnormal", "affirmed", "denied", "normal", "organ")
    },
    **{f"{name}_{outcome}": f"{name}_{outcome}" for name in ("diagnosis",) for outcome in ("tp", "fp", "fn")},
    **{f"attribute_{outcome}": f"attributes_{outcome}" for outcome in ("tp", "fp", "fn")},
    **{f"label_{outcome}": f"labels_{outcome}" for outcome in ("tp", "fp", "fn")},
    **{
        f"doc_{name}_{outcome}": f"document_{name}_{outcome}"
        for name in ("labels", "absent")
        for outcome in ("tp", "fp", "fn")
    },
    **{f"{name}_n": f"{name}_total" for name in ("concept", "organ", "site", "time", "role", "quantity", "comparator")},
    **{f"{name}_ok": f"{name}_right" for name in ("organ", "site", "time", "role", "quantity", "comparator")},
    "concept_exact": "concept_right",
    "concept_broad": "concept_right_or_broader",
    "concept_gold": "concept_gold",
    "concept_pred": "concept_stated",
    "organ_strict": "organ_exactly_right",
    "lat_n": "laterality_total",
    "lat_ok": "laterality_right",
    "lat_stated_n": "laterality_stated_total",
    "lat_stated_ok": "laterality_stated_right",
    "cert_n": "certainty_total",
    "cert_ok": "certainty_right",
    "detail_n": "details_total",
    "detail_ok": "details_right",
    "label_fn_missed": "labels_of_missed",
    "denied_as_present": "denied_as_present",
    "contradictions": "contradictions",
    "findings_pred": "evidence_total",
    "evidence_ok": "evidence_right",
    "meas_gold": "measurements_total",
    "meas_ok": "measurements_right",
    "meas_elsewhere": "measurements_elsewhere",
    "meas_pred": "measurements_predicted_total",
    "meas_pred_ok": "measurements_predicted_right",
    "link_gold": "links_total",
    "link_ok": "links_right",
    "link_pred": "links_predicted_total",
    "link_pred_ok": "links_predicted_right",
    "count_gold": "lesions_gold",
    "count_pred": "lesions_predicted",
    "count_err": "lesions_difference",
    "count_exact": "reports_with_right_number_right",
    "split": "split",
    "merged": "merged",
    "ignored": "ignored",
    "matched_optional": "optional_matched",
    "organ_only": "organs_only_named",
    "fragments": "fragments",
}
"""Count of the program to ours."""

_SUMS = ("gold_abnormal", "gold_normal", "gold_organ", "gold_any")
"""Counts that are sums of others: true positives and false negatives."""


def expected_counts(counts: Mapping[str, int]) -> Counter[str]:
    """Return our counts that agree with those of the program; those that we alone have are left out.

    :raises KeyError: if the program has a count that is not known here.
    """
    return Counter({COUNTS[name]: number for name, number in counts.items() if name not in _SUMS})
