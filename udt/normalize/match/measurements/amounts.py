"""Numbers with their units: single ones, products of up to three, ranges, and lists that share a unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, cast

from udt.lexicon.senses import Sense
from udt.normalize.distances import LIST_GAP, LONGEST_LIST, LONGEST_NOTE
from udt.normalize.match.measurements.words import SIDES, Unit, WordFinder

_PLAIN: Final = re.compile(r"[0-9]{1,9}(?:[.,\u00b7][0-9]{1,9})?")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,9})?")
DIGITS: Final = frozenset("0123456789")
_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
_LIST_SIGNS: Final = frozenset({",", "and", "&", "or", "/", *SIDES})
_MOST_FACTORS: Final = 3
# A number that is a year and opens no range (`in 2020 to 2.8 cm`).
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")

Form = Literal["single", "product", "range"]


class Number(NamedTuple):
    """A number in the text.

    :ivar start: start offset, which is that of the point in `.5`.
    :ivar thousands: the other reading of one comma before three digits, or None.
    """

    value: float
    start: int
    first: int
    decimal: bool
    thousands: float | None = None


class Amount(NamedTuple):
    """One to three numbers, or the ends of a range, with their unit if they have one.

    :ivar values: the numbers in `unit`.
    :ivar start: start offset.
    :ivar stop: exclusive end offset, with the unit.
    :ivar first: index of the first word.
    :ivar end: exclusive end index of the words.
    :ivar decimal: whether the first number has decimals.
    :ivar numbers: index of the word of each number.
    :ivar first_end: exclusive end index of the words of the first end of a range, with its unit; else 0.
    """

    values: tuple[float, ...]
    unit: Unit | None
    form: Form
    start: int
    stop: int
    first: int
    end: int
    decimal: bool = False
    numbers: tuple[int, ...] = ()
    first_end: int = 0


class AmountFinder:
    """Finds the amounts of one text, in one pass."""

    def __init__(self, finder: WordFinder) -> None:
        self._finder = finder
        self._times, self._range_words = finder.lexicon.times, finder.lexicon.range_words
        self._text = finder.text
        self._words, self._starts, self._ends = finder.tokens.words, finder.tokens.starts, finder.tokens.ends
        self._units: dict[int, Unit | None] = {}

    def find(self, numbers: Iterable[int]) -> list[Amount]:
        """Return all amounts in text order, those without a unit too.

        :param numbers: the indices of the words that begin with a digit, in order.
        """
        found: list[Amount] = []
        left = 0
        for i in numbers:
            if i >= left:
                amounts, left = self._at(i)
                found += amounts
        return found

    def _at(self, i: int) -> tuple[list[Amount], int]:
        """Read the amounts that start with the word `i`.

        :returns: the amounts, and the index of the word after them.
        """
        number = self._number(i)
        if number is None:
            return [], i + 1
        if self._follows_slash(i):
            return [self._amount([number], None, "single", i + 1)], i + 1
        labelled = self._follows_letter(i)
        product = self._product(number)
        if product is not None:
            return product
        ranged = None if labelled else self._range(number)
        if ranged is not None:
            return [ranged], ranged.end
        listed = [] if labelled else self._list(number)
        if listed:
            return listed, listed[-1].end
        unit = self._unit_of(i)
        if unit is None:
            return [self._amount([number], None, "single", i + 1)], i + 1
        return [self._amount([number], unit, "single", unit.end)], unit.end

    def _number(self, i: int) -> Number | None:
        word, start = self._words[i], self._starts[i]
        if _PLAIN.fullmatch(word):
            whole, _, fraction = word.replace(",", ".").replace("\u00b7", ".").partition(".")
            thousands = float(whole + fraction) if "," in word and len(fraction) == 3 and whole != "0" else None
            if self._is_fraction_alone(start):
                return Number(float(f"0.{whole}"), start - 1, i, True)
            return Number(float(f"{whole}.{fraction}"), start, i, bool(fraction), thousands)
        if _THOUSANDS.fullmatch(word):
            return Number(float(word.replace(",", "")), start, i, False)
        return None

    def _is_fraction_alone(self, start: int) -> bool:
        """Return whether only a point precedes the number: ` .5`."""
        before = self._text[max(0, start - 2) : start]
        return before[-1:] == "." and (len(before) == 1 or before[0] in " (\t\n")

    def _follows_slash(self, i: int) -> bool:
        return self._words[i - 1] == "/" and self._digit(i - 2)

    def _follows_letter(self, i: int) -> bool:
        start = self._starts[i]
        before = self._text[start - 1 : start]
        return before.isascii() and before.isalpha()

    def _digit(self, i: int) -> bool:
        return i < len(self._words) and self._words[i][0] in DIGITS

    def _unit_of(self, i: int) -> Unit | None:
        """Return the unit of the number at `i`, directly after it or after a note, or None."""
        if i not in self._units:
            self._units[i] = self._find_unit(i)
        return self._units[i]

    def _find_unit(self, i: int) -> Unit | None:
        """Look for the unit of the number at `i`; one of a rate (`mL/kg`) measures nothing and has the factor 0."""
        after = self._after_note(i + 1)
        unit = self._finder.unit_at(after) if after < len(self._words) else None
        if unit is not None and unit.end < len(self._words):
            length = self._finder.unit_at(unit.end)  # `2 CC cm`: the axis has the name of a unit
            unit = length if length is not None and length.canonical == "mm" else unit
        if unit is None:
            return None
        if self._words[i].isdecimal() and cast(Sense, unit.sense).one("decimalOnly"):
            return None
        following = self._words[unit.end : unit.end + 2]
        rate = len(following) == 2 and following[0] == "/" and following[1].isalpha() and following[1] not in SIDES
        return unit._replace(factor=0.0) if rate else unit

    def _after_note(self, j: int) -> int:
        """Return the index after a note in brackets at `j`, or `j`."""
        if self._words[j : j + 1] != ["("]:
            return j
        for k in range(j + 1, min(j + LONGEST_NOTE, len(self._words))):
            if self._words[k] == ")":
                return k + 1
        return j

    def _amount(self, numbers: list[Number], unit: Unit | None, form: Form, end: int) -> Amount:
        values = [n.value for n in numbers]
        if unit is not None and unit.canonical != "mm":
            values = [n.value if n.thousands is None else n.thousands for n in numbers]
        return Amount(
            values=tuple(values),
            unit=unit,
            form=form,
            start=numbers[0].start,
            stop=self._ends[end - 1],
            first=numbers[0].first,
            end=end,
            decimal=numbers[0].decimal,
            numbers=tuple(n.first for n in numbers),
        )

    # --- products -----------------------------------------------------------------------------------------------------

    def _product(self, first: Number) -> tuple[list[Amount], int] | None:
        """Read a product; one of more than three numbers is none, and is passed over."""
        numbers, units = [first], [self._unit_of(first.first)]
        while (following := self._next_factor(numbers[-1].first, units[-1])) is not None:
            numbers.append(following)
            units.append(self._unit_of(following.first))
        if len(numbers) == 1:
            return None
        end = units[-1].end if units[-1] is not None else numbers[-1].first + 1
        if len(numbers) > _MOST_FACTORS:
            return [], end
        return [self._joined(numbers, units, "product", end)], end

    def _joined(self, numbers: list[Number], units: list[Unit | None], form: Form, end: int) -> Amount:
        """Convert all numbers to the last unit; a number without a unit has the last one already."""
        unit = next((u for u in reversed(units) if u is not None), None)
        if unit is not None and form == "product" and unit.canonical != "mm":
            unit = self._finder.length_unit_of(unit) or unit._replace(factor=0.0)
        amount = self._amount(numbers, unit, form, end)
        if unit is None or not unit.factor:
            return amount
        scales = [own.factor / unit.factor if own and own.canonical == unit.canonical else 1.0 for own in units]
        return amount._replace(values=tuple(round(v * s, 6) for v, s in zip(amount.values, scales, strict=True)))

    def _next_factor(self, i: int, unit: Unit | None) -> Number | None:
        """Return the number after the number at `i` and a times sign, with units, notes and names of axes between."""
        words, known = self._words, self._finder.lexicon.measurement_root.following
        j = i + 1
        if unit is not None:
            j = unit.end
        elif j < len(words) and words[j][-1] == "x" and words[j][:-1] in known:  # `5mmx6mm`
            return self._number(j + 1) if self._digit(j + 1) else None
        j = self._after_note(j)
        j += self._is_word(j)
        if j >= len(words) or words[j] not in self._times:
            return None
        j += 1 + (len(words[j]) == 1 and self._is_word(j + 1))
        return self._number(j) if self._digit(j) else None

    def _is_word(self, j: int) -> bool:
        """Return whether a word, which may name an axis, is between a number and the times sign, or follows that."""
        return j < len(self._words) and self._words[j].isalpha() and self._words[j] not in self._times

    # --- ranges and lists ---------------------------------------------------------------------------------------------

    def _range(self, first: Number) -> Amount | None:
        i = first.first
        unit = self._unit_of(i)
        j = unit.end if unit is not None else i + 1
        second = self._after_range_sign(i, j, unit)
        if second is None:
            return None
        own = self._unit_of(second.first)
        if unit is None and _YEAR.fullmatch(self._words[i]):
            return None
        if own is None and second.decimal:
            return self._amount([first, second], unit, "range", second.first + 1)._replace(first_end=j)
        if own is None or (unit is not None and own.canonical != unit.canonical):
            return None
        return self._joined([first, second], [unit, own], "range", own.end)._replace(first_end=j)

    def _after_range_sign(self, i: int, j: int, unit: Unit | None) -> Number | None:
        """Return the number after the sign of a range, which may be a dash with blanks if the first number is an end.

        :param i: index of the first number.
        :param j: index after its unit.
        """
        words = self._words
        if j >= len(words):
            return None
        if self._digit(j):
            between = self._text[self._ends[j - 1] : self._starts[j]]
            return self._number(j) if between in _DASHES else None
        between_two = words[i - 1] == "between"
        spaced = words[j] in _DASHES and (unit is not None or self._is_introduced(i))
        if not (words[j] in self._range_words or between_two or spaced) or not self._digit(j + 1):
            return None
        return self._number(j + 1)

    def _is_introduced(self, i: int) -> bool:
        """Return whether the word before a number introduces a measurement (*of*, *measuring*, `:`)."""
        term = self._finder.terms.get(i - 1)
        if self._words[i - 1] == ",":
            return not self._digit(i - 2)
        return self._words[i - 1] in {":", "(", "=", *SIDES} or (
            term is not None
            and (term.is_true("measurementLink") or bool(term.one("termComparator") or term.one("termQuantity")))
        )

    def _list(self, first: Number) -> list[Amount]:
        """Read `3, 5 and 8 mm`, `R 3 L 5 mm` or `85/22 cm/s`: single amounts with the unit of the last, or nothing."""
        pair = self._words[first.first + 1 : first.first + 2] == ["/"]
        if not (pair or self._is_introduced(first.first)):
            return []
        numbers, j = [first], first.first + 1
        while len(numbers) < LONGEST_LIST:
            k, slash = j, self._words[j : j + 1] == ["/"]
            while k < min(len(self._words), j + LIST_GAP) and self._words[k] in _LIST_SIGNS:
                k += 1
            number = self._number(k) if k > j and self._digit(k) else None
            if number is None:
                return []
            numbers.append(number)
            unit = self._unit_of(k)
            if unit is not None:
                if self._next_factor(k, unit) is not None or (slash and unit.quantity != "velocity"):
                    return []
                heads = [self._amount([n], unit, "single", n.first + 1) for n in numbers[:-1]]
                return [*heads, self._amount([number], unit, "single", unit.end)]
            j = k + 1
        return []
