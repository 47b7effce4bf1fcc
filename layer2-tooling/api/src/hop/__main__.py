"""``python -m hop`` is the command ``hop``."""

from hop.cli import main

raise SystemExit(main())
