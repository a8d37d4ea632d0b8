"""De-identify a folder: every file is written anew under a pseudonym, and a report states what was masked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from udt.core.atomic import atomic_output, make_folder
from udt.core.errors import DataError
from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError
from udt.core.tally import Tally
from udt.records.database.curation_models import MediaKind
from udt.records.deidentify.attributes import AttributeCleaner
from udt.records.deidentify.dicom_files import clean_dicom, ultrasound_regions
from udt.records.deidentify.masks import PixelBox, PixelMask, find_mask, sampled
from udt.records.deidentify.picture_files import blanked, write_animation, write_picture, write_video
from udt.records.deidentify.pseudonyms import Pseudonyms
from udt.records.deidentify.tables import TEXT_SUFFIXES, TableCleaner
from udt.records.media.dicom import read_dicom
from udt.records.media.files import media_names
from udt.records.media.opened import OpenedMedia
from udt.records.media.reader import open_media, read_media_file

_ANIMATIONS = (b"GIF8", b"\x89PNG", b"RIFF", b"II", b"MM")  # GIF, APNG, WebP and TIFF; the others are videos
_DONE = "written by an earlier run"
OnFile = Callable[[str, int], None]


@dataclass(slots=True)
class FileReport:
    """The changes made to one file, without names and values of the original.

    :ivar file: path in the output.
    :ivar rules: the rules that blanked pixels.
    :ivar boxes: boxes of pixels that were blanked and were not black: left, top, width, height.
    :ivar look: whether a person should look at the result, since its field of view is not known.
    :ivar attributes: number of attributes of DICOM that were removed or replaced.
    :ivar replaced: number of times that each placeholder was put into a text.
    """

    file: str
    rules: tuple[str, ...] = ()
    boxes: Sequence[PixelBox] = ()
    look: bool = False
    attributes: int = 0
    replaced: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class DeidentifyOutcome:
    """Counts of a run, and the reports of its files.

    :ivar files: found, read and left out, with reasons; without names.
    """

    files: Tally = field(default_factory=Tally)
    reports: list[FileReport] = field(default_factory=list)
    known: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        files = {name: value for name, value in self.files.to_dict().items() if name != "examples"}
        return {**files, "known": self.known, "files": [asdict(one) for one in self.reports]}


@dataclass(frozen=True, slots=True)
class DeidentifyRequest:
    """A folder to de-identify.

    :ivar out: folder of the outputs.
    :ivar report: folder of the report with its pictures, or None.
    """

    folder: Path
    out: Path
    pseudonyms: Pseudonyms
    report: Path | None = None
    shift_dates: bool = False


def deidentify_folder(request: DeidentifyRequest, on_progress: OnFile = lambda *_: None) -> DeidentifyOutcome:
    """Write the media, texts and tables in a folder without identifiers; the originals do not change.

    Names of folders and files become pseudonyms, so that files of one folder stay together. A file that an earlier run
    under the same key wrote is not written again.

    :raises DataError: if the folders cannot be used, or a package is missing.
    """
    _check_folders(request)
    run = _Run(request, DeidentifyOutcome())
    names = media_names(request.folder.resolve(), run.outcome.files, TEXT_SUFFIXES)
    if not names:
        raise DataError(f"{request.folder}: has no media, texts and tables; give the folder of the originals")
    for folder in filter(None, (request.out, request.report)):
        make_folder(folder)
    names.sort(key=_is_text)  # texts last: they name the new files
    for done, name in enumerate(names, 1):
        run.write(name)
        on_progress("files", done)
    if request.report is not None:
        _write(request.report / "report.json", (json.dumps(run.outcome.to_dict(), indent=1) + "\n").encode())
    return run.outcome


def _is_text(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in TEXT_SUFFIXES


def _check_folders(request: DeidentifyRequest) -> None:
    folder = request.folder.resolve()
    for other in filter(None, (request.out, request.report)):
        if folder == other.resolve() or folder in other.resolve().parents or other.resolve() in folder.parents:
            raise DataError(f"{other}: lies in the folder of the originals, or around it; give another folder")
    if request.report is not None and request.report.resolve().is_relative_to(request.out.resolve()):
        raise DataError(f"{request.report}: lies in the folder of the new files; give the report another folder")


@dataclass(slots=True)
class _Run:
    request: DeidentifyRequest
    outcome: DeidentifyOutcome
    renamed: dict[str, str] = field(default_factory=dict)

    def write(self, name: str) -> None:
        """Write one file, or count it as left out; its name is in no message."""
        try:
            content = read_media_file(self.request.folder.resolve(), name)
            stem = self._stem(name, content)
            if found := sorted(self.request.out.glob(f"{stem}.*")):
                self.outcome.known += 1
                written = found[0].relative_to(self.request.out).as_posix()
            else:
                written = self._new(name, content, stem)
        except ImageError as error:
            self.outcome.files.leave_out(str(error.refusal))
            return
        except DataError as error:
            if not _is_text(name):
                raise
            self.outcome.files.leave_out(f"text that {error}")
            return
        self.outcome.files.read += 1
        self.renamed[name] = written
        self.renamed.setdefault(PurePosixPath(name).name, written)

    def _stem(self, name: str, content: bytes) -> str:
        """Return the path of the output without suffix: a pseudonym for each folder and for the file."""
        *folders, _ = PurePosixPath(name).parts
        parts = [self.request.pseudonyms.name("folder", "/".join(folders[: i + 1])) for i in range(len(folders))]
        return "/".join([*parts, self.request.pseudonyms.name("file", f"{name}\0{bytes_sha256(content)}", 16)])

    def _new(self, name: str, content: bytes, stem: str) -> str:
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in TEXT_SUFFIXES:
            tables = TableCleaner(self.request.pseudonyms, self.renamed)
            cleaned, written = tables.clean(content, suffix), f"{stem}{suffix}"
            report = FileReport(written, replaced=dict(tables.replaced))
        else:
            cleaned, written, report = self._media(name, content, stem)
        path = self.request.out / written
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, cleaned)
        self.outcome.reports.append(report)
        return written

    def _media(self, name: str, content: bytes, stem: str) -> tuple[bytes, str, FileReport]:
        opened = open_media(content, name)
        dicom = opened.dicom is not None
        frames = sampled(frame.image for frame in opened.frames())
        mask = find_mask(frames, ultrasound_regions(read_dicom(content, name)) if dicom else ())
        report = FileReport("", mask.rules, mask.boxes(frames), not mask.view_found)
        if dicom:
            cleaner = AttributeCleaner(self.request.pseudonyms, self.request.shift_dates)
            cleaned, report.attributes = clean_dicom(content, mask.hidden, cleaner, name)
            suffix = ".dcm"
        else:
            cleaned, suffix = _encoded(opened, content, mask)
        report.file = f"{stem}{suffix}"
        self._picture(report.file, opened, mask)
        return cleaned, report.file, report

    def _picture(self, written: str, opened: OpenedMedia, mask: PixelMask) -> None:
        """Write the picture of what was masked into the folder of the report."""
        if self.request.report is None:
            return
        first = next(frame.image for frame in opened.frames())
        path = self.request.report / "masks" / f"{written.replace('/', '-')}.png"
        path.parent.mkdir(exist_ok=True)
        with atomic_output(path) as handle:
            mask.picture(first).save(handle, "PNG")


def _encoded(opened: OpenedMedia, content: bytes, mask: PixelMask) -> tuple[bytes, str]:
    """Return the pixels of a picture, an animation or a video as a new file, and its suffix."""
    frames = blanked(opened.frames(), mask.hidden)
    if opened.kind is MediaKind.STILL:
        return write_picture(next(frames)), ".png"
    if content.startswith(_ANIMATIONS) and content[8:12] != b"AVI ":
        return write_animation(frames)
    return write_video(frames), ".mp4"


def _write(path: Path, content: bytes) -> None:
    with atomic_output(path) as handle:
        handle.write(content)
