"""The measurements of a text, with what the words beside them state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, cast

from udt.core.report import Measurement, Quantity, Role
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import Tokens
from udt.normalize.match.measurements.amounts import DIGITS, Amount, AmountFinder, Form
from udt.normalize.match.measurements.context import ContextReader, NumberContext
from udt.normalize.match.measurements.tables import Cell, Header, headers
from udt.normalize.match.measurements.words import Term, Unit, WordFinder, may_measure

# Largest number in a canonical unit, e.g. in mm.
_LARGEST: Final = 1e6
# Canonical units in which 0 is no measurement; a residual volume of 0 mL is one.
_ABOVE_0: Final = frozenset({"mm", "mm2"})


class ReadMeasurement(NamedTuple):
    """A measurement with its place among the words.

    :ivar first: index of its first word.
    :ivar end: exclusive end index of its words, with the unit.
    :ivar stated_quantity: whether the text itself states the quantity, by a unit or a word; else one length may be a
        length, a thickness or a diameter, depending on what it measures.
    :ivar term: the term that states the quantity, or None.
    :ivar role_term: the term that states the role, or None.
    """

    measurement: Measurement
    first: int
    end: int
    stated_quantity: bool
    term: Term | None = None
    role_term: Term | None = None


def read_measurements(
    text: str, tokens: Tokens, lexicon: Lexicon, cells: Sequence[Cell] = (), known: Sequence[int] | None = None
) -> list[ReadMeasurement]:
    """Return the measurements of a text in its order; the time is linear in its length.

    Numbers of instruments, doses, persons and dates are left out, and so are sizes of 0.

    :param cells: the cells of the tables of the text, in order.
    :param known: the words with which a unit or term may start, in order; None if they are to be looked up.
    """
    if not may_measure(tokens, lexicon, known):
        return []
    numbers = [i for i, word in enumerate(tokens.words) if word[0] in DIGITS]
    if not numbers:
        return []
    finder = WordFinder(text, tokens, lexicon, known)
    amounts = AmountFinder(finder).find(numbers)
    columns = headers(finder, cells) if any(amount.unit is None for amount in amounts) else {}
    return _Reader(finder, columns).read(amounts)


@dataclass(slots=True)
class _Candidate:
    """An amount with its unit and context, on the way to a measurement."""

    amount: Amount
    unit: Unit
    context: NumberContext
    stated: bool = False


class _Reader:
    def __init__(self, finder: WordFinder, columns: Mapping[int, Header | None]) -> None:
        self._text = finder.text
        self._tokens, self._words = finder.tokens, finder.tokens.words
        self._contexts = ContextReader(finder)
        self._columns = columns

    def read(self, amounts: list[Amount]) -> list[ReadMeasurement]:
        kept: list[_Candidate] = []
        product: _Candidate | None = None
        pending: _Candidate | None = None
        left = 0
        for amount in amounts:
            if amount.first < left:
                continue
            if amount.unit is None and amount.first not in self._columns and self._follows_slash(amount):
                continue
            if amount.unit is None and (self._is_in_code(amount) or self._contexts.is_day(amount.first)):
                continue
            header = self._columns.get(amount.first)
            unit = amount.unit or (header.unit if header is not None else None)
            context = self._contexts.read(amount, unit, left, header.words if header is not None else None)
            before = kept[-1] if kept else None
            if unit is None:
                unit = self._unit_without(amount, context, before, header) or self._unit_of_product(product, amount)
                if unit is None and context.role == "previous" and not context.weak:
                    pending = _Candidate(amount, Unit("", 0, "", "", amount.end), context)
            if unit is not None:
                left = max(amount.end, context.end)
            if unit is None or not unit.factor or context.dropped or (context.by and context.changed):
                continue
            candidate = _Candidate(amount, unit, context)
            if pending is not None and self._contexts.same_sentence(pending.amount, amount):
                kept.append(replace_unit(pending, unit))
            pending = None
            self._complete(candidate, before, kept[-2] if len(kept) > 1 else None)
            product = candidate if amount.form == "product" else product
            kept += self._split(candidate)
        read = [_measurement(candidate, self._text) for candidate in kept]
        return [one for one in read if one is not None]

    def _is_in_code(self, amount: Amount) -> bool:
        """Return whether letters and a hyphen precede a number, so that it is part of a code: *US-3*, *LR-4*."""
        start = self._tokens.starts[amount.first]
        return start > 1 and self._text[start - 1] == "-" and self._text[start - 2].isalpha()

    def _unit_without(
        self, amount: Amount, context: NumberContext, before: _Candidate | None, header: Header | None
    ) -> Unit | None:
        """Return the unit of an amount without one: that of its term (`RI 0.74`) or of the amount before it."""
        if context.bare_unit is not None and amount.form != "product" and self._may_be_bare(amount, context, header):
            return Unit(context.bare_unit, 1.0, context.bare_unit, str(context.quantity), amount.end)
        if before is None or not self._contexts.same_sentence(before.amount, amount):
            return None
        if not self._contexts.stands_alone(amount):
            return None
        if before.unit.sense is None:
            again = amount.decimal and context.quantity is None and before.unit.canonical == "1"
            return before.unit if again and self._joined(before, amount) else None
        if context.role in {"previous", "reference"} and (not context.weak or self._contexts.takes_up(context)):
            return before.unit
        if amount.form != "range" and self._contexts.other_side(before.amount, amount):
            return before.unit
        return None

    def _unit_of_product(self, before: _Candidate | None, amount: Amount) -> Unit | None:
        """Return the unit of an earlier product of the sentence with as many numbers, which this one shares."""
        if before is None or amount.form != "product":
            return None
        alike = len(before.amount.values) == len(amount.values)
        return before.unit if alike and self._contexts.same_sentence(before.amount, amount) else None

    def _may_be_bare(self, amount: Amount, context: NumberContext, header: Header | None) -> bool:
        alone = self._words[amount.end : amount.end + 1] not in (["/"], [":"], ["x"], ["%"])
        decimal = amount.decimal or amount.form == "range"
        return header is not None or (alone and (context.firm or decimal))

    def _joined(self, before: _Candidate, amount: Amount) -> bool:
        return amount.first - before.amount.end <= 6

    def _complete(self, candidate: _Candidate, before: _Candidate | None, earlier: _Candidate | None) -> None:
        """Decide the role, and carry the quantity of the amount before on to a second one (`R 14 mm, L 17 mm`).

        An earlier value has that of the amount before an extent (*wall 6 mm over 14 cm, was 8 mm*).
        """
        context, amount, unit = candidate.context, candidate.amount, candidate.unit
        near = before is not None and self._contexts.same_sentence(before.amount, amount)
        same = before is not None and near and before.unit.canonical == unit.canonical
        context.changed = context.changed or (before is not None and near and before.context.changed)
        if context.from_change and context.role is None and context.changed and amount.form != "range":
            context.role = "previous"
        if context.weak and context.examination is None:
            context.role = "previous" if same and self._contexts.takes_up(context) else None
        if unit.quantity == "velocity" and context.quantity in {None, "velocity"}:
            context.name = self._name_in_pair(amount) or context.name
        candidate.stated = (context.quantity or unit.quantity) != "size"
        if same and before is not None and context.quantity is None and before.context.quantity is not None:
            follows = context.role in {"previous", "reference"} or self._contexts.continues(before.amount, amount)
            if follows and amount.form != "product" and before.context.quantity not in {"distance", "depth"}:
                passes = context.role == "previous" and earlier is not None and _is_extent(before)
                source = earlier.context if passes and earlier is not None else before.context
                context.quantity, context.name, context.term = source.quantity, source.name, source.term
                candidate.stated = context.quantity != "size"

    def _follows_slash(self, amount: Amount) -> bool:
        return amount.first > 0 and self._words[amount.first - 1] == "/"

    def _name_in_pair(self, amount: Amount) -> str | None:
        """Return the name of a velocity in a pair: `85/22 cm/s` are those of systole and diastole."""
        before, after = self._words[max(0, amount.first - 1)], self._words[amount.end : amount.end + 2]
        if before == "/":
            return "EDV"
        return "PSV" if len(after) == 2 and after[0] == "/" and after[1][0] in DIGITS else None

    def _split(self, candidate: _Candidate) -> list[_Candidate]:
        """Split `from 8 to 12 mm` after a change into the earlier and the present value, and a distance from a size."""
        amount, context = candidate.amount, candidate.context
        if amount.form == "product":
            return self._apart(candidate)
        if amount.form != "range" or not context.changed or context.comparator is not None:
            return [candidate]
        if not context.from_change and amount.values[0] < amount.values[1]:
            return [candidate]
        first, second = amount.values
        tokens, (_, word) = self._tokens, amount.numbers
        end = amount.first_end
        earlier = amount._replace(values=(first,), form="single", end=end, stop=tokens.ends[end - 1])
        later = amount._replace(values=(second,), form="single", first=word, start=tokens.starts[word])
        return [
            _Candidate(earlier, candidate.unit, _with_role(context, "previous"), candidate.stated),
            _Candidate(later, candidate.unit, _with_role(context, "current"), candidate.stated),
        ]

    def _apart(self, candidate: _Candidate) -> list[_Candidate]:
        """Split the last number of a product off if it alone is a distance: `14 mm AP by 11 mm retraction`."""
        amount, context = candidate.amount, candidate.context
        term = context.term
        if context.quantity != "distance" or term is None or term.first != amount.end:
            return [candidate]
        *others, last = amount.values
        tokens, word = self._tokens, amount.numbers[-1]
        end = word - 1  # the times sign
        form: Form = "product" if len(others) > 1 else "single"
        size = amount._replace(values=tuple(others), form=form, end=end, stop=tokens.ends[end - 1])
        distance = amount._replace(values=(last,), form="single", first=word, start=tokens.starts[word])
        unstated = replace(context, quantity=None, term=None, name=None)
        return [
            _Candidate(size, candidate.unit, unstated),
            _Candidate(distance, candidate.unit, context, candidate.stated),
        ]


def _is_extent(candidate: _Candidate) -> bool:
    """Return whether an amount is how far something extends: *over 14 cm*."""
    term = candidate.context.term
    return term is not None and term.is_true("adjacentOnly") and term.sense.role == "Forward"


def replace_unit(candidate: _Candidate, unit: Unit) -> _Candidate:
    """Return the candidate with the unit of the amount after it: `previously 12, now 15 mm`."""
    return _Candidate(candidate.amount, unit, candidate.context, unit.quantity != "size")


def _with_role(context: NumberContext, role: Role) -> NumberContext:
    return replace(context, role=role, examination=None)


def _measurement(candidate: _Candidate, text: str) -> ReadMeasurement | None:
    """Return the measurement; None if a length or an area is 0, or a value out of range."""
    amount, unit, context = candidate.amount, candidate.unit, candidate.context
    values, comparator = amount.values, context.comparator
    bounds: tuple[float | None, float | None] | None = None
    if amount.form == "range":
        low, high = sorted(values)
        values, bounds = (low, high), (low, high)
        if low == 0:
            values, bounds, comparator = (high,), (None, high), "<="
    elif len(values) == 1 and comparator in {"<", "<="}:
        bounds = (None, values[0])
    elif len(values) == 1 and comparator in {">", ">="}:
        bounds = (values[0], None)
    canonical = tuple(round(value * unit.factor, 4) for value in values)
    if max(canonical) > _LARGEST or (unit.canonical in _ABOVE_0 and min(canonical) == 0):
        return None
    quantity = context.quantity or cast(Quantity, unit.quantity)
    examination = None
    if context.examination is not None and context.role == "previous":
        examination = text[slice(*context.examination)]
    measurement = Measurement(
        values,
        unit.name,
        canonical,
        amount.start,
        amount.stop,
        unit.canonical,
        quantity,
        context.role or "current",
        comparator,
        bounds,
        context.name,
        examination,
    )
    term, role_term = context.term, context.role_term
    return ReadMeasurement(measurement, amount.first, amount.end, candidate.stated, term, role_term)
