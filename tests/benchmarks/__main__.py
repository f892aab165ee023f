"""Run every benchmark one after the other and keep the figures: `make bench`."""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run the benchmarks (or those named) in fresh processes; returns 1 when any of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks without “bench_”, such as views (default: all)")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="where the JSON files go")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    scripts = [HERE / f"bench_{name}.py" for name in arguments.names] or sorted(HERE.glob("bench_*.py"))
    return max(_run(script, arguments.out / f"{script.stem}.json") for script in scripts)


def _run(script: Path, figures: Path) -> int:
    print(f"\n== {script.stem}", flush=True)
    command = [sys.executable, "-m", f"tests.benchmarks.{script.stem}", "--json", str(figures)]
    return int(subprocess.run(command, check=False).returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
