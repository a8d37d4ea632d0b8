"""The counts of one report, by what they are about."""
