"""FHIR R4: a Bundle of type `collection` with a DiagnosticReport for each report and an Observation for each finding.

- `Observation.code` is the concept of the finding, with the codes of other terminologies that mean the same.
- `Observation.value` is the certainty as a finding context of SNOMED CT: *known present*, *known possible*, *known
  absent* or *unknown*. A denied finding is an Observation with the value *known absent*; one that is not mentioned has
  no Observation, and neither has one of another person.
- `bodySite` is the most specific structure named, with the side as an extension; the side is also a component.
- A component holds one label: its code is the dimension, its value the label; it is as certain as its Observation. A
  label whose certainty differs from its finding's (*a mass without calcifications*), and an interpretation, is a
  component with the concept as its code and the finding context as its value.
- Each number of a measurement is a component with its UCUM unit, and the code distinguishes present, previous,
  reference and planned ones.
- A finding of an earlier or planned time has no effective date, and a note.
- Spans and cues are in the extension `https://w3id.org/udt/fhir/evidence`; the text is `presentedForm`.

All resources are `preliminary`: software read them, and nobody has signed them. Identifiers are name-based UUIDs of the
report's id and text, so the same report always gets the same ones.
"""

from __future__ import annotations

from functools import partial

from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.r4.bundle import entries
from udt.io.writers.vocabulary import LabelIris

_BUNDLE = '{"resourceType": "Bundle", "type": "collection"'


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of one R4 Bundle with the codes of the taxonomy and `settings.extensions`.

    Its `encode` takes the data of the patient and the examination as a second argument, `TextSource`.

    :raises TaxonomyError: if an extension is faulty.
    """
    encode = partial(entries, LabelIris.load(settings.extensions))
    return text_writer(encode, head=f'{_BUNDLE}, "entry": [\n', between=",\n", tail="\n]}\n", empty=f"{_BUNDLE}}}\n")


FORMAT = ReportFormat(writer, suffixes=(".fhir.json",), sourced=True)
