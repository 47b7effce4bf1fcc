"""``python -m hop_etl``."""

import sys

from hop_etl.cli import main

if __name__ == "__main__":
    sys.exit(main())
