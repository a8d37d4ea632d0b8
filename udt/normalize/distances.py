"""Distances of the rules that belong to no kind of cue; those of cues are in the ontology (`ns:reach`).

Each has two tests: a text at the distance, and one beyond it.
"""

from __future__ import annotations

from typing import Final

#
# Words and sentences
#

# Fewest letters of a word that is matched by its parts: a negating prefix, a correction of spelling, a suffix.
SHORTEST_DERIVED: Final = 8
# Most words or letters of a name in a language without blanks.
LONGEST_DIVIDED: Final = 24
# Words after `hyper-` among which the word that completes it is looked up (*hyper- and partly hypoechoic*).
PREFIX_REACH: Final = 5
# Most words of a sentence; a longer one is split, so that the work for a sentence is bounded.
LONGEST_SENTENCE: Final = 256
# Most letters of a word before a full stop that may be an unknown abbreviation, if a small letter follows.
LONGEST_ABBREVIATION: Final = 4

#
# Headings and legends
#

# Words from the start of a sentence within which the heading of an item ends (`Right lobe of the liver: …`).
LONGEST_HEADING: Final = 5
# Words from the start of a line within which the heading of a section or of a modality ends.
LONGEST_TITLE: Final = 8
# Words of the heading of a modality within a line (`CT: …`).
LONGEST_INLINE_TITLE: Final = 2
# Characters before the key of a legend that are searched for the start of the line or the sign before the key.
KEY_INDENT: Final = 16
# Most words of a name that ends with a key.
LONGEST_NAME: Final = 8
# Most letters of a key that may open the text: `L: liver` is an entry, `LIVER: normal` a heading.
SHORT_KEY: Final = 3

#
# Modifiers and their heads
#

# Most words from a modifier to its head.
MODIFIER_REACH: Final = 9
# Most unmatched words between two neighbouring mentions of the phrase of a modifier and its head.
PHRASE_GAP: Final = 4
# The same after the head, which a copula or a phrase may separate from it, and the most mentions between them.
PHRASE_GAP_AFTER: Final = 8
MENTIONS_AFTER: Final = 8
# Most words between a head and a modifier that follows it without a copula.
DIRECT_GAP: Final = 1
# Most words of a sentence that consists of a modifier alone.
LONE_MODIFIER: Final = 2
# Most words and signs of a sentence that consists of a part of its topic and a modifier: *The tail is normal.*
LONE_PREDICATE: Final = 6
# Most words of a sentence that describes the lesion of an earlier one (*the other of 7 mm, cystic*).
LONGEST_DESCRIPTION: Final = 10

#
# Scopes
#

# Mentions after a cue before which a verb belongs to the cue's own phrase, not to a second clause.
SHORTEST_CLAUSE: Final = 2

#
# Between *none* and the size that it bounds
#

# The word, and the most words to a number after it: *none above 15 mm*, *none of them is larger than 15 mm*.
NONE: Final = "none"
NONE_TO_SIZE: Final = 6
# Signs after which a number is no size that the word bounds.
ENDS_OF_SIZE: Final = frozenset({";", ".", ",", "|", "\n"})

#
# Names and lists of them
#

# Most letters of a key that abbreviates the name of a finding by its first letter alone.
SHORT_SPELLED: Final = 2
# Most words of a name before those that it leaves out.
LONGEST_ELIDED: Final = 3
# Most words that are skipped before the number of a category.
CATEGORY_GAP: Final = 4
# Most words before a word that is a part of a place.
LONGEST_PLACE: Final = 4

#
# Tables
#

# Most words of a cell of a header.
LONGEST_HEADER: Final = 8
# Most words, with the full stop, of a cell that ends with one: `Vel.`.
LONGEST_ABBREVIATED: Final = 2
# Fewest letters of a header that is put before the number of a row: `Nodule`, not `No.`.
SHORTEST_NAME: Final = 4
# Most words of a line without numbers through which a title stays valid.
LONGEST_SUBTITLE: Final = 3
# Most words of a line with numbers whose unit is in a line above.
LONGEST_ROW: Final = 12

#
# Measurements
#

# Most words between two numbers of a list (`R 0.8, L 0.9 m/s`).
LIST_GAP: Final = 3
# Most numbers of a list before its unit (`3, 5 and 8 mm`).
LONGEST_LIST: Final = 6
# Most words of a note between brackets (`2.3 (AP) x 1.1 cm`), with the brackets.
LONGEST_NOTE: Final = 5
# Words that a walk from an amount visits at most.
LONGEST_WALK: Final = 24
# Unknown words between an instrument or a dose and its number.
NOT_MEASURED_REACH: Final = 3
# Most letters of a date.
LONGEST_DATE: Final = 10
# Most words from a unit of length to the name of the finding after it (*a 3 cm large anechoic cyst*).
LENGTH_REACH: Final = 6
# Most words between a preposition and a structure, and of a number with its unit before it (*22 mm at the diaphragm*).
POINT_GAP: Final = 1
NUMBER_AND_UNIT: Final = 2

#
# Findings and their structures
#

# Most unmatched words between two neighbouring mentions of one noun phrase.
NOUN_PHRASE_GAP: Final = 2
# Words before the name of a finding among which its number is (*3 large shadowing stones*).
COUNT_REACH: Final = 4
# Most words from *the*, *this* or *second* to the name of the finding.
ANAPHOR_REACH: Final = 2
# Most findings, the last ones, among which that of a definite name is looked for.
MOST_REFERRED: Final = 50
# Most words of the number of an item, which may begin with a letter.
LONGEST_ITEM_NUMBER: Final = 2
# Most mentions from *with* or *and* to what is beside the finding before it.
BESIDE_REACH: Final = 3
# Most words of an arrow before what a finding is called.
LONGEST_ARROW: Final = 2
# Most unmatched words and signs between a predicate that is a common word, or a phrase of such words, and its subject.
PREDICATE_GAP: Final = 3
PHRASE_PREDICATE_GAP: Final = 8
# Most words from a predicate to the structure after it (*suspicious left axillary node*), and from one to it.
BEFORE_STRUCTURE: Final = 3
AFTER_STRUCTURE: Final = 10
# Most words from the start of a sentence to a predicate of the structure in its heading.
PREDICATE_OPENING: Final = 6

#
# Structures, sides and positions
#

# Most words from a side to the structure or the finding after it (*the right mid polar kidney*).
SIDE_REACH: Final = 5
# Words of *left and right* before a structure.
LONGEST_PAIR: Final = 3
# Most position words before a structure (*mid*, *distal anterior*).
LONGEST_POSITION: Final = 2
# Most letters of an abbreviated position (*seg*), which is written in full.
LONGEST_SHORT_PLACE: Final = 3
# Most words of the name of a part.
LONGEST_PART: Final = 3
# Most words between *the* or *this* and a noun that takes up a structure (*the whole vein*).
TAKING_UP_REACH: Final = 1
# Words from the start of a sentence within which the colon of a heading is.
HEADING_REACH: Final = 5
# Most words between the word for the examination and its object: *ultrasound of the left wrist*, *wrist ultrasound*.
REACH_AFTER_EXAM: Final = 6
REACH_BEFORE_EXAM: Final = 1
# Most words between a structure and the compartment that it lies in, within a sentence.
COMPARTMENT_REACH: Final = 8
# Most candidates of other sentences, before and after a structure, that are tried as its compartment.
COMPARTMENT_CANDIDATES: Final = 16
