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
# Most letters of a key before a colon; a longer word is a heading.
LONGEST_KEY: Final = 6
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
# Mentions after a comma among which the *and* or *or* of a list is looked for.
LIST_REACH: Final = 5
#
# Between *none* and the size that it bounds
#

# The word, and the most words to a number after it: *none above 15 mm*, *none of them is larger than 15 mm*.
NONE: Final = "none"
NONE_TO_SIZE: Final = 6
# Signs after which a number is no size that the word bounds.
ENDS_OF_SIZE: Final = frozenset({";", ".", ",", "|", "\n"})
#
# Headings
#

# Most words of the number of an item in its heading, which a noun or letter may precede: `Nodule 1:`, `N2:`.
LONGEST_NUMBER: Final = 2
