"""The tables, and how they are opened and queried."""
