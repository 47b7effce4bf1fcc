"""``python -m hop.health``: ask this replica whether it is ready, as the image's HEALTHCHECK does.

Standard library only, and no import of the service: a probe costs little and needs no curl.
Exit codes: 0 ready, 1 not ready or no answer.
"""

from __future__ import annotations

import http.client
import os
import sys

LIMIT_S = 2.0


def address() -> tuple[str, int]:
    """Where the replica listens, as a neighbour on the same host reaches it."""
    host = os.environ.get("HOP_HOST") or "127.0.0.1"
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    return everywhere.get(host, host), int(os.environ.get("HOP_PORT") or 8000)


def main() -> int:
    """Ask once."""
    host, port = address()
    connection = http.client.HTTPConnection(host, port, timeout=LIMIT_S)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        print(f"hop.health: no answer from {host} port {port}: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    if answer.status != http.client.OK:
        print(f"hop.health: /readyz answered {answer.status}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
