"""What can go wrong in publishing.

PublishError        1
`- UsageError       2
"""


class PublishError(Exception):
    """A step failed, or a rule of publishing does not hold.

    Args:
        message: what went wrong and why.
        next_step: what to type or change next.
    """

    exit_code = 1

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message + (f"\n  Next: {next_step}" if next_step else ""))


class UsageError(PublishError):
    """The command line makes no sense."""

    exit_code = 2
