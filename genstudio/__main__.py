"""`python -m genstudio`: the command line, and without a command the window."""

import sys

from genstudio.cli import main

if __name__ == "__main__":
    sys.exit(main())
