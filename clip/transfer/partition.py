"""Parts for training, validation and test: of an official split, or drawn by group, stratified by class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.transfer.dataset import TransferSet
from udt.clip.transfer.grouping import Ints
from udt.clip.transfer.layout import OWN, OfficialSplit
from udt.core.errors import DataError

PARTS = ("train", "valid", "test")

_TEST, _VALID = 5, 4  # one group in five is tested, one in four of the others validates: 6 : 2 : 2


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Indices of the images of each part, ascending.

    :ivar fold: name of the fold that is the test part; empty without folds.
    """

    train: Ints
    valid: Ints
    test: Ints
    fold: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SplitPlan:
    """The division of a data set, for any seed. The test parts are the same for all seeds.

    :ivar name: `own`, or that of the official split.
    :ivar rounds: for each fold, or once: the images for training and validation, those for validation alone (empty if
        the split does not have any, and they are drawn with the seed), and those for test.
    """

    data: TransferSet
    name: str
    rounds: tuple[tuple[Ints, Ints, Ints, str], ...]

    @classmethod
    def of(cls, data: TransferSet, split: str = "", fold: str = "", seed: int = 0) -> SplitPlan:
        """Plan a split.

        :param split: `own`, or an official one of the layout; empty for the one that the layout takes by default.
        :param fold: the fold to test; empty for all folds, one after the other.
        :param seed: of the draw of the test part, for our own split.
        :raises DataError: if there is no such split or fold, or a part lacks a class.
        """
        name = split or data.layout.split
        official = data.layout.official(name)
        if fold and (official is None or not official.fold):
            raise DataError(f"the split '{name}' has no folds; leave out --fold, or give a split with folds (--split)")
        found = cls(data, name, tuple(_own(data, seed) if official is None else _official(data, name, official, fold)))
        for rest, _, test, number in found.rounds:
            _check_classes(data, {"train": rest, "test": test}, name, number)
        for one in found.partitions(seed):
            _check_classes(data, {part: getattr(one, part) for part in PARTS}, name, one.fold)
        return found

    def partitions(self, seed: int) -> Iterator[Partition]:
        """Yield the parts of each round; the images for validation are drawn with the seed, unless they are given."""
        for rest, valid, test, fold in self.rounds:
            if len(valid):
                yield Partition(np.setdiff1d(rest, valid), valid, test, fold)
            else:
                train, drawn = grouped_split(self.data, rest, _VALID, seed)
                yield Partition(train, drawn, test, fold)

    @property
    def tested(self) -> Ints:
        """The images of all test parts, round by round."""
        return np.concatenate([test for _, _, test, _ in self.rounds])

    @property
    def draws_validation(self) -> bool:
        """Whether the validation part depends on the seed."""
        return not all(len(valid) for _, valid, _, _ in self.rounds)

    def crossing(self) -> tuple[int, int]:
        """Return the number of groups with images both in a test part and outside it, and of the test images in them.

        With the official split, near-duplicates may be in several parts; with our own, none are.
        """
        groups, images = set(), 0
        for rest, _, test, _ in self.rounds:
            shared = np.intersect1d(self.data.groups[rest], self.data.groups[test])
            groups.update(shared.tolist())
            images += int(np.isin(self.data.groups[test], shared).sum())
        return len(groups), images


def grouped_split(data: TransferSet, indices: Ints, share: int, seed: int) -> tuple[Ints, Ints]:
    """Divide images by group, stratified by class: the second part has about one image in `share` of each class.

    :raises DataError: if a class has too few groups.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    labels, groups = data.labels[indices], data.groups[indices]
    for number, name in enumerate(data.classes):
        count = len(np.unique(groups[labels == number]))
        if count < share:
            raise DataError(
                f"the class '{name}' has images of {count:,} groups (cases or near-duplicates), but a split by group "
                f"needs {share}; add images, leave the class out (--class), or merge it with another"
            )
    folds = StratifiedGroupKFold(share, shuffle=True, random_state=seed)
    first, second = next(iter(folds.split(np.zeros(len(labels)), labels, groups)))
    return indices[first], indices[second]


def _own(data: TransferSet, seed: int) -> Iterator[tuple[Ints, Ints, Ints, str]]:
    rest, test = grouped_split(data, np.arange(len(data)), _TEST, seed)
    yield rest, np.zeros(0, dtype=np.int64), test, ""


def _official(data: TransferSet, name: str, split: OfficialSplit, fold: str) -> Iterator[tuple[Ints, Ints, Ints, str]]:
    if split.fold:
        yield from _folds(data, name, np.array(data.column(split.fold, f"splits.{name}.fold")), fold)
        return
    values = np.array(data.column(split.part, f"splits.{name}.part"))
    train, valid, test = (np.flatnonzero(np.isin(values, getattr(split, part))) for part in PARTS)
    for part, found in (("train", train), ("test", test)):
        if not len(found):
            allowed = ", ".join(getattr(split, part))
            got = ", ".join(sorted(set(values.tolist())))
            raise DataError(f"no image is in the part {part} of the split '{name}', {allowed}; there are {got}")
    yield np.union1d(train, valid), valid, test, ""


def _folds(data: TransferSet, name: str, values: NDArray[np.str_], fold: str) -> Iterator[tuple[Ints, Ints, Ints, str]]:
    folds = sorted({value for value in values.tolist() if value}, key=lambda one: (len(one), one))
    if len(folds) < 2:
        raise DataError(f"the split '{name}' has the folds {', '.join(folds) or 'none'}; it needs two or more")
    if fold and fold not in folds:
        raise DataError(f"the split '{name}' has no fold '{fold}'; allowed: {', '.join(folds)}")
    known = np.flatnonzero(values != "")
    for one in [fold] if fold else folds:
        chosen = values[known] == one
        yield known[~chosen], np.zeros(0, dtype=np.int64), known[chosen], one


def _check_classes(data: TransferSet, parts: Mapping[str, Ints], split: str, fold: str) -> None:
    for part, indices in parts.items():
        for name, count in zip(data.classes, data.counts(indices), strict=True):
            if not count:
                of_fold = f", fold {fold}" if fold else ""
                hint = "another seed" if split == OWN else f"--split {OWN}"
                raise DataError(
                    f"the part {part} of the split '{split}'{of_fold} has no image of the class '{name}'; give {hint}, "
                    "or leave the class out (--class)"
                )
