"""Starting several processes as torchrun would, and reading what they wrote."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from torch import Tensor

from genstudio.training.tensorfile import decode

RANKS = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_ranks(module: str, folder: Path) -> Path:
    """Run a module in every process, and wait: starting them costs more than training."""
    shared = {**os.environ, "WORLD_SIZE": str(RANKS), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    command = [sys.executable, "-m", module, str(folder)]
    processes = [subprocess.Popen(command, env={**shared, "RANK": str(rank)}) for rank in range(RANKS)]
    try:
        assert [process.wait(60) for process in processes] == [0] * RANKS
    finally:
        for process in processes:
            process.kill()
    return folder


def outcomes(case: str, folder: Path) -> list[tuple[dict[str, Any], dict[str, Tensor]]]:
    """What each process said of a case, and the state it ended with."""
    return [
        (
            json.loads((folder / f"{case}-{rank}.json").read_text()),
            decode((folder / f"{case}-{rank}.safetensors").read_bytes())[1],
        )
        for rank in range(RANKS)
    ]
