"""DATABASE_URL in the forms people have, to the one SQLAlchemy takes."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from hop.errors import SettingsError
from hop.settings import Settings

DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


def database_url(settings: Settings) -> URL:
    """Where the data is; makes the folder of a SQLite file.

    Raises:
        SettingsError: the URL cannot be read, or names a database hop does not know.
    """
    if settings.database_url is None:
        _make(settings.data, "HOP_DATA")
        return URL.create("sqlite+aiosqlite", database=str(settings.data / "hop.db"))
    try:
        url = make_url(settings.database_url.get_secret_value())
    except (ArgumentError, ValueError):
        raise SettingsError("DATABASE_URL: not a database URL (its value is not shown)") from None
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise SettingsError(
            f"DATABASE_URL: {url.drivername} is not supported; use postgresql:// or sqlite:///"
        )
    if driver == "sqlite+aiosqlite" and url.database in (None, "", ":memory:"):
        raise SettingsError("DATABASE_URL: SQLite in memory would be lost; name a file")
    if driver == "sqlite+aiosqlite":
        _make(Path(str(url.database)).parent, "DATABASE_URL")
    if "sslmode" in url.query:  # libpq's name; asyncpg calls it ssl
        mode = url.query["sslmode"]
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url.set(drivername=driver)


def _make(folder: Path, variable: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{variable}: cannot make {folder}: {error.strerror}") from None
