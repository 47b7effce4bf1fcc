"""Entry point of ``python -m layerctl``."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the one place that may run on an old Python
    sys.exit(
        "layerctl: needs Python 3.11 or newer, this is " + sys.version.split()[0] + ".\n"
        "  Next: layer1-env/bootstrap.sh --print-python says which one it would use."
    )

from layerctl.cli import main

sys.exit(main())
