"""The command line: the same engine as the window, for people and programs without one."""

import sys
import traceback
from collections.abc import Sequence

from genstudio.cli.console import Answer, Console
from genstudio.core import paths
from genstudio.core.environment import before_torch
from genstudio.core.errors import Cancelled, ConfigError, GenStudioError

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 only on success, 2 for wrong usage."""
    from genstudio.cli.parser import make_parser

    before_torch()
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


def _fault(console: Console) -> int:
    """Keep what happened for a report; the person gets one sentence."""
    report = paths.logs() / "fault.txt"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(traceback.format_exc(), encoding="utf-8")
    return _complain(console, f"Something went wrong inside GenStudio; what it was is written in {report}.", FAILED)


def _complain(console: Console, sentence: str, code: int) -> int:
    console.finish_line()
    print("genstudio: " + " ".join(sentence.split()), file=sys.stderr)
    return code
