"""Label similarities by several methods, and the soft prior of a batch."""
