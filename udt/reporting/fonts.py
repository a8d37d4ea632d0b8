"""Fonts of pages and drawings."""

FONTS = ("DejaVu Sans", "Verdana", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif")
"""Families with Latin and with Chinese letters, first choice first."""
