"""Python processes that the tests start see the installed package, never the folders of the repository around them."""

from __future__ import annotations

import os

os.environ["PYTHONSAFEPATH"] = "1"
