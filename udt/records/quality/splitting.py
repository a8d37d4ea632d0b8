"""Split samples into train, valid and test by case, near-duplicates together, stratified by source and organ."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Text, bindparam, cast, func, select, update

from udt.core.errors import DataError
from udt.core.hashing import parts_sha256
from udt.core.near_duplicates import components
from udt.records.database.composites import has_parts
from udt.records.database.effective_labels import effective_labels
from udt.records.database.models import Case, ConceptRow, Image, Role, Sample, Source, Split

RATIOS = (6.0, 2.0, 2.0)


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Cases that have to be in the same split.

    :ivar key: key of its random number.
    :ivar stratum: groups of one stratum are distributed evenly over the splits.
    :ivar members: indices of its cases.
    """

    key: str
    stratum: tuple[str, str]
    members: tuple[int, ...]


def assign_splits(groups: Iterable[CaseGroup], ratios: Sequence[float], seed: int) -> list[int]:
    """Return the index of the split of each group, in the order of the groups sorted by key.

    Groups are assigned stratum by stratum, in random order within a stratum, each to the split with the largest deficit
    `share · (cases so far) − (its cases)`. So every stratum is divided in about the same ratio, and small strata do not
    all go to the first split.

    :param ratios: share of each split, in any unit.
    :raises DataError: if a ratio is negative or not finite, or all are 0.
    """
    if min(ratios) < 0 or not 0 < sum(ratios) < math.inf:
        raise DataError(
            f"the ratios are {':'.join(map(str, ratios))}; each has to be 0 or more, and one of them above 0"
        )
    shares = [ratio / sum(ratios) for ratio in ratios]
    sorted_groups = sorted(groups, key=lambda group: group.key)
    order = sorted(
        range(len(sorted_groups)), key=lambda i: (sorted_groups[i].stratum, _random(seed, sorted_groups[i].key))
    )
    assigned, total = [0] * len(shares), 0
    splits = [0] * len(sorted_groups)
    for i in order:
        size = len(sorted_groups[i].members)
        total += size
        deficits = [share * total - n if share else float("-inf") for share, n in zip(shares, assigned, strict=True)]
        splits[i] = deficits.index(max(deficits))
        assigned[splits[i]] += size
    return splits


def _random(seed: int, key: str) -> str:
    """Return a random key for sorting, the same on every machine and in every version of Python."""
    return parts_sha256(f"{seed}:{key}")


def split_samples(connection: Connection, ratios: Sequence[float] = RATIOS, seed: int = 0) -> Mapping[Split, int]:
    """Assign all samples to splits, and count the samples of each. The same records and seed give the same splits.

    :param ratios: shares of train, valid and test, counted in cases.
    :raises DataError: if there are no samples, or the ratios are not valid.
    """
    cases, groups = _groups(connection)
    if not groups:
        raise DataError("there are no samples to split; fill the database with 'udt data import'")
    parts = assign_splits(groups, ratios, seed)
    splits = list(Split)
    rows = [
        {"key": cases[member], "part": splits[part]}
        for group, part in zip(sorted(groups, key=lambda group: group.key), parts, strict=True)
        for member in group.members
    ]
    connection.execute(update(Sample).where(Sample.case_id == bindparam("key")).values(split=bindparam("part")), rows)
    return count_parts(connection)


def count_parts(connection: Connection) -> dict[Split, int]:
    """Count the samples of each split, without composites; those without a split are not counted."""
    counted = connection.execute(select(Sample.split, func.count()).where(~has_parts()).group_by(Sample.split))
    found = {split: count for split, count in counted if split is not None}
    return {split: found.get(split, 0) for split in Split}


def _groups(connection: Connection) -> tuple[list[int], list[CaseGroup]]:
    """Return the ids of all cases with samples, and the groups of their indices."""
    query = (
        select(Case.id, Source.name, Case.key, func.count(Sample.id))
        .join(Source)
        .join(Sample)
        .group_by(Case.id, Source.id)
    )
    rows = sorted((source, key, id, count) for id, source, key, count in connection.execute(query))
    index = {id: i for i, (_, _, id, _) in enumerate(rows)}
    organs = _organs(connection)
    members = defaultdict(list)
    for i, root in enumerate(components(len(rows), _ties(connection, index))):
        members[root].append(i)
    groups = []
    for root, indices in members.items():
        source, key = rows[root][:2]
        counts = sum((organs.get(rows[i][2], Counter()) for i in indices), Counter[str]())
        groups.append(CaseGroup(f"{source}\0{key}", (source, _dominant(counts)), tuple(indices)))
    return [id for _, _, id, _ in rows], groups


def _dominant(counts: Counter[str]) -> str:
    return min(counts, key=lambda organ: (-counts[organ], organ), default="")


def _organs(connection: Connection) -> Mapping[int, Counter[str]]:
    """Count the samples with each organ, or other place that is in another one, in each case."""
    labels = effective_labels().subquery()
    query = (
        select(Sample.case_id, ConceptRow.iri, func.count())
        .join(labels, labels.c.sample_id == Sample.id)
        .join(ConceptRow, ConceptRow.id == labels.c.concept_id)
        .where(ConceptRow.role == Role.PLACE, ConceptRow.parent_id.is_not(None), ~has_parts())
        .group_by(Sample.case_id, ConceptRow.iri)
    )
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for case, organ, count in connection.execute(query):
        found[case][organ] = count
    return found


def _ties(connection: Connection, index: Mapping[int, int]) -> Iterable[tuple[int, int]]:
    """Yield pairs of cases that share an image, by name or content, or have images that look the same."""
    path = cast(Case.source_id, Text) + "/" + Image.path
    for key in (path, Image.sha256.expression, Image.near_duplicate_group.expression):
        images = select(key.label("key"), Image.case_id).join(Case, Image.case_id == Case.id).where(key.is_not(None))
        rows = images.distinct().subquery()
        shared = select(rows.c.key).group_by(rows.c.key).having(func.count() > 1)
        query = select(rows).where(rows.c.key.in_(shared)).order_by(rows.c.key, rows.c.case_id)
        first: dict[object, int] = {}
        for value, case in connection.execute(query):
            if case in index:
                yield index[first.setdefault(value, case)], index[case]
