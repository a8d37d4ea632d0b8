"""How alike labels are, by several methods, and the soft targets that follow for a batch of samples.

`SimilaritySet` and `prior` need NumPy and safetensors alone; the methods that make a set load what they need.
"""

from udt.similarity.matrices import FILE_NAME, Provenance, SimilaritySet
from udt.similarity.prior import PriorTables, prior, shared_tasks

__all__ = ["FILE_NAME", "PriorTables", "Provenance", "SimilaritySet", "prior", "shared_tasks"]
