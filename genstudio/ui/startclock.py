"""Telling a benchmark from outside when the window was painted and when everything behind it was ready."""

import os
import time
from pathlib import Path


def tell(moment: str) -> None:
    """Append a moment, the time of day and this process's processor seconds to the file that the benchmark named."""
    report = os.environ.get("GENSTUDIO_START_REPORT")
    if report:
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(f"{moment} {time.time()} {time.process_time()}\n")
