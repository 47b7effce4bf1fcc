"""What can go wrong in the pipeline, and the exit code that says so.

LayerctlError          1
|- OrderError          2
|- SpentError          3
|- NoDataError         4
`- RefusedError       77
"""

from __future__ import annotations

from layerctl.errors import LayerctlError


class OrderError(LayerctlError):
    """A stage was called before those that it builds on."""

    exit_code = 2


class SpentError(LayerctlError):
    """The release fails more requests than its objective allows."""

    exit_code = 3


class NoDataError(LayerctlError):
    """Too few requests to judge a release by."""

    exit_code = 4


class RefusedError(LayerctlError):
    """Something that is not known to be ours would be used."""

    exit_code = 77
