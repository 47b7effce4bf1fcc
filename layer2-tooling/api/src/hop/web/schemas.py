"""What the API takes and gives."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from hop.domain import targets
from hop.domain.links import KEEP, Change, Link, Stats, Wish

EXAMPLE: dict[str, JsonValue] = {"target": "https://example.com/a/long/path", "alias": "my-link"}


class CreateLink(BaseModel):
    """A new link."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    target: str = Field(max_length=targets.MAX_LENGTH, description="Where it leads; http(s) only.")
    alias: str | None = Field(
        None, max_length=64, description="A slug of your own; random when not given."
    )
    expires_at: AwareDatetime | None = Field(None, description="From then on it answers 410.")

    def wish(self) -> Wish:
        """For the service."""
        return Wish(self.target, self.alias, self.expires_at)


class ChangeLink(BaseModel):
    """What to change; a field that is not there stays as it is."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field("", max_length=targets.MAX_LENGTH, description="The new target.")
    expires_at: AwareDatetime | None = Field(None, description="null: it never expires.")

    def change(self) -> Change:
        """For the service."""
        given = self.model_fields_set
        return Change(
            target=self.target if "target" in given else KEEP,
            expires_at=self.expires_at if "expires_at" in given else KEEP,
        )


class LinkOut(BaseModel):
    """A link."""

    slug: str
    short_url: str
    target: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, link: Link, base: str) -> LinkOut:
        """With its public address."""
        return cls(
            slug=link.slug,
            short_url=f"{base}/{link.slug}",
            target=link.target,
            created_at=link.created_at,
            updated_at=link.updated_at,
            expires_at=link.expires_at,
        )


class PageOut(BaseModel):
    """Links, newest first; ask again with ``cursor=next_cursor`` until that is null."""

    items: list[LinkOut]
    next_cursor: str | None


class HourOut(BaseModel):
    """One hour that had clicks; clients are distinct within the hour."""

    hour: datetime
    clicks: int
    clients: int


class StatsOut(BaseModel):
    """Clicks as the last ETL run saw them; ``as_of`` null: never loaded, so not known."""

    slug: str
    as_of: datetime | None
    clicks: int | None
    hours: list[HourOut]

    @classmethod
    def of(cls, stats: Stats) -> StatsOut:
        """From the service."""
        hours = [HourOut(hour=h.hour, clicks=h.clicks, clients=h.clients) for h in stats.hours]
        known = None if stats.as_of is None else stats.clicks
        return cls(slug=stats.slug, as_of=stats.as_of, clicks=known, hours=hours)


class FaultsIn(BaseModel):
    """Failures to inject into user routes."""

    model_config = ConfigDict(extra="forbid")

    error_rate: float = Field(0.0, ge=0, le=1, description="Share that answers `status`.")
    status: int = Field(503, ge=400, le=599)
    delay_rate: float = Field(0.0, ge=0, le=1, description="Share that waits first.")
    delay_ms: int = Field(0, ge=0, le=60_000)
    seed: int | None = Field(None, description="The same seed picks the same requests.")


class Answer(BaseModel):
    """A state in a word."""

    model_config = ConfigDict(extra="allow")

    status: str
