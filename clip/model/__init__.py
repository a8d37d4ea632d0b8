"""The dual encoder: towers, graph transformer, fusion and processor."""
