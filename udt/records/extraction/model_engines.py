"""The engines with a language model: the model alone, and the model for captions in which the rules find too little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.pool import ThreadPool

from udt.core.errors import DataError
from udt.normalize.normalizer import Normalizer
from udt.records.extraction.asker import MOST_FAULTS
from udt.records.extraction.asking import doubts
from udt.records.extraction.checking import CheckedLabels, ClaimCheck
from udt.records.extraction.client import EndpointError
from udt.records.extraction.engines import EngineName, Extraction, RuleReading, read_by_rules
from udt.records.extraction.merging import LabelMerge
from udt.records.extraction.model_reader import ModelReader, ModelReading
from udt.records.extraction.stages import Stage, stages_of
from udt.taxonomy.model.taxonomy import Taxonomy

_ACROSS = "quote across instructions"


@dataclass(slots=True)
class ModelEngine:
    """A language model, whose labels are checked by the rules.

    :ivar hybrid: whether the rules go first, and the model is asked only about what they leave open.
    :ivar concurrency: most questions at a time.
    """

    normalizer: Normalizer
    taxonomy: Taxonomy
    reader: ModelReader
    hybrid: bool
    concurrency: int = 4
    _failed: int = field(default=0, init=False)
    _stages: tuple[Stage, ...] = field(init=False)
    _check: ClaimCheck = field(init=False)
    _merge: LabelMerge = field(init=False)

    def __post_init__(self) -> None:
        self._stages = stages_of(self.taxonomy)
        self._check = ClaimCheck(self.taxonomy, self.normalizer.normalize)
        self._merge = LabelMerge(self.taxonomy)

    @property
    def name(self) -> EngineName:
        """Its name."""
        return EngineName.HYBRID if self.hybrid else EngineName.LLM

    @property
    def keeps_rules(self) -> bool:
        """Whether the labels of the rules count."""
        return self.hybrid

    @property
    def model(self) -> str:
        """The model with the version of its prompts."""
        return f"{self.reader.model}, prompts {self.reader.prompt_version}"

    def read(self, texts: Sequence[str]) -> Iterator[Extraction]:
        """Yield the labels of each text, in order.

        :raises DataError: if the endpoint refuses all questions, or fails many times in a row.
        """
        readings = [read_by_rules(self.normalizer, text) for text in texts]
        # The threads of this pool do not keep an interrupted process from ending.
        with ThreadPool(self.concurrency) as pool:
            for reading, (stages, answer) in zip(readings, pool.imap(self._ask, readings), strict=True):
                if stages:
                    self._stop_after_many_faults(answer)
                yield self._extraction(reading, stages, answer)

    def _ask(self, reading: RuleReading) -> tuple[Sequence[Stage], ModelReading]:
        """Ask about one text; threads call this."""
        stages = [stage for stage in self._stages if not self.hybrid or any(doubts(reading.masked, stage))]
        return stages, self.reader.read(reading.masked.text, [stage.name for stage in stages])

    def _extraction(self, reading: RuleReading, stages: Sequence[Stage], answer: ModelReading) -> Extraction:
        found = replace(reading.extraction, asked=bool(stages), use=answer.use)
        if answer.fault is not None:
            return replace(found, fault=str(answer.fault))
        checked = self._checked(reading, answer)
        labels, differences = checked.labels, tuple[str, ...]()
        if self.hybrid:
            labels, differences = self._merge.merge(reading.masked, labels, stages)
        return replace(found, model=labels, refused=checked.refused, flags=(*found.flags, *differences))

    def _checked(self, reading: RuleReading, answer: ModelReading) -> CheckedLabels:
        """Return the labels that hold, none of which spans a sentence that was left out."""
        found = self._check.check(answer.claims, reading.masked)
        text = reading.report.text
        whole = tuple(one for one in found.labels if text[one.start : one.end] == one.text)
        return CheckedLabels(whole, found.refused + (_ACROSS,) * (len(found.labels) - len(whole)))

    def _stop_after_many_faults(self, answer: ModelReading) -> None:
        self._failed = self._failed + 1 if isinstance(answer.fault, EndpointError) else 0
        if self._failed >= MOST_FAULTS:
            hint = "check the endpoint and run the command again; it goes on from here"
            raise DataError(f"{self._failed} texts in a row got no answer, the last one since {answer.fault}; {hint}")
