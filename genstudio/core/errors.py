"""Failures a person can act on.

Every message is one or two plain sentences: what happened, why, and what to do. The command line prints it as it
is, the window shows it as it is (always as plain text). Anything that is not a `GenStudioError` is a fault of ours.
"""


class GenStudioError(Exception):
    """A failure with a sentence for the person at the screen."""


class ConfigError(GenStudioError):
    """A hyper-parameter is missing, of the wrong kind or out of bounds.

    `fields` maps a field's name to the sentence shown beside it; the empty name stands for the whole form.
    """

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class DataError(GenStudioError):
    """A source could not be read, or nothing in it could be used."""


class DatasetGoneError(DataError):
    """A dataset's files vanished or changed since it was imported."""


class ProjectError(GenStudioError):
    """A project could not be opened, written or trusted."""


class ProjectClosedError(ProjectError):
    """A project was closed before it could answer: nobody in the window waits for the answer any more."""


class CheckpointError(GenStudioError):
    """A checkpoint is damaged, foreign, or does not fit the model."""


class PluginError(GenStudioError):
    """A plugin could not be loaded, or broke its contract."""


class FamilyError(GenStudioError):
    """A family cannot do what was asked of it (wrong kind of data, an ability it lacks)."""


class DeviceMemoryError(GenStudioError):
    """The device ran out of memory."""


class DiskFullError(GenStudioError):
    """There is no room left to write what has to be kept."""


class Cancelled(Exception):  # noqa: N818 - not a failure: the answer to a person's wish
    """Raised inside a job when its cancellation was asked for."""
