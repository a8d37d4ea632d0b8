"""Find leakage: cases and images that are in more than one split, and images that cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from udt.core.errors import DataError
from udt.records.database.effective_labels import Query
from udt.records.database.models import Case, Image, Sample, Source

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Leak:
    """A case, an image or a group of near-duplicates that is in several splits.

    :ivar kind: `case`, `path` or `image` (the same file, by name or by content), or `near-duplicate`.
    :ivar name: source and case or path, hash, or number of the group.
    :ivar splits: number of splits that contain it.
    """

    kind: str
    name: str
    splits: int

    def __str__(self) -> str:
        """Return one line of text."""
        return f"{self.kind} {self.name} is in {self.splits} splits"


class Checked(NamedTuple):
    """Numbers of samples and images that a check of the splits can compare.

    :ivar samples: all samples.
    :ivar unsplit: samples without a split.
    :ivar found: images of samples.
    :ivar read: images whose file was read: they have a hash, so that they can be compared.
    """

    samples: int
    unsplit: int
    found: int
    read: int

    def images(self) -> dict[str, Any]:
        """Return the numbers of images found, read and left out, for `json.dumps`."""
        left_out = {"never read": self.found - self.read} if self.unread else {}
        return {"found": self.found, "read": self.read, "left_out": left_out}

    @property
    def unread(self) -> str:
        """A sentence on the images that were not compared; empty if all were."""
        if self.read == self.found:
            return ""
        return f"{self.found - self.read:,} of {self.found:,} images were never read, and not compared with the others"


def count_checked(connection: Connection) -> Checked:
    """Count the samples and images that a check of the splits can compare."""
    samples = connection.execute(select(func.count(), func.count(Sample.split)).select_from(Sample)).one()
    used = select(Sample.image_id).where(Sample.image_id.is_not(None))
    images = select(func.count(), func.count(Image.sha256)).select_from(Image).where(Image.id.in_(used))
    return Checked(samples[0], samples[0] - samples[1], *connection.execute(images).one())


def refuse_unchecked(connection: Connection, *, images: bool = True) -> None:
    """Check that the splits can be checked: there are samples with a split, and all images have been read.

    :param images: whether unread images are refused.
    :raises DataError: otherwise.
    """
    checked = count_checked(connection)
    if checked.unsplit == checked.samples:
        found = f"none of the {checked.samples:,} samples has a split" if checked.samples else "there are no samples"
        raise DataError(f"{found}, so that there is nothing to check; run 'udt data split' without --check")
    if images and checked.unread:
        raise DataError(
            f"{checked.unread}: whether the same image is in two splits is not known. No case and no image path is in "
            "two splits. Import the data set again with the folder of its images (udt data import … --images DIR; "
            "'udt data validate' lists the images), or check cases and paths alone (--without-images)"
        )


def find_leaks(connection: Connection, *, images: bool = True) -> list[Leak]:
    """Return the cases, images and groups of near-duplicates in more than one split, sorted by kind and name.

    :param images: whether the content of images is compared; their paths are always compared.
    """
    cases = select().select_from(Sample).join(Case, Sample.case_id == Case.id).join(Source)
    pictures = cases.join(Image, Sample.image_id == Image.id)
    queries: dict[str, tuple[ColumnElement[Any], Query]] = {
        "case": (Source.name + "/" + Case.key, cases),
        "path": (Source.name + "/" + Image.path, pictures),
    }
    if images:
        queries |= {
            "image": (Image.sha256.expression, pictures),
            "near-duplicate": (Image.near_duplicate_group.expression, pictures),
        }
    return [leak for kind, (name, query) in queries.items() for leak in _leaks(connection, kind, name, query)]


def _leaks(connection: Connection, kind: str, name: ColumnElement[Any], query: Query) -> list[Leak]:
    splits = func.count(Sample.split.distinct())
    leaks = query.add_columns(name, splits).where(name.is_not(None)).group_by(name).having(splits > 1).order_by(name)
    return [Leak(kind, str(value), count) for value, count in connection.execute(leaks)]


def refuse_leaks(connection: Connection, *, images: bool = True) -> None:
    """Check that nothing is in more than one split.

    :param images: as `find_leaks`.
    :raises DataError: with the number of leaks and the first of them.
    """
    leaks = find_leaks(connection, images=images)
    if leaks:
        shown = "\n".join(f"  {leak}" for leak in leaks[:_MOST_SHOWN])
        more = f"\n  … and {len(leaks) - _MOST_SHOWN} more" if len(leaks) > _MOST_SHOWN else ""
        hint = "run 'udt data split' to split the samples again"
        raise DataError(f"the splits leak in {len(leaks)} places; {hint}:\n{shown}{more}")
