"""The objective and its computation over several processes."""
