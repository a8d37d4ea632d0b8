"""The words around an amount: quantity, comparator, role, and the examination that gave it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast

from udt.core.report import Comparator, Quantity, Role
from udt.normalize.distances import LONGEST_DATE, LONGEST_WALK, NOT_MEASURED_REACH
from udt.normalize.match.measurements.amounts import DIGITS, Amount
from udt.normalize.match.measurements.words import SIDES, Term, Unit, WordFinder, quantity_name

_STOPS: Final = frozenset({";", "!", "?", "。", "•", "|"})
_OPENING: Final = frozenset({"(", "["})
_BRACKETS: Final = frozenset("()[]")
_LINK_SIGNS: Final = frozenset({":", "=", "-", "+"})
# Signs at which the walk after an amount ends.
_ENDS: Final = _STOPS | _LINK_SIGNS | {".", ",", "\n"}
_JOINTS: Final = frozenset({",", ":", "and", "&", "/", "(", ")", ";", "on", "the"})
# Words and signs before the verb of an earlier value, which name no new noun: *12 mm; it was 9 mm*.
_TAKING_UP: Final = frozenset({",", ";", "(", "and", "which", "it", "this", "these", "that", "they", "-"})
_DATE: Final = re.compile(
    r"(?<![0-9.,])(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})|(?:19|20)[0-9]{2}(?:[/-][0-9]{1,2}){0,2}"
    r"|[0-9]{1,2}/(?:19|20)[0-9]{2})(?![0-9]|[.,][0-9])"
)
_DATE_AT_END: Final = re.compile(rf"{_DATE.pattern}\Z")
_DAY: Final = re.compile(r"[0-9]{1,2}|(?:19|20)[0-9]{2}")
_COMPATIBLE: Final[dict[str | None, frozenset[str]]] = {
    "mm": frozenset({"size", "length", "thickness", "diameter", "distance", "depth"}),
    "mm2": frozenset({"area"}),
    "mL": frozenset({"volume"}),
    "cm/s": frozenset({"velocity", "stiffness"}),
    "kPa": frozenset({"stiffness", "pressure"}),
    "mm[Hg]": frozenset({"pressure"}),
    "%": frozenset({"fraction"}),
    "1": frozenset({"index", "count"}),
    "deg": frozenset({"angle"}),
    "s": frozenset({"time"}),
    "mL/min": frozenset({"flow"}),
}


@dataclass(slots=True)
class NumberContext:
    """Statements of the words around one amount.

    :ivar quantity: the quantity that they state, or None.
    :ivar term: the term that states the quantity, or None.
    :ivar bare_unit: UCUM unit of a number without one, which the term of the quantity gives, or None.
    :ivar firm: whether nothing but links lies between the term of the quantity and the amount.
    :ivar borrows: whether an amount without a unit has that of the amount before it.
    :ivar role_term: the term that states the role, or None.
    :ivar weak: whether the role rests on a verb alone (*was 12 mm*).
    :ivar changed: whether the clause speaks of a change before the amount.
    :ivar from_change: whether *from* precedes the amount.
    :ivar dropped: whether it measures no finding.
    :ivar by: whether *by* precedes the amount, which is a difference after a change.
    :ivar end: exclusive end index of the words that belong to it, at least as far as its date.
    """

    quantity: Quantity | None = None
    term: Term | None = None
    name: str | None = None
    bare_unit: str | None = None
    firm: bool = False
    comparator: Comparator | None = None
    role: Role | None = None
    role_term: Term | None = None
    weak: bool = False
    examination: tuple[int, int] | None = None
    changed: bool = False
    from_change: bool = False
    dropped: bool = False
    by: bool = False
    end: int = 0


class ContextReader:
    """Reads the words around the amounts of one text."""

    def __init__(self, finder: WordFinder) -> None:
        self._text = finder.text
        self._words, self._starts, self._ends = finder.tokens.words, finder.tokens.starts, finder.tokens.ends
        self._terms, self._unit_after = finder.terms, finder.unit_after
        self._abbreviations = finder.lexicon.abbreviations

    def read(self, amount: Amount, unit: Unit | None, left: int, header: range | None) -> NumberContext:
        """Read the context of an amount.

        :param unit: its unit, or that of the header of its column, or None.
        :param left: index of the first word that may belong to it.
        :param header: the words of the header of its column, or None.
        """
        context = NumberContext()
        lengths = amount.form == "product"
        canonical = unit.canonical if unit is not None else None
        self._before(amount, context, canonical, left)
        if header is not None:
            self._in_header(header, context, canonical)
        self._after(amount, context, canonical)
        if lengths and context.quantity in {"length", "thickness", "diameter"}:
            context.quantity = "size"
        if unit is not None:
            height = self._height_limit(amount, left)
            if height is not None and amount.values[-1] * unit.factor > height:
                context.dropped = True
        return context

    # --- before ------------------------------------------------------------------------------------------------------

    def _before(self, amount: Amount, context: NumberContext, canonical: str | None, left: int) -> None:
        """Walk from the amount to the left: first through links, comparators and roles, then to the noun measured."""
        j, firm, gap, comma, bound = amount.first - 1, True, 0, False, amount.form == "range"
        context.by = self._words[j] == "by"
        limit = max(left, amount.first - LONGEST_WALK)
        while j >= limit:
            word, term = self._words[j], self._terms.get(j)
            if term is None and self._stops_before(j):
                return
            if term is not None:
                if term.is_true("phraseBreak"):
                    comma, firm = True, False
                bound = bound or bool(term.one("termComparator")) or self._words[term.first - 1] in _OPENING
                self._term_before(term, context, canonical, firm, comma, bound, gap)
                j = term.first - 1
                continue
            if self.is_day(j):
                pass
            elif word[0] in DIGITS:
                date = self._date_ending(j)
                if date is None or not firm:
                    firm, gap = False, gap + 1
                else:
                    self._extend(context, date, self._ends[j])
                    context.role = context.role or "previous"
                    while self._starts[j] > date:
                        j -= 1
            elif word in _OPENING:
                bound = False
            elif word == ",":
                firm, comma = False, True
            elif word not in SIDES and word not in _LINK_SIGNS:
                firm, gap = False, gap + 1
            j -= 1

    def _stops_before(self, j: int) -> bool:
        word = self._words[j]
        if word == "\n":
            return (j - 1) not in self._terms
        if word == ".":
            return self._words[j - 1] not in self._abbreviations
        return word in _STOPS

    def _term_before(
        self, term: Term, context: NumberContext, canonical: str | None, firm: bool, comma: bool, bound: bool, gap: int
    ) -> None:
        """Apply a term before the amount.

        :param firm: whether only links lie between.
        :param comma: whether a comma or conjunction lies between.
        :param bound: whether the amount has a comparator, is a range, or is in brackets with the term.
        :param gap: number of unknown words between.
        """
        context.changed = context.changed or term.is_true("changeTerm")
        if term.sense.role == "Backward" and not term.is_true("changedFrom"):
            return
        if term.is_true("notMeasured"):
            if firm if term.is_true("adjacentOnly") else gap <= NOT_MEASURED_REACH and not comma:
                context.dropped = True
            return
        if firm:
            self._firm_before(term, context, bound)
        if term.sense.role != "Backward":
            self._quantity(term, context, canonical, firm, comma)

    def _firm_before(self, term: Term, context: NumberContext, bound: bool) -> None:
        """Apply the comparator, role or date of a term that only links separate from the amount after it."""
        comparator = term.one("termComparator")
        if term.first == 0 or self._stops_before(term.first - 1):
            comparator = term.one("comparatorAtStart") or comparator
        context.comparator = context.comparator or cast(Comparator | None, comparator)
        if term.is_true("changedFrom"):
            context.from_change = True
        role = term.one("measurementRole")
        if role is not None and context.role is None and (bound or not term.is_true("boundOnly")):
            context.role, context.role_term, context.weak = cast(Role, role), term, term.is_true("weak")
        if term.is_true("namesExamination") and (not term.is_true("datedOnly") or self._is_dated(term)):
            self._extend(context, self._starts[term.first], self._ends[term.end - 1 + self.is_day(term.end)])
            context.role = context.role or "previous"

    def _quantity(self, term: Term, context: NumberContext, canonical: str | None, firm: bool, comma: bool) -> None:
        """Take over the quantity of a term if the unit fits and no nearer term has stated one."""
        quantity, bare = quantity_name(term.one("termQuantity")), term.one("bareUnit")
        if context.quantity is not None or comma or (not firm and term.is_true("adjacentOnly")):
            return
        if quantity in _COMPATIBLE.get(canonical or bare, ()):
            context.quantity, context.name = cast(Quantity, quantity), term.one("termName")
            context.term, context.bare_unit, context.firm = term, bare, firm

    def _in_header(self, header: range, context: NumberContext, canonical: str | None) -> None:
        for term in [self._terms[j] for j in header if j in self._terms]:
            if role := term.one("measurementRole"):
                context.role = cast(Role, role)
            self._quantity(term, context, canonical, firm=True, comma=False)

    # --- after -------------------------------------------------------------------------------------------------------

    def _after(self, amount: Amount, context: NumberContext, canonical: str | None) -> None:
        """Walk from the amount to the right, to the next amount or the end of the clause."""
        j, firm, past = amount.end, True, False
        limit = min(len(self._words), amount.end + LONGEST_WALK)
        while j < limit:
            word, term = self._words[j], self._terms.get(j)
            if term is not None:
                if firm:
                    firm = self._term_after(term, context, canonical, amount.end)
                elif past and term.one("measurementRole") == "previous" and not self._precedes_number(term.end):
                    if term.is_true("namesExamination"):
                        self._date(term, context, amount.end)
                    context.role = "previous"
                    return
                past = past or term.is_true("pastTense")
                if term.is_true("phraseBreak") or term.is_true("changeTerm"):
                    return
                j = max(term.end, context.end)
                continue
            if word[0] in DIGITS:
                date = _DATE.match(self._text, self._starts[j]) if firm else None
                if self._counts_time(j):
                    j += 1
                    continue
                if date is None or self._introduces_number(date.end(), j):
                    return
                self._extend(context, date.start(), date.end())
                context.role = context.role or "previous"
                while j < limit and self._starts[j] < date.end():
                    j += 1
                context.end = j
                continue
            if word in _ENDS:
                return
            firm = firm and word in _BRACKETS
            j += 1

    def _term_after(self, term: Term, context: NumberContext, canonical: str | None, end: int) -> bool:
        """Apply a term that only links separate from the amount before it; return whether the walk goes on so."""
        if term.is_true("measurementLink"):
            return True
        backward = term.sense.role == "Backward"
        if term.is_true("differenceAfter") and not self._precedes_number(term.end):
            context.dropped = True
        if term.sense.role == "Forward":
            return False
        own = backward or term.is_true("postposed")
        context.end = max(context.end, term.end if own and not backward else 0)
        if (not own or term.is_true("changedFrom")) and self._precedes_number(term.end) and not self.is_day(term.end):
            return False
        if term.is_true("notMeasured"):
            context.dropped = True
            return False
        context.comparator = context.comparator or cast(Comparator | None, term.one("termComparator"))
        role = term.one("measurementRole")
        if term.is_true("namesExamination"):
            if term.is_true("datedOnly") and not self._is_dated(term):
                return False
            self._date(term, context, end)
        elif role is not None:
            context.role, context.role_term, context.weak = cast(Role, role), term, False
        self._quantity_after(term, context, canonical, own, end)
        return True

    def _quantity_after(
        self, term: Term, context: NumberContext, canonical: str | None, backward: bool, end: int
    ) -> None:
        quantity = quantity_name(term.one("termQuantity"))
        if term.is_true("atPhraseEnd") and not self._ends_phrase(term.end):
            return
        if term.is_true("adjacentOnly") and term.first != end:
            return
        takes_over = not context.firm or (backward and quantity != "distance")
        if takes_over and quantity in _COMPATIBLE.get(canonical, ()):
            context.quantity, context.name = cast(Quantity, quantity), term.one("termName")
            context.term, context.firm = term, True

    def _date(self, term: Term, context: NumberContext, end: int) -> None:
        """Apply the name of an examination or a date after the amount that ends at `end`, with the number beside it."""
        first = term.first - (self._words[term.first - 1][0] in DIGITS and term.first > end)
        last = term.end + self.is_day(term.end)
        self._extend(context, self._starts[first], self._ends[last - 1])
        context.role, context.end = context.role or "previous", last

    def _precedes_number(self, j: int) -> bool:
        """Return whether an amount follows at `j` after links: what precedes it belongs to that amount."""
        while j < len(self._words):
            term = self._terms.get(j)
            if term is not None and (term.is_true("measurementLink") or term.one("termComparator")):
                j = term.end
            elif self._words[j] in _LINK_SIGNS or self._words[j] in _OPENING:
                j += 1
            else:
                break
        number = j < len(self._words) and self._words[j][0] in DIGITS
        return number and _DATE.match(self._text, self._starts[j]) is None

    def _introduces_number(self, offset: int, j: int) -> bool:
        """Return whether a colon and a number follow a date that starts with the word `j` and ends at `offset`."""
        while j < len(self._words) and self._starts[j] < offset:
            j += 1
        return self._words[j : j + 1] == [":"] and self._precedes_number(j)

    def _ends_phrase(self, j: int) -> bool:
        if j >= len(self._words):
            return True
        return not self._words[j][0].isalpha() or j in self._terms

    # --- dates -------------------------------------------------------------------------------------------------------

    def _is_dated(self, term: Term) -> bool:
        """Return whether a month or season has a preposition before it, or a number beside it."""
        before = self._words[term.first - 1] if term.first else ""
        after = self._words[term.end] if term.end < len(self._words) else ""
        return before in {"in", "of", "the", "last"} or before[:1].isdigit() or after[:4].isdigit()

    def _counts_time(self, j: int) -> bool:
        """Return whether the number is a day before a month (`4 May`) or counts the time that has passed."""
        term = self._terms.get(j + 1)
        return term is not None and term.is_true("namesExamination")

    def is_day(self, j: int) -> bool:
        """Return whether the word is a day or year after the name of a month: *January 4*, *May 2021*."""
        month = self._terms.get(j - 1)
        if month is None or not month.is_true("datedOnly") or j == len(self._words):
            return False
        return _DAY.fullmatch(self._words[j]) is not None and self._unit_after(j) is None

    def _date_ending(self, j: int) -> int | None:
        """Return the start offset of the date that ends with the word `j`, or None."""
        end = self._ends[j]
        match = _DATE_AT_END.search(self._text, max(0, end - LONGEST_DATE), end)
        return match.start() if match else None

    def _extend(self, context: NumberContext, start: int, end: int) -> None:
        before = context.examination
        context.examination = (start, end) if before is None else (min(start, before[0]), max(end, before[1]))

    def _height_limit(self, amount: Amount, left: int) -> float | None:
        """Return the length in mm above which a height is that of a person, if a word for height is beside it."""
        beside = (*range(max(left, amount.first - 4), amount.first), amount.end)
        limits = [self._terms[j].one("notMeasuredAbove") for j in beside if j in self._terms]
        return next((float(limit) for limit in limits if limit is not None), None)

    # --- neighbours --------------------------------------------------------------------------------------------------

    def continues(self, before: Amount, amount: Amount) -> bool:
        """Return whether only joints and sides lie between two amounts, so that both measure the same: `R 14, L 17`."""
        between = self._words[before.end : amount.first]
        return all(word in _JOINTS or word in SIDES for word in between)

    def same_sentence(self, before: Amount, amount: Amount) -> bool:
        """Return whether no sentence ends between two amounts."""
        between = range(before.end, amount.first)
        return len(between) <= LONGEST_WALK and not any(
            j not in self._terms and self._words[j] != ";" and self._stops_before(j) for j in between
        )

    def takes_up(self, context: NumberContext) -> bool:
        """Return whether the verb before an amount has no noun of its own (`, was 12 mm`; `and was 12 mm`)."""
        return self._words[cast(Term, context.role_term).first - 1] in _TAKING_UP

    def other_side(self, before: Amount, amount: Amount) -> bool:
        """Return whether a side is beside the amount, and only joints lie before it: `right 10.2 cm, left 9.8`."""
        sided = self._words[amount.first - 1] in SIDES or (
            not SIDES.isdisjoint(self._words[amount.end : amount.end + 1]) and self._ends_phrase(amount.end + 1)
        )
        return sided and self.continues(before, amount)

    def stands_alone(self, amount: Amount) -> bool:
        """Return whether a number without a unit is followed by the end of a phrase, and by no noun."""
        after = self._words[amount.end : amount.end + 1]
        return (self._ends_phrase(amount.end) or after[0] in SIDES) and after not in ([":"], ["/"], ["%"])
