"""Review of samples by persons: assignment, sheets, decisions, adjudication and agreement."""
