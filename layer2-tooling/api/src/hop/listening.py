"""The listening socket, and a clear word when it cannot be had."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from hop import portowner
from hop.errors import BusyError, SettingsError

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        BusyError: another process has the port; names it, if that can be seen.
        SettingsError: the address is not this machine's, or needs more rights.
    """
    try:
        return _open(host, port)
    except OSError as error:
        where = f"{host} port {port}"
        if error.errno == errno.EADDRINUSE:
            who = portowner.owner(port)
            by = f" by {who}" if who else ""
            message = f"{where} is in use{by}; set HOP_PORT, --port, or make's PORT= to another"
            raise BusyError(message) from None
        message = f"cannot listen on {where}: {error.strerror}; set HOP_HOST and HOP_PORT"
        raise SettingsError(message) from None


def _open(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, number, _, address = found[0]
    listener = socket.socket(family, kind, number)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def shown(host: str) -> str:
    """The host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def write_port(path: Path, port: int) -> None:
    """Write the port in one step, so that a waiting reader never sees half of it.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(f"{port}\n")
        new.replace(path)
    except OSError as error:
        raise SettingsError(f"--port-file: cannot write {path}: {error.strerror}") from None
