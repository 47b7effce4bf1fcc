"""Java processes of this checkout: told apart by a label on their command line, and ended."""

import os
import signal
import socket
import subprocess
import time
from hashlib import sha256

from hop_etl.errors import EtlError
from hop_etl.rundir import run_dir

STOP_WITHIN_S = 30.0


def label() -> str:
    """A JVM option that names this checkout, so that another one's process is never ended."""
    return "-Dsix-layers=" + sha256(str(run_dir()).encode()).hexdigest()[:12]


def is_ours(pid: int) -> bool:
    """Whether the process lives and carries our label; by ps, because macOS has no /proc."""
    told = subprocess.run(
        ["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, timeout=10
    )
    return label() in os.fsdecode(told.stdout)


def end(pid: int) -> bool:
    """End a process of ours and wait until it is gone; whether there was one.

    Raises:
        EtlError: it is still there although it was killed.
    """
    if not is_ours(pid):
        return False
    for number, limit_s in ((signal.SIGTERM, STOP_WITHIN_S), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + limit_s
        while is_ours(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not is_ours(pid):
            return True
    raise EtlError(f"process {pid} does not end", hint=f"kill -9 {pid}")


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
