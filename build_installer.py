"""Make the installer for this machine: freeze the studio, have the frozen program work, and pack it.

    python build_installer.py                 everything this platform can make, into dist/
    python build_installer.py --only freeze   up to the program's folder, which is build/program/genstudio

Nothing has to be installed first but Python; the build has an environment of its own, made from a lock with hashes
(resources/installer/locks). A CPU or a CUDA program is made by which torch that lock holds.
"""

import argparse
import sys
import time

from resources.installer import environment, freeze, packages, smoke
from resources.installer.words import BuildError, megabytes, say

STEPS = ("freeze", "check", "pack")


def main() -> int:
    """Run the steps up to the one that is asked for; 0 only when every one of them succeeded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", choices=("cpu", "cuda"), default="cpu", help="which lock to build from")
    parser.add_argument("--only", choices=STEPS, help="do one step alone, with what the earlier ones left")
    arguments = parser.parse_args()
    steps = (arguments.only,) if arguments.only else STEPS
    begun = time.monotonic()
    try:
        for step in steps:
            _do(step, arguments.variant)
    except BuildError as error:
        print(f"build_installer: {error}", file=sys.stderr)
        return 1
    say(f"done in {time.monotonic() - begun:.0f} s")
    return 0


def _do(step: str, variant: str) -> None:
    if step == "freeze":
        python = environment.prepare(variant)
        program = freeze.freeze(python, variant)
        say(f"the program's folder holds {megabytes(program)} ({variant}): {program}")
    elif step == "check":
        smoke.check(freeze.executable(freeze.PROGRAM))
    else:
        for product in packages.make(freeze.PROGRAM, variant):
            say(f"{product.stat().st_size / 1e6:7.1f} MB  {product}")


if __name__ == "__main__":
    sys.exit(main())
