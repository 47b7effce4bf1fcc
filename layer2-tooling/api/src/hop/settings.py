"""Settings from the environment, read once and refused at start when they cannot work."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hop.errors import SettingsError, UnsafeError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SECRET = ("token", "client_key", "database_url")


class Settings(BaseSettings):
    """Each field is the variable ``HOP_<NAME>``, except DATABASE_URL and LOG_LEVEL."""

    model_config = SettingsConfigDict(
        env_prefix="HOP_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data: Path = Field(Path(".run/hop"), description="Folder of the SQLite file and the log.")
    database_url: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="postgresql:// or sqlite:/// URL; SQLite below HOP_DATA when not set.",
    )
    database_pool: int = Field(
        10,
        ge=1,
        le=100,
        description="Database connections at most. A server's are opened before hop is ready:"
        " replicas times this should fit its max_connections.",
    )
    base_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#@\s]+$",
        description="Public address, for short_url; else the Host header.",
    )
    token: SecretStr | None = Field(
        None, description="Bearer token for writes; needed off the loopback address."
    )
    client_key: SecretStr | None = Field(
        None, description="Key of the client digest, shared by the replicas; else random."
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Addresses or networks, with commas, whose X-Forwarded-For counts."
    )
    access_log: Path | None = Field(
        None, description="Access log file, one a replica; access.log in HOP_DATA when not set."
    )
    release: str = Field("dev", max_length=64, description="Release name in log and metrics.")
    colour: Literal["blue", "green"] | None = Field(None, description="Side in a blue-green pair.")
    faults: bool = Field(False, description="1 turns on Hop-Fault, /faults and /drain.")
    telemetry: bool = Field(True, description="0 turns metrics, log and spans off, to measure.")
    cache_size: int = Field(10_000, ge=1, description="Links kept in memory, and as many misses.")
    cache_s: float = Field(5.0, ge=0, le=5, description="Seconds a link is served from memory.")
    cache_miss_s: float = Field(1.0, ge=0, le=1, description="Seconds a miss is remembered.")
    max_body: int = Field(65_536, ge=1024, description="Request body limit in bytes.")
    drain_s: float = Field(1.0, ge=0, le=300, description="Seconds between SIGTERM and closing.")
    grace_s: int = Field(30, ge=1, le=600, description="Seconds that requests may still take then.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO",
        validation_alias=AliasChoices("LOG_LEVEL", "log_level"),
        description="Level of the program's own log, on stderr.",
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(
            ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip()
        )

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the listen address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def log_file(self) -> Path:
        """Where the access log goes."""
        return self.access_log or self.data / "access.log"


def variable(field: str) -> str:
    """The environment variable of a field."""
    return field.upper() if field in ("database_url", "log_level") else f"HOP_{field.upper()}"


def load(**overrides: Any) -> Settings:
    """Settings from the environment; ``overrides`` (from the command line) win.

    ``HOP_SECRETS`` names a folder of files, one a setting: ``hop_token``, ``database_url``. A file
    is not seen by ``ps`` or ``docker inspect``; a variable of the same name wins.

    Raises:
        SettingsError: a value cannot be read; all of them are named, no secret is shown.
    """
    files = os.environ.get("HOP_SECRETS") or None
    if files and not Path(files).is_dir():
        raise SettingsError(f"HOP_SECRETS: there is no folder {files}")
    given = {k: v for k, v in overrides.items() if v is not None}
    try:
        return Settings(_secrets_dir=files, **given)
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_url=False, include_context=False):
            field = str(problem["loc"][0]).lower() if problem["loc"] else "settings"
            lines.append(f"{variable(field)}: {problem['msg']}")
        raise SettingsError("; ".join(lines)) from None


def check_safe(settings: Settings) -> None:
    """Refuse to offer writes to the network without a token.

    Raises:
        UnsafeError: the listen address is not loopback and HOP_TOKEN is not set.
    """
    if not settings.loopback and settings.token is None:
        raise UnsafeError(
            f"HOP_HOST={settings.host} can be reached from other machines, and HOP_TOKEN is not "
            "set: anybody could create links. Set HOP_TOKEN, or HOP_HOST=127.0.0.1"
        )
