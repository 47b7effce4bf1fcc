"""HTTP to a loopback address, with every answer counted as one: a refusal is an answer too."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 10.0
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status (0 when nobody answered), headers in lower case, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def ask(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """One request without following redirects; ``body`` goes as JSON."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    content = None if body is None else json.dumps(body)
    given = {"Content-Type": "application/json"} if content else {}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, path, content, given | dict(headers or {}))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(NO_ANSWER, {}, repr(error).encode())
    finally:
        connection.close()


def query(prometheus: str, expression: str) -> list[dict[str, Any]]:
    """The series that an instant query gives now; none while Prometheus is away."""
    answer = ask(f"{prometheus}/api/v1/query?{urlencode({'query': expression})}")
    if answer.status != http.client.OK:
        return []
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found
