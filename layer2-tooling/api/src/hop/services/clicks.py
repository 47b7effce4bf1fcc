"""Reading ``clicks.jsonl``, the ETL's hand-over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hop.domain.slugs import SLUG
from hop.errors import ClickFileError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ClickFile:
    """Rows (``hour slug clicks clients``) and the time up to which they count."""

    rows: list[dict[str, Any]]
    as_of: datetime


def read(path: Path, *, as_of: datetime | None = None) -> ClickFile:
    """Read and check a whole file; nothing is loaded of a file that is wrong anywhere.

    Args:
        path: one row a line: ``{"hour": ISO, "slug": ..., "clicks": n, "clients": n}``.
        as_of: if None, the newest ``as_of`` among the lines, else ``last`` in the
            ``manifest.json`` beside the file, else the time the file was written.

    Raises:
        ClickFileError: the file cannot be read, or names the first line that is wrong.
    """
    rows, stamps = [], []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ClickFileError(f"cannot read {path}: {reason}") from None
    for number, line in enumerate(lines, start=1):
        try:
            fields = json.loads(line)
            if "as_of" in fields:
                stamps.append(_time(fields["as_of"]))
            if "slug" in fields or "as_of" not in fields:
                rows.append(_row(fields))
        except (ValueError, KeyError, TypeError) as error:
            raise ClickFileError(f"{path}, line {number}: {error!r}; nothing was loaded") from None
    known = as_of or (max(stamps) if stamps else None) or _manifest(path.parent / MANIFEST)
    return ClickFile(rows, known or written)


def _row(fields: dict[str, Any]) -> dict[str, Any]:
    slug, counts = fields["slug"], {name: fields[name] for name in ("clicks", "clients")}
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        raise ValueError("slug is not one")
    for name, count in counts.items():
        if type(count) is not int or not 0 <= count < 2**63:
            raise ValueError(f"{name} is not a count")
    hour = _time(fields["hour"])
    if hour.replace(minute=0, second=0, microsecond=0) != hour:
        raise ValueError("hour does not begin an hour")
    return {"slug": slug, "hour": hour, **counts}


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return at.astimezone(UTC)


def _manifest(path: Path) -> datetime | None:
    try:
        last = json.loads(path.read_text(encoding="utf-8")).get("last")
        return None if last is None else _time(last)
    except (OSError, ValueError, AttributeError):
        return None
