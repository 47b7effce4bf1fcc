"""``python -m hop`` is the command ``hop``."""

from hop.start import main

raise SystemExit(main())
