"""Release of a data set: checks, layouts, data card and checksums."""
