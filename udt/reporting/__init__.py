"""Render charts, HTML pages and terminal text."""
