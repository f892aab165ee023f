"""The command line: the same engine as the window, for people and programs without one."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.core import paths
from genstudio.core.environment import before_torch
from genstudio.core.errors import Cancelled, ConfigError, GenStudioError

if TYPE_CHECKING:
    from genstudio.cli.console import Answer, Console

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 only on success, 2 for wrong usage."""
    before_torch()
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (len(words) == 1 and _is_project(words[0])):
        return _only_window(*words)
    from genstudio.cli.console import Console
    from genstudio.cli.parser import make_parser

    arguments = make_parser().parse_args(argv)
    console = Console(json=arguments.json)
    try:
        answer: Answer | None = arguments.run(arguments, console)
    except ConfigError as error:
        return _complain(console, str(error), WRONG_USAGE)
    except GenStudioError as error:
        return _complain(console, str(error), FAILED)
    except (Cancelled, KeyboardInterrupt):
        return _complain(console, "Interrupted; everything finished until now is kept.", INTERRUPTED)
    except Exception:
        return _fault(console)
    if answer is None:
        return 0
    console.answer(answer)
    return answer.exit_code


def _is_project(word: str) -> bool:
    """Whether a word is a project that somebody opened in a file manager; commands come first."""
    path = Path(word)
    return path.suffix == ".gsproj" or (path.is_absolute() and (path / "project.gsproj").is_file())


def _only_window(project: str = "") -> int:
    """Open the window without what the commands need: half a second more would pass before its first paint."""
    from genstudio.cli.window import open_window

    try:
        return open_window(Path(project) if project else None)
    except GenStudioError as error:
        print(f"genstudio: {error}", file=sys.stderr)
        return FAILED


def _fault(console: "Console") -> int:
    """Keep what happened for a report; the person gets one sentence."""
    report = paths.logs() / "fault.txt"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(traceback.format_exc(), encoding="utf-8")
    return _complain(console, f"Something went wrong inside GenStudio; what it was is written in {report}.", FAILED)


def _complain(console: "Console", sentence: str, code: int) -> int:
    console.finish_line()
    print("genstudio: " + " ".join(sentence.split()), file=sys.stderr)
    return code
