"""Receive Alertmanager's webhooks: one JSON line an alert on stdout, counts at /metrics.

``--check`` asks a running receiver for /healthz; exit codes: 0 well, 1 not.
Standard library only, because it runs in hop's image with nothing added.
"""

from __future__ import annotations

import json
import sys
import threading
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8080
LIMIT = 1_000_000
received: Counter[tuple[str, str]] = Counter()
_telling = threading.Lock()


def tell(event: dict[str, object]) -> None:
    """One line, whole: print alone would write the newline apart, after another thread's line."""
    with _telling:
        print(json.dumps(event))


class Receiver(BaseHTTPRequestHandler):
    """POST /alerts, GET /metrics, GET /healthz."""

    def do_POST(self) -> None:
        """Take a group of alerts; what is none is refused."""
        try:
            size = int(self.headers["Content-Length"])
            if not 0 < size <= LIMIT:
                raise ValueError(f"{size} bytes")
            for alert in json.loads(self.rfile.read(size))["alerts"]:
                name, status = alert["labels"]["alertname"], alert["status"]
                received[name, status] += 1
                tell({"event": "alert", "name": name, "status": status} | alert)
        except (KeyError, TypeError, ValueError) as error:
            tell({"event": "refused", "reason": repr(error)})
            self.answer(400, "no group of alerts\n")
        else:
            self.answer(200, "")

    def do_GET(self) -> None:
        """Counts, or that it runs."""
        kind = "# TYPE webhook_alerts_total counter\n"
        rows = [
            f'webhook_alerts_total{{alertname="{name}",status="{status}"}} {count}\n'
            for (name, status), count in sorted(received.items())
        ]
        texts = {"/metrics": kind + "".join(rows), "/healthz": "ok\n"}
        text = texts.get(self.path)
        self.answer(404 if text is None else 200, text or "")

    def answer(self, status: int, text: str) -> None:
        """Send plain text."""
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Scrapes and probes would bury the alerts."""


def main() -> int:
    """Serve, or check."""
    if sys.argv[1:] == ["--check"]:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=2) as answer:
            return int(answer.status != 200)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    ThreadingHTTPServer(("", PORT), Receiver).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
