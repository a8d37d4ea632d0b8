"""Graphs of labels: of one sample for training, of a corpus for insight, and drawings of both."""
