"""The graph of the taxonomy for similarity: the values of a dimension, and all that is above them."""
