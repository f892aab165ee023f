"""What has to be set in the environment before torch is loaded."""

import os
import sys


def before_torch() -> None:
    """Prepare the process for torch; entry points call this first. What a person has set already is kept.

    libgomp's threads spin while they wait; when anything else runs on the machine (a window, say), that costs
    training an order of magnitude. A short spin costs nothing.
    """
    if sys.platform.startswith("linux"):
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
