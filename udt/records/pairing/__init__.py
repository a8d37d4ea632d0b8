"""Composite figures: their panels, the segments of their captions, and samples of both."""
