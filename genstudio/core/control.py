"""The only way down into a running job: wishes set by one thread, read between steps by another."""

import threading


class Control:
    """A person's wishes for one job. Every method may be called from any thread.

    `attended` says that somebody is there who can let a job go on that paused by itself.
    """

    def __init__(self, *, attended: bool = False) -> None:
        self.attended = attended
        self._changed = threading.Condition()
        self._pause = False
        self._stop = False
        self._preview = False
        self._save = False

    def pause(self) -> None:
        """Ask the job to wait after the current step."""
        self._set(pause=True)

    def resume(self) -> None:
        """Let a paused job go on."""
        self._set(pause=False)

    def stop(self) -> None:
        """Ask the job to finish the current step, save and end."""
        self._set(stop=True)

    def preview_now(self) -> None:
        """Ask for a preview between this step and the next."""
        self._set(preview=True)

    def save_now(self) -> None:
        """Ask for a checkpoint between this step and the next."""
        self._set(save=True)

    def nudge(self) -> None:
        """Wake a paused job so that it looks around (used when other work waits for its thread)."""
        with self._changed:
            self._changed.notify_all()

    @property
    def pausing(self) -> bool:
        """Whether the job should be waiting."""
        return self._pause and not self._stop

    @property
    def stopping(self) -> bool:
        """Whether the job should end."""
        return self._stop

    def take_preview(self) -> bool:
        """Return whether a preview was asked for, and forget the wish."""
        with self._changed:
            wished, self._preview = self._preview, False
            return wished

    def take_save(self) -> bool:
        """Return whether a checkpoint was asked for, and forget the wish."""
        with self._changed:
            wished, self._save = self._save, False
            return wished

    def wait(self, seconds: float) -> None:
        """Sleep until something changes, at most so long."""
        with self._changed:
            self._changed.wait(seconds)

    def _set(
        self,
        *,
        pause: bool | None = None,
        stop: bool = False,
        preview: bool = False,
        save: bool = False,
    ) -> None:
        with self._changed:
            if pause is not None:
                self._pause = pause
            self._stop |= stop
            self._preview |= preview
            self._save |= save
            self._changed.notify_all()
