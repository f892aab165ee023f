"""`genstudio selftest`: let this installation prove that it works."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from genstudio.cli.console import Answer, Console
from genstudio.cli.window import check_display
from genstudio.core.errors import ConfigError


def run(arguments: argparse.Namespace, console: Console) -> Answer:
    """Open the window on a folder of its own and do the whole work once; the exit code says whether all went well.

    Settings, plugins and projects of the person stay as they are, unless GENSTUDIO_HOME names the place to try.
    """
    check_display()
    with tempfile.TemporaryDirectory(prefix="genstudio-selftest-") as temporary:
        folder = arguments.folder or Path(temporary)
        if folder.exists() and any(folder.iterdir()):
            raise ConfigError(f"The folder {folder} is not empty. Name one that is, or leave it out.")
        os.environ.setdefault("GENSTUDIO_HOME", str(folder / "home"))
        from genstudio.ui.selftest import prove

        proofs = prove(folder.absolute(), console.say)
    failed = [proof.name for proof in proofs if not proof.passed]
    document = {
        "passed": not failed,
        "frozen": bool(getattr(sys, "frozen", False)),
        "proofs": [vars(proof) for proof in proofs],
    }
    text = f"{len(proofs) - len(failed)} of {len(proofs)} passed." + "".join(f"\nFAILED: {name}" for name in failed)
    return Answer(text, document, exit_code=1 if failed else 0)
