"""The taxonomy in other formats."""
