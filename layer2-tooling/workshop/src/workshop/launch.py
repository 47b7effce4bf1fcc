"""Start a kernel in a project's own interpreter. Jupyter runs this file.

Usage: python launch.py KERNEL_SITE ARGUMENT...

The project's environment holds what its lock names and no kernel. ipykernel comes from
KERNEL_SITE, last on the path: where both hold a package, the project's wins.
"""

from __future__ import annotations

import runpy
import sys


def main() -> None:
    """Hand over to ipykernel."""
    sys.path.append(sys.argv.pop(1))
    # The folder of this file comes first on the path and would offer the workshop's modules.
    del sys.path[0]
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
