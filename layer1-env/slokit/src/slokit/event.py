"""One request, whatever format it was logged in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from .formats import DATA, INTERNAL_ROUTES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLICK_METHOD: str = DATA["click"]["method"]
_CLICK_STATUS: int = DATA["click"]["status"]


def rfc3339(ts_ms: int) -> str:
    """Milliseconds since the epoch as ``2026-11-23T10:00:00.000Z``."""
    at = _EPOCH + timedelta(milliseconds=ts_ms)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Event(NamedTuple):
    """One request as the server logged it; ``None`` is "not known", never "zero".

    A named tuple, because a frozen dataclass of this many fields costs more to make than the line
    costs to match.

    Attributes:
        ts_ms: time of completion, whole milliseconds since 1970-01-01T00:00:00Z.
        route: the template that matched; ``*`` where the log has none.
        path: the request target as logged, escapes included.
        duration_ms: milliseconds.
        bytes_out: size of the answer in bytes.
        client: a pseudonym in schema v1; in foreign logs what stands there, often the address.
    """

    ts_ms: int
    method: str | None
    route: str
    path: str | None
    status: int
    duration_ms: float | None = None
    bytes_out: int | None = None
    slug: str | None = None
    client: str | None = None
    user_agent: str | None = None
    referer: str | None = None
    trace_id: str | None = None
    request_id: str | None = None
    release: str | None = None
    colour: str | None = None

    @property
    def ts(self) -> datetime:
        """The time of completion, in UTC."""
        return _EPOCH + timedelta(milliseconds=self.ts_ms)

    @property
    def is_click(self) -> bool:
        """Whether this is a redirect that a reader followed; HEAD is not."""
        return (
            self.slug is not None and self.status == _CLICK_STATUS and self.method == _CLICK_METHOD
        )

    @property
    def is_internal(self) -> bool:
        """Whether the route is no user's journey (health, metrics, docs)."""
        return self.route in INTERNAL_ROUTES

    def as_dict(self) -> dict[str, Any]:
        """The event as JSON takes it, the time as RFC 3339 with milliseconds."""
        fields = self._asdict()
        del fields["ts_ms"]
        return {"ts": rfc3339(self.ts_ms), **fields}
