"""A package index on loopback: pypiserver, for one user, until the program ends."""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pypiserver

from layerctl.errors import LayerctlError
from publish.build import Built

USER = "release"


@dataclass(frozen=True, slots=True)
class Index:
    """A running index; the password is made for this run and stands nowhere."""

    address: str
    password: str
    packages: Path

    def simple(self, *, password: str = "") -> str:
        """Where pip and uv look, with the credentials in it."""
        host = self.address.removeprefix("http://")
        return f"http://{USER}:{password or self.password}@{host}/simple/"


class Quiet(WSGIRequestHandler):
    """No line on the terminal for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Drop it."""


# region: serve
@contextlib.contextmanager
def serve(packages: Path) -> Iterator[Index]:
    """Serve a folder: reading and uploading need the password, nothing may be overwritten."""
    password = secrets.token_urlsafe(24)
    logging.getLogger("pypiserver").setLevel(logging.CRITICAL)
    packages.mkdir(parents=True, exist_ok=True)
    app = pypiserver.app(
        roots=[packages],
        authenticate=["list", "download", "update"],
        auther=lambda user, given: user == USER and hmac.compare_digest(given, password),
        # Not a file: it must only not be ".", which means that nobody has a password.
        password_file="",
        disable_fallback=True,
        overwrite=False,
    )
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Index(f"http://127.0.0.1:{server.server_port}", password, packages)
        finally:
            server.shutdown()


# endregion


def upload(index: Index, built: Built, *, password: str = "") -> None:
    """Upload both files with Twine, after it has checked them.

    Raises:
        LayerctlError: Twine or the index refused.
    """
    env = os.environ | {
        "TWINE_USERNAME": USER,
        "TWINE_PASSWORD": password or index.password,
        "NO_PROXY": "127.0.0.1",
        "NO_COLOR": "1",
    }
    files = [str(built.wheel), str(built.sdist)]
    twine = [sys.executable, "-m", "twine"]
    target = ["--non-interactive", "--disable-progress-bar", "--repository-url", index.address]
    for command in ([*twine, "check", "--strict", *files], [*twine, "upload", *target, *files]):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            said = " ".join((done.stdout + done.stderr).split())
            raise LayerctlError(f"twine {command[3]}: {said[said.rfind('HTTPError') :][:200]}")
