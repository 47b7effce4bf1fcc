# ruff: noqa: N818 (the base class says that they are errors, the names say what happened)
"""What can go wrong, each with the exit code that programs around us rely on.

EtlError
├── UsageError        2   the command line makes no sense
├── InputError        1   a log cannot be read as it is
│   └── NoData        4   there is nothing to measure
├── ChangedInput     75   a log changed while it was read; the next run takes it
├── Busy             75   another run holds the tables
├── MissingProgram   69   a needed program is not on this machine
└── LostLines         1   lines read are not lines accounted for
"""


class EtlError(Exception):
    """An expected failure: one message for the reader, one exit code for the caller.

    Args:
        message: what happened, and to which file.
        hint: the next thing to do, best a command.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  next: {self.hint}" if self.hint else self.message


class UsageError(EtlError):
    """The command line makes no sense."""

    exit_code = 2


class InputError(EtlError):
    """A log is missing, unreadable, cut short, or no log at all."""


class NoData(InputError):
    """Readable inputs without a single line."""

    exit_code = 4


class ChangedInput(EtlError):
    """A log was rotated, truncated or rewritten while it was read."""

    exit_code = 75


class Busy(EtlError):
    """Another run is writing these tables."""

    exit_code = 75


class MissingProgram(EtlError):
    """A needed program is not on this machine."""

    exit_code = 69


class LostLines(EtlError):
    """Lines read are not lines accepted plus lines rejected: never commit that."""
