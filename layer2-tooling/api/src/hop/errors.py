"""What can go wrong in hop.

HopError
|- InvalidLink     a target, alias, expiry or cursor that hop does not take
|- LinkNotFound    no such link
|- LinkExpired     the link was there and its time is over
|- AliasTaken      somebody has that alias
|- KeyReused       an idempotency key that came with another request
|- Unavailable     the database does not answer; try later
|- SettingsError   a setting that cannot work (exit 2)
|- UnsafeError     a setting that would be dangerous (exit 77)
|- MigrationError  a migration that the database refused (exit 1)
|- BusyError       an address that another process has (exit 75)
`- ClickFileError  a clicks file that is not loaded (exit 1)
"""

from __future__ import annotations


class HopError(Exception):
    """Any error that hop raises on purpose.

    Attributes:
        code: names the kind of problem to programs: the end of ``type`` in RFC 9457.
        exit_code: what the ``hop`` command answers.
    """

    code = "internal"
    exit_code = 1


class InvalidLink(HopError, ValueError):  # noqa: N818 - reads as what it is
    """A target, alias, expiry or cursor that hop does not take.

    Attributes:
        field: the part of the request that is wrong.
    """

    code = "invalid-link"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class LinkNotFound(HopError):  # noqa: N818
    """No such link."""

    code = "not-found"


class LinkExpired(HopError):  # noqa: N818
    """The link was there and its time is over."""

    code = "expired"


class AliasTaken(HopError):  # noqa: N818
    """Somebody has that alias."""

    code = "alias-taken"


class KeyReused(HopError):  # noqa: N818
    """An idempotency key that came with another request."""

    code = "idempotency-key-reused"


class Unavailable(HopError):  # noqa: N818
    """The database does not answer; try later.

    Attributes:
        retry_after_s: whole seconds after which another try makes sense.
    """

    code = "unavailable"
    exit_code = 75

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SettingsError(HopError):
    """A setting that cannot work."""

    exit_code = 2


class UnsafeError(HopError):
    """A setting that would be dangerous."""

    exit_code = 77


class MigrationError(HopError):
    """A migration that the database refused; it was rolled back."""


class BusyError(HopError):
    """An address that another process has."""

    exit_code = 75


class ClickFileError(HopError):
    """A clicks file that is not loaded."""
