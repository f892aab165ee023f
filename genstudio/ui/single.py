"""One window per person: a second start hands its project to the window that is there, and ends.

The two meet at a local socket (a named pipe on Windows) that only the same person may open. Its name comes from where
that person's settings lie, so that separate settings mean separate windows. Qt's network library is loaded after the
first paint, and before it only when somebody may be listening.
"""

import json
import logging
import os
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from genstudio.core import paths

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalSocket

_PATIENCE_MS = 500
_LONGEST = 32_768  # bytes of a message; nobody has a longer path
_log = logging.getLogger(__name__)


def address() -> str:
    """Where the one window of this person listens: a socket's path, or a pipe's name on Windows.

    The socket lies where nobody else can put one: in the session's own folder, or beside the settings.
    """
    settings = paths.settings_file()
    name = f"genstudio-{zlib.crc32(str(settings).encode()):08x}"
    if sys.platform == "win32":
        return name
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    return str((Path(session) if session and Path(session).is_dir() else settings.parent) / name)


def hand_over(project: Path | None) -> bool:
    """Ask the window that is there to come forward, with this project; False when there is none that answers."""
    if sys.platform != "win32" and not Path(address()).exists():
        return False
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(address())
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    wish = {"open": str(project.absolute()) if project is not None else ""}
    socket.write(json.dumps(wish).encode() + b"\n")
    answered = socket.waitForReadyRead(4 * _PATIENCE_MS) and bytes(socket.readLine().data()) == b"ok\n"
    socket.disconnectFromServer()
    return answered


class Doorbell(QObject):
    """Listens for second starts. `rung` brings the project to open, or an empty text."""

    rung = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def listen(self) -> bool:
        """Begin to listen; a socket that a killed window left is taken over. False when that is not possible."""
        from PySide6.QtNetwork import QLocalServer

        if is_taken():
            return False
        paths.settings_file().parent.mkdir(parents=True, exist_ok=True)
        QLocalServer.removeServer(address())
        heard = self._server.listen(address())
        if not heard:
            _log.info("Second starts will not be noticed: %s", self._server.errorString())
        return heard

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._server.close()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda caller=socket: self._hear(caller))
            socket.disconnected.connect(socket.deleteLater)
            if socket.canReadLine():
                self._hear(socket)

    def _hear(self, socket: "QLocalSocket") -> None:
        if socket.bytesAvailable() > _LONGEST:
            socket.abort()
        elif socket.canReadLine():
            wish = _wish(bytes(socket.readLine().data()))
            if wish is None:
                socket.abort()
                return
            socket.write(b"ok\n")
            socket.flush()
            self.rung.emit(wish)


def is_taken() -> bool:
    """Whether somebody listens already, without asking for anything."""
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(address())
    there = socket.waitForConnected(_PATIENCE_MS)
    socket.abort()
    return there


def _wish(line: bytes) -> str | None:
    try:
        wish = json.loads(line)
    except ValueError:
        return None
    path = wish.get("open") if isinstance(wish, dict) else None
    return path if isinstance(path, str) else None
