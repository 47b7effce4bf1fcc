"""A real PostgreSQL for a few minutes: its own folder, port, password and user.

``python -m bench.postgres FILE`` writes its URL into FILE and runs it until a signal; 69 where it
cannot be had.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LIMIT_S = 60  # for each of initdb, start and stop
# It may forget everything when the machine stops, and need not wait for the disk.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


class NoPostgresError(Exception):
    """PostgreSQL's server programs are not on this machine, or do not start."""


def binaries() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``, the newest where there are several.

    Raises:
        NoPostgresError: there is none.
    """
    roots = [Path("/usr/lib/postgresql"), Path("/opt/homebrew/opt"), Path("/usr/local/opt")]
    found = [path.parent for root in roots for path in root.glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    if not found:
        raise NoPostgresError("no PostgreSQL server programs here: apt-get install postgresql")
    return max(found, key=_version)


def _version(folder: Path) -> int:
    return int((re.findall(r"\d+", str(folder)) or ["0"])[-1])


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of an empty database on 127.0.0.1; the server is gone afterwards.

    Raises:
        NoPostgresError: it cannot be had; the message says why.
    """
    programs, password = binaries(), secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory(prefix="hop-postgres-") as name:
        folder = Path(name)
        (folder / "password").write_text(password)
        account = _account(folder)
        data, port = folder / "data", free_port()
        how = ["-U", "hop", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        _run([programs / "initdb", "-D", data, *how, f"--pwfile={folder / 'password'}"], account)
        control = [programs / "pg_ctl", "-D", data, "-w", "-t", LIMIT_S]
        options = f"-h 127.0.0.1 -p {port} -k {folder} {FAST}"
        _run([*control, "-l", folder / "log", "-o", options, "start"], account)
        try:
            yield f"postgresql://hop:{password}@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], account)


def _account(folder: Path) -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    account = "postgres" if "postgres" in names else "nobody"
    for path in (folder, folder / "password"):
        shutil.chown(path, account)
    return account


def _run(command: Sequence[object], account: str | None) -> None:
    words = [str(word) for word in command]
    try:
        # Not to a pipe: the server would inherit it, and reading it would never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                words, user=account, cwd="/", stdout=output, stderr=output, timeout=LIMIT_S + 5
            )
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPostgresError(f"{words[0]}: {error}") from None
    if done.returncode:
        raise NoPostgresError(f"{words[0]} failed: {said[-400:]}")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def main(file: Path) -> int:
    """Run one for other programs."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        with cluster() as url:
            file.touch(mode=0o600)
            file.write_text(url)
            signal.pause()
    except NoPostgresError as error:
        print(error, file=sys.stderr)
    return 69


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
