"""A proxy that counts, one that refuses, and a shell from which no other way leads out."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

REFUSAL = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
# A socket stays in the namespace in which it was made: this one is handed out to be served there.
INSIDE = """
import fcntl, os, socket, struct, sys
out = socket.socket(fileno=int(sys.argv[1]))
try:
    with socket.socket() as any:
        fcntl.ioctl(any, 0x8914, struct.pack("16sh22x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
except PermissionError:  # no namespace of ours, so it is up
    pass
server = socket.create_server(("127.0.0.1", 0))
socket.send_fds(out, [b"x"], [server.fileno()])
address = "http://127.0.0.1:%d" % server.getsockname()[1]
named = {n: address for n in os.environ.pop("PROXY_NAMES").split()}
os.execvpe(sys.argv[2], sys.argv[2:], os.environ | named)
"""


@dataclass
class Seen:
    """What a proxy was asked for, and how many bytes came back through it."""

    asked: list[str] = field(default_factory=list)
    received: int = 0


def pump(source: socket.socket, target: socket.socket, seen: Seen | None) -> None:
    """Carry bytes one way until there are no more."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if seen:
                seen.received += len(data)
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def handle(client: socket.socket, seen: Seen, *, refuse: bool) -> None:
    """One tunnel; the thread ends with it."""
    with client:
        head = b""
        while b"\r\n\r\n" not in head and (data := client.recv(4096)):
            head += data
        if not head:
            return
        seen.asked.append(head.split(b"\r\n")[0].decode())
        verb, where = head.decode().split()[:2]
        if refuse or verb != "CONNECT":
            client.sendall(REFUSAL)
            return
        host, _, port = where.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=60) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            up = threading.Thread(target=pump, args=(client, server, None), daemon=True)
            up.start()
            pump(server, client, seen)
            up.join()


@contextlib.contextmanager
def served(server: socket.socket, *, refuse: bool = False) -> Iterator[Seen]:
    """Serve a listening socket as a proxy."""
    seen = Seen()

    # The end of the test ends the thread: accept fails on a socket that is shut down.
    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                work = threading.Thread(
                    target=handle, args=(client, seen), kwargs={"refuse": refuse}, daemon=True
                )
                work.start()

    threading.Thread(target=serve, daemon=True).start()
    with server:
        yield seen
        server.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def refusing() -> Iterator[tuple[dict[str, str], Seen]]:
    """The variables that name a proxy which refuses everything, and what it was asked."""
    server = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{server.getsockname()[1]}"
    with served(server, refuse=True) as seen:
        yield dict.fromkeys(NAMES, address), seen


def namespace() -> Sequence[str]:
    """What runs a command where only loopback is, or nothing where the kernel refuses."""
    command = ("unshare", "--map-root-user", "--net")
    with contextlib.suppress(OSError):
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return ()


def run_behind(
    command: Sequence[str], env: Mapping[str, str], names: Sequence[str]
) -> tuple[int, str, Seen]:
    """Run a command that has no way out but a proxy: its code, what it said, what the proxy saw.

    Args:
        names: the variables that name the proxy to the command.
    """
    ours, theirs = socket.socketpair()
    inside = [*namespace(), sys.executable, "-c", INSIDE, str(theirs.fileno()), *command]
    with subprocess.Popen(
        inside,
        env={**env, "PROXY_NAMES": " ".join(names)},
        pass_fds=(theirs.fileno(),),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        theirs.close()
        with ours:
            _, (listening, *_), _, _ = socket.recv_fds(ours, 1, 1)
        with served(socket.socket(fileno=listening)) as seen:
            said = process.communicate(timeout=300)[0]
    return process.returncode, said, seen
