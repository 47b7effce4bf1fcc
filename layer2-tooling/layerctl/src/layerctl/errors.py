"""What can go wrong in layerctl, and the exit code that says so.

LayerctlError       1
|- UsageError       2
|- MissingError    69
`- BusyError       75
"""


class LayerctlError(Exception):
    """Any error that layerctl raises on purpose.

    Args:
        message: what went wrong and why.
        next_step: what to type or change next.
    """

    exit_code = 1

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message + (f"\n  Next: {next_step}" if next_step else ""))


class UsageError(LayerctlError):
    """The command line or an input file makes no sense."""

    exit_code = 2


class MissingError(LayerctlError):
    """A needed program is not here."""

    exit_code = 69


class BusyError(LayerctlError):
    """Something else holds what is needed; trying later may work."""

    exit_code = 75
