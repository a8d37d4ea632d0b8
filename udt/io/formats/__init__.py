"""Formats of reports, one module each: bytes to text, or a stream to several texts."""
