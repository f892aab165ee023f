"""Write down every package of the build with its version and hash.

Run: python -m resources.installer.lock

pip resolves what pyproject.toml asks for, with the torch that this machine's pip finds for the pinned version, and
says what it would install; nothing is installed. The answer becomes `locks/<machine>.txt`, from which the
build is made with `--require-hashes`. A lock is good for one operating system, one Python and one kind of torch.
"""

import json
import platform
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TORCH = "2.13.0"
TOOLS = ("pyinstaller>=6.16,<7", "hatchling>=1.26", "pip>=25")


def machine() -> str:
    """Name this operating system, processor and Python, such as linux-x86_64-cp311."""
    system = sysconfig.get_platform().replace("-", "_").split("_")[0]
    return f"{system}-{platform.machine().lower()}-cp{sys.version_info.major}{sys.version_info.minor}"


def lock_file(variant: str) -> Path:
    """Where the lock of this machine lies, for a `cpu` or a `cuda` build."""
    return Path(__file__).parent / "locks" / f"{machine()}-{variant}.txt"


def resolve() -> list[dict[str, Any]]:
    """Let pip say what it would install for the program and the build's tools."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--only-binary", ":all:", "--report", str(report), f"torch=={TORCH}", *wanted, *TOOLS]
        subprocess.run(command, check=True)
        found: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["install"]
        return found


def lines(packages: list[dict[str, Any]]) -> list[str]:
    """One requirement a package, with the hash of the file that pip chose, sorted by name."""
    found = []
    for package in packages:
        hashes = package["download_info"]["archive_info"]["hashes"]
        about = package["metadata"]
        found.append(f"{about['name'].lower().replace('_', '-')}=={about['version']} --hash=sha256:{hashes['sha256']}")
    return sorted(found)


def variant_of(packages: list[dict[str, Any]]) -> str:
    """Say `cpu` or `cuda`: a torch with CUDA brings the libraries of its maker as packages of their own."""
    return "cuda" if any(package["metadata"]["name"].startswith("nvidia-") for package in packages) else "cpu"


def main() -> int:
    """Write the lock of this machine."""
    packages = resolve()
    file = lock_file(variant_of(packages))
    file.parent.mkdir(exist_ok=True)
    head = "# Made by `python -m resources.installer.lock`; the build takes these files and no others."
    file.write_text("\n".join([head, *lines(packages), ""]), "utf-8")
    print(f"{len(packages)} packages written to {file.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
