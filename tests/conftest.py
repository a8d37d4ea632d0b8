"""Python processes that the tests start see the installed package, never the folders of the repository around them."""

from __future__ import annotations

import os

os.environ["PYTHONSAFEPATH"] = "1"
# Tests run side by side; threads of torch in each would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
