"""What can go wrong in slokit.

SlokitError
|- ObjectiveError    an objective that cannot be met or missed, or no file of them
|- NoDataError       a question about a window without events
|- LogFormatError    a line in no known format
|- LogReadError      a log that cannot be read, or not to its end
`- WriteError        an answer that cannot be written, such as to a full disk
"""


class SlokitError(Exception):
    """Any error that slokit raises on purpose."""


class ObjectiveError(SlokitError, ValueError):
    """An objective that cannot be met or missed, or a file of them that cannot be read."""


class NoDataError(SlokitError):
    """A question about a window without events."""


class LogFormatError(SlokitError, ValueError):
    """A line in no known format.

    Attributes:
        reason: one of ``slokit.formats.REASONS``.
    """

    def __init__(self, reason: str, meaning: str) -> None:
        super().__init__(f"{reason}: {meaning}")
        self.reason = reason


class LogReadError(SlokitError, OSError):
    """A log that cannot be read, or not to its end. The text says what, why and what next."""


class WriteError(SlokitError, OSError):
    """An answer that cannot be written, such as to a full disk; nothing half-written is left."""
