from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from tests.records.media.media_files import US_STILL, dicom_data
from udt.records.deidentify.attributes import AttributeCleaner, DicomProfile
from udt.records.deidentify.pseudonyms import Pseudonyms

pydicom = pytest.importorskip("pydicom", reason="pydicom is in the extra [media]")

KEY = Pseudonyms(b"k" * 32)
PIXELS = np.zeros((20, 30), np.uint8)


def clean(key: Pseudonyms = KEY, shift: bool = False, **attributes: Any) -> Any:
    data = dicom_data(PIXELS, modality="US", sop_class=US_STILL, **attributes)
    return AttributeCleaner(key, shift).clean(data)[0]


def test_every_keyword_of_the_profile_is_an_attribute_of_the_standard() -> None:
    from pydicom.datadict import tag_for_keyword

    profile = DicomProfile.load()
    keywords = set().union(*profile.lists.values())
    assert [name for name in sorted(keywords) if tag_for_keyword(name) is None] == []
    assert set(profile.codes) == profile.lists["coded"]


def test_the_profile_keeps_no_attribute_with_free_text() -> None:
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    lists = DicomProfile.load().lists
    kept = {name for kind in ("numbers", "classes", "sequences") for name in lists[kind]}
    kinds = {dictionary_VR(tag_for_keyword(name) or 0) for name in kept}
    assert not kinds & {"LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE", "DA", "DT", "TM", "AS", "UR", "UN"}


def test_uids_are_replaced_consistently() -> None:
    one, again, other = clean(), clean(), clean(Pseudonyms.new())
    assert one.StudyInstanceUID == again.StudyInstanceUID != other.StudyInstanceUID
    assert one.StudyInstanceUID.startswith("2.25.") and len(one.StudyInstanceUID) <= 64
    assert one.StudyInstanceUID != one.SeriesInstanceUID
    assert one.SOPClassUID == US_STILL


def test_a_patient_keeps_one_pseudonym() -> None:
    one, same, other = (clean(PatientID=name).PatientID for name in ("A-17", "A-17", "A-18"))
    assert one == same != other
    assert len(one) == 12 and clean(PatientName="Ward^Jane").PatientName == ""


def test_dates_are_emptied_or_moved_by_the_same_days() -> None:
    dates = {"PatientID": "A", "StudyDate": "20210305", "AcquisitionDate": "20210307", "StudyTime": "101112"}
    emptied, moved = clean(**dates), clean(shift=True, **dates)
    assert (emptied.StudyDate, "AcquisitionDate" in emptied, emptied.StudyTime) == ("", False, "")
    days = [np.datetime64(f"{d[:4]}-{d[4:6]}-{d[6:]}") for d in (moved.StudyDate, moved.AcquisitionDate)]
    assert days[1] - days[0] == np.timedelta64(2, "D") and moved.StudyDate != "20210305"
    assert clean(shift=True, PatientID="A", StudyDate="20210230").StudyDate == ""


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("BodyPartExamined", "BREAST", "BREAST"),
        ("BodyPartExamined", "WARD JANE", None),
        ("ImageType", ["ORIGINAL", "PRIMARY", "WARD"], ["ORIGINAL", "PRIMARY"]),
        ("WindowCenter", "40", 40),
        ("InstitutionName", "St Mary", None),
        ("SeriesDescription", "Jane Ward", None),
        ("PatientAge", "045Y", None),
        ("StationName", "US-3", None),
        ("FrameTime", "33.3", 33.3),
    ],
)
def test_values(name: str, value: Any, kept: Any) -> None:
    found = clean(**{name: value}).get(name)
    assert (list(found) if isinstance(kept, list) else found) == kept


def test_sequences_are_cleaned_inside_and_private_ones_removed() -> None:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    region, inner = Dataset(), Dataset()
    region.RegionLocationMinX0, region.OperatorsName = 3, "Ward^Jane"
    block = region.private_block(0x0019, "WARD", create=True)
    block.add_new(0x01, "LO", "Jane Ward")
    inner.PatientName = "Ward^Jane"
    region.ReferencedPatientSequence = Sequence([inner])
    data = dicom_data(PIXELS, modality="US", sop_class=US_STILL)
    data.SequenceOfUltrasoundRegions = Sequence([region])
    data.add_new(0x60003000, "OW", b"Ward")  # an overlay
    data.add_new(0x50003000, "OW", b"Ward")  # a curve
    cleaned, changed = AttributeCleaner(KEY).clean(data)
    (item,) = cleaned.SequenceOfUltrasoundRegions
    assert [element.keyword for element in item] == ["RegionLocationMinX0"]
    assert changed >= 6 and "PixelData" not in cleaned
    assert not {0x6000, 0x5000} & {element.tag.group for element in cleaned}
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, cleaned, implicit_vr=False, little_endian=True)
    assert b"ward" not in stream.getvalue().lower() and b"jane" not in stream.getvalue().lower()
