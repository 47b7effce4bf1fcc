"""What can go wrong in hop-traffic, each with the exit code it ends in.

TrafficError (1)
|- SettingsError (2)         a rate, count or share that cannot be run
|- NoClientError (69)       the HTTP client is not installed
|- NotThereError (75)       no hop answers at the address
|- FaultsOffError (75)      hop answers, but does not inject faults
|- GoneError (1)            hop stopped answering in the middle of the run
|- UnsafeTargetError (77)   an address that is not this machine
|- TruthError (1)           a truth file that cannot be read or written
`- LogError (1)             an access log that cannot be read
   `- EmptyLogError (4)     an access log without a line
"""

from __future__ import annotations


class TrafficError(Exception):
    """Any error that hop-traffic raises on purpose; ``code`` is the exit code."""

    code = 1


class SettingsError(TrafficError, ValueError):
    """A rate, count or share that cannot be run."""

    code = 2


class NoClientError(TrafficError):
    """The HTTP client is not installed."""

    code = 69


class NotThereError(TrafficError):
    """No hop answers at the address."""

    code = 75


class FaultsOffError(TrafficError):
    """Hop answers, but does not inject faults."""

    code = 75


class GoneError(TrafficError):
    """Hop stopped answering in the middle of the run."""


class UnsafeTargetError(TrafficError):
    """An address that is not this machine."""

    code = 77


class TruthError(TrafficError):
    """A truth file that cannot be read or written."""


class LogError(TrafficError):
    """An access log that cannot be read."""


class EmptyLogError(LogError):
    """An access log without a line."""

    code = 4
