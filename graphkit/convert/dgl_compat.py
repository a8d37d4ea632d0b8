"""Import DGL 1.1.3, the last release on PyPI that imports beside a current torch.

Use `from udt.graphkit.convert.dgl_compat import dgl` and nothing else.

DGL takes its version parser from `packaging`, which it does not declare, or else from `setuptools.extern.packaging`,
which setuptools no longer has. So `packaging` is a dependency of the extra `dgl`; importing it here first turns an
error about setuptools into one that names what is missing. Where no backend is chosen, DGL prints a notice and writes a
file into the home folder; choosing torch, the only one that we use, keeps it quiet.
"""

from __future__ import annotations

import os

from udt.core.errors import UdtError

os.environ.setdefault("DGLBACKEND", "pytorch")

try:
    import packaging.version  # noqa: F401  # isort: skip
    import dgl
except ImportError as error:
    hint = "install it with: pip install 'udt-toolkit[dgl]'; the dense arrays of udt.graphkit.convert.dense need no DGL"
    raise UdtError(f"DGL graphs need DGL 1.1.3, which cannot be imported here ({error}); {hint}") from error

__all__ = ["dgl"]
