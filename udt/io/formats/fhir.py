"""FHIR R4: a text for each DiagnosticReport, DocumentReference, Composition and separate Observation.

- The text of a report is its `presentedForm`, or its narrative and the texts of its results; then its conclusion,
  unless it is in one of them.
- References are resolved within the Bundle and among contained resources; nothing is fetched.
- Coded values are not read: they are no text, and may be denied or uncertain in ways of their own.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from udt.core.texts import LONGEST_NAME, abridged, fault_of_name, fault_of_text
from udt.io.encodings import EncodingError
from udt.io.formats.errors import UnreadableError
from udt.io.formats.html import html_text
from udt.io.formats.media import PREFERRED, charset_of_media_type, document_text, kind_of_media_type
from udt.io.items import Sex, TextItem, TextSource
from udt.io.rows import Skipped
from udt.io.writers.identity import EVIDENCE, REPORT_ID

Json = Mapping[str, Any]

_REPORTS = ("DiagnosticReport", "DocumentReference")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_TIME = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)?)?")
_SEXES: tuple[Sex, ...] = ("male", "female", "other", "unknown")
_MOST_RESULTS = 10_000
_LEAST_REPEATED = 30  # characters of a text without its label that is taken for a repetition
_HINT = "give the report as text, or with presentedForm, text.div or conclusion"


def is_fhir(value: object) -> bool:
    """Return whether a JSON value is a resource of FHIR."""
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)


def fhir_texts(resources: Iterable[tuple[str, Json]]) -> Iterator[TextItem | Skipped]:
    """Yield the texts of resources and Bundles, or a fault for each report that has none.

    :param resources: each with its place; they may refer to one another. The place of an entry of a Bundle is
        `place:entry`, numbered from 1.
    """
    entries = [entry for place, one in resources for entry in _entries(one, place, None)]
    bundle = _Bundle(entries)
    for where, url, one in _chosen(entries, bundle):
        try:
            yield _item(_Resource(one, bundle), where, url)
        except (UnreadableError, EncodingError) as error:
            yield Skipped(where, f"the {abridged(one['resourceType'])} {error}")


def no_report(place: str, resources: Iterable[Json]) -> Skipped:
    """Return the fault of resources without a report."""
    entries = (entry for one in resources for entry in _entries(one, place, None))
    kinds = ", ".join(dict.fromkeys(abridged(one["resourceType"]) for _, _, one in islice(entries, 8)))
    allowed = "DiagnosticReport, DocumentReference, Composition, Observation, or a Bundle of them"
    return Skipped(place, f"holds no report (it holds {kinds or 'nothing'}); allowed: {allowed}")


_Entry = tuple[str, str, Json]
"""Place, full URL and resource."""

_Part = tuple[str, str]
"""Label, which may be empty, and text."""


def _entries(resource: Json, place: str, url: str | None) -> Iterator[_Entry]:
    if resource["resourceType"] != "Bundle":
        yield place, url or "", resource
        return
    for number, entry in enumerate(_objects(resource.get("entry")), 1):
        inner = entry.get("resource")
        if isinstance(inner, dict) and is_fhir(inner):
            yield from _entries(inner, f"{place}:{number}", _text(entry.get("fullUrl")))


def _chosen(entries: Sequence[_Entry], bundle: _Bundle) -> list[_Entry]:
    """Return the resources that are a report; a Composition or an Observation if no other one holds it."""
    reports = [one for one in entries if one[2]["resourceType"] in _REPORTS]
    reports = reports or [one for one in entries if one[2]["resourceType"] == "Composition"]
    held: set[int] = set()
    for _, _, one in entries:
        if one["resourceType"] in ("DiagnosticReport", "Observation", "Composition"):
            held.update(id(inner) for inner in _Resource(one, bundle).results())
    alone = [
        entry
        for entry in entries
        if entry[2]["resourceType"] == "Observation" and id(entry[2]) not in held
        and (not reports or _Resource(entry[2], bundle).has_text())
    ]  # fmt: skip
    return [*reports, *alone]


class _Bundle:
    """Resources by their references."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self._by_reference: dict[str, Json] = {}
        for _, url, one in entries:
            self._by_reference.setdefault(f"{one['resourceType']}/{one.get('id')}", one)
            if url:
                self._by_reference.setdefault(url, one)

    def resolve(self, reference: str) -> Json | None:
        """Return the resource of a reference, absolute or relative, without its version."""
        plain = reference.partition("/_history/")[0]
        return self._by_reference.get(plain) or self._by_reference.get("/".join(plain.split("/")[-2:]))


class _Resource:
    """A resource, and those that it refers to."""

    def __init__(self, data: Json, bundle: _Bundle, contained: Mapping[str, Json] | None = None) -> None:
        self.data = data
        self._bundle = bundle
        own = {f"#{one.get('id')}": one for one in _objects(data.get("contained")) if is_fhir(one)}
        self._contained: Mapping[str, Json] = own or contained or {}

    def _resolve(self, value: object) -> Json | None:
        reference = _text(value.get("reference")) if isinstance(value, Mapping) else None
        if not reference:
            return None
        return self._contained.get(reference) or self._bundle.resolve(reference)

    def results(self) -> list[Json]:
        """Return the resources of `result` or `hasMember`, and those of the sections of a Composition."""
        references = [*_objects(self.data.get("result")), *_objects(self.data.get("hasMember"))]
        for section in _sections(self.data):
            references += _objects(section.get("entry"))
        found = [one for reference in references[:_MOST_RESULTS] if (one := self._resolve(reference)) is not None]
        return [one for one in found if one["resourceType"] == "Observation"]

    def has_text(self) -> bool:
        """Return whether an Observation has a text of its own."""
        return bool(_observation(self.data) or _narrative(self.data))

    def text(self) -> str:
        """Return the text of a report.

        :raises UnreadableError: if it has none.
        """
        kind = self.data["resourceType"]
        if kind == "Observation":
            parts = [("", _observation(self.data) or _narrative(self.data)), *self._results()]
        elif kind == "Composition":
            parts = [_section(one) for one in _sections(self.data)] or [("", _narrative(self.data))]
        else:
            forms = [*_objects(self.data.get("presentedForm")), *map(_attachment, _objects(self.data.get("content")))]
            parts = [("", self._form(forms))] if forms else [("", _narrative(self.data)), *self._results()]
            parts += [("Conclusion", _text(self.data.get("conclusion")) or "")]
        text = _joined(parts)
        if not text:
            raise UnreadableError(self._reason())
        return text

    def _results(self) -> Iterator[_Part]:
        """Yield the texts of the results and of their members, each once."""
        seen = {id(self.data)}
        pending = self.results()[::-1]
        while pending:
            one = pending.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            yield _label(one.get("code")), _observation(one) or _narrative(one)
            pending += _Resource(one, self._bundle, self._contained).results()[::-1]

    def _form(self, forms: Sequence[Json]) -> str:
        """Return the text of the first readable form of the kind that keeps it best; they have the same content."""
        typed = [(kind_of_media_type(_text(form.get("contentType")) or ""), form) for form in forms]
        readable = [(kind, form) for kind, form in typed if kind is not None]
        readable.sort(key=lambda one: PREFERRED.index(one[0]))
        faults: list[UnreadableError | EncodingError] = []
        for kind, form in readable:
            try:
                return self._document(form, kind)
            except (UnreadableError, EncodingError) as error:
                faults.append(error)
        if faults:
            raise faults[0]
        got = ", ".join(abridged(_text(form.get("contentType")) or "no type") for form in forms[:5])
        raise UnreadableError(f"has a form of {got}; allowed: text/plain, text/html, RTF, PDF and DOCX; {_HINT}")

    def _document(self, form: Json, kind: str) -> str:
        data = _text(form.get("data"))
        if data is None:
            data = self._binary(_text(form.get("url")))
        try:
            content = base64.b64decode("".join(data.split()), validate=True)
        except ValueError as error:
            raise UnreadableError("has a form that is no valid base64; write it again") from error
        charset = charset_of_media_type(_text(form.get("contentType")) or "")
        return document_text(kind, content, charset)

    def _binary(self, url: str | None) -> str:
        found = self._resolve({"reference": url}) if url else None
        data = _text(found.get("data")) if found and found["resourceType"] == "Binary" else None
        if data is None:
            raise UnreadableError("has a form that is only a link, which is not followed; embed it as base64 in 'data'")
        return data

    def _reason(self) -> str:
        results = [self.data, *self.results()]
        identifiers = _objects(self.data.get("identifier"))
        if any(one.get("system") == REPORT_ID for one in identifiers) or any(map(_has_evidence, results)):
            return (
                "holds findings that udt wrote, without the text of the report, from which alone they are read; give "
                "the text, or read the findings with 'udt graph' from the JSON of 'udt normalize'"
            )
        missing = "" if len(results) > 1 or not self.data.get("result") else ", and its results are not in this file"
        return f"has no text{missing}; {_HINT}"

    def source(self) -> TextSource:
        """Return the data of the patient and the time of the examination."""
        subject = self.data.get("subject")
        subject = subject if isinstance(subject, Mapping) else {}
        patient = self._resolve(subject) or {}
        reference = _text(subject.get("reference"))
        identifiers = [*_objects([subject.get("identifier")]), *_objects(patient.get("identifier"))]
        identifier = next((one for one in identifiers if _text(one.get("value"))), {})
        period = self.data.get("effectivePeriod")
        times = [self.data.get("effectiveDateTime"), self.data.get("effectiveInstant"), self.data.get("date")]
        times.append(period.get("start") if isinstance(period, Mapping) else None)
        return TextSource(
            subject_reference=None if not reference or reference.startswith("#") else reference[:LONGEST_NAME],
            subject_identifier=(_text(identifier.get("value")) or "")[:LONGEST_NAME] or None,
            subject_system=(_text(identifier.get("system")) or "")[:LONGEST_NAME] or None,
            effective=next((one for one in times if isinstance(one, str) and _TIME.fullmatch(one)), None),
            sex=next((one for one in _SEXES if patient.get("gender") == one), None),
            birth_date=birth if _DATE.fullmatch(birth := _text(patient.get("birthDate")) or "") else None,
        )

    def name(self, url: str, place: str) -> str:
        """Return the id that udt gave a report, else its own id, identifier, URL or place."""
        identifiers = _objects(self.data.get("identifier"))
        own = next((_text(one.get("value")) for one in identifiers if one.get("system") == REPORT_ID), None)
        first = next((value for one in identifiers if (value := _text(one.get("value")))), None)
        return own or _text(self.data.get("id")) or first or url or place.rpartition(":")[2] or "report"


def _item(resource: _Resource, place: str, url: str) -> TextItem | Skipped:
    text, name = resource.text(), resource.name(url, place)
    fault = fault_of_text(text) or fault_of_name(name)
    return Skipped(place, f"the text or its id {fault}") if fault else TextItem(name, text, resource.source())


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _attachment(content: Json) -> Json:
    found = content.get("attachment")
    return found if isinstance(found, Mapping) else {}


def _narrative(resource: Json) -> str:
    """Return the text of `text.div`."""
    narrative = resource.get("text")
    if not isinstance(narrative, Mapping) or narrative.get("status") == "empty":
        return ""
    return html_text(_text(narrative.get("div")) or "")


def _observation(resource: Json) -> str:
    """Return the texts of an Observation: its value, components and notes."""
    parts = [_text(resource.get("valueString")) or ""]
    components = _objects(resource.get("component"))
    parts += [_labelled(_label(one.get("code")), _text(one.get("valueString")) or "") for one in components]
    parts += [_text(note.get("text")) or "" for note in _objects(resource.get("note"))]
    return "\n".join(part.replace("\r\n", "\n") for part in parts if part)


def _sections(resource: Json) -> list[Json]:
    """Return the sections of a Composition, each before those within it."""
    found: list[Json] = []
    pending = _objects(resource.get("section"))[::-1]
    while pending:
        section = pending.pop()
        found.append(section)
        pending += _objects(section.get("section"))[::-1]
    return found


def _section(section: Json) -> _Part:
    return _text(section.get("title")) or _label(section.get("code")), _narrative(section)


def _label(code: object) -> str:
    """Return the text of a CodeableConcept, else its first display; empty if it has none."""
    if not isinstance(code, Mapping):
        return ""
    displays = (_text(coding.get("display")) for coding in _objects(code.get("coding")))
    return _text(code.get("text")) or next(filter(None, displays), "")


def _labelled(label: str, text: str) -> str:
    """Return a text after its label, unless it begins with it."""
    text, label = text.strip(), label.strip().rstrip(":")
    if not text or not label or text.lower().startswith(label.lower()):
        return text
    return f"{label}:\n{text}" if "\n" in text else f"{label}: {text}"


def _joined(parts: Sequence[_Part]) -> str:
    """Join texts as paragraphs, after their labels; one that an earlier one holds is left out."""
    kept: list[str] = []
    before = ""
    for label, text in parts:
        labelled = _labelled(label, text)
        words = _words(text)
        repeated = len(words) >= _LEAST_REPEATED and _holds(before, words)
        if words and not repeated and not _holds(before, _words(labelled)):
            kept.append(labelled.strip("\n"))
            before += _words(labelled) + "\n"
    return "\n\n".join(kept)


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


def _holds(before: str, words: str) -> bool:
    """Return whether a text has these words, from the start of a sentence or after a label."""
    return words in before and re.search(rf"(?:\A|[.:;!?\n] ?){re.escape(words)}", before) is not None


def _has_evidence(resource: Json) -> bool:
    return any(one.get("url") == EVIDENCE for one in _objects(resource.get("extension")))
