"""What is loaded when the window is first painted: Qt and our own shell, and nothing that takes long."""

import json
import subprocess
import sys

SLOW = ("torch", "numpy", "pyqtgraph", "PIL", "pydantic", "pluggy", "sqlite3", "genstudio_vae", "genstudio.studio")
MOST_MODULES_OF_OURS = 60

PROGRAM = """
import json, sys
from genstudio.ui import app as program
application = program.make_app()
session = program.Session(application)
def painted():
    # `painted` is emitted in the turn of the event loop after the first paint, so nothing else has happened yet.
    print(json.dumps(sorted(sys.modules)))
    session.window.may_close()
    session.window.close()
    application.quit()
session.window.painted.disconnect()
session.window.painted.connect(painted)
session.window.show()
application.exec()
session.end()
"""


def test_that_nothing_slow_is_loaded_before_the_first_paint() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    loaded = set(json.loads(run.stdout.splitlines()[-1]))
    assert not loaded & set(SLOW)
    assert sum(name.startswith("genstudio.") for name in loaded) < MOST_MODULES_OF_OURS
