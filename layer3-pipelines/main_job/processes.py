"""Start programs so that nothing outlives the job, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from layerctl.errors import LayerctlError
from layerctl.paths import RUN

PIDS = RUN / "pids"
TAIL = 8
GRACE_S = 12  # hop drains for at most 10 s


class Stopped(BaseException):
    """A signal asked the job to end; ``code`` is the exit code that says which."""

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.code = 128 + number


class ProgramError(LayerctlError):
    """A program of the job failed; its exit code is passed on, its last words are shown."""

    def __init__(self, what: str, code: int, said: str, next_step: str = "") -> None:
        words = "".join(f"\n  | {line}" for line in said.splitlines()[-TAIL:])
        super().__init__(f"{what} failed with exit code {code}.{words}", next_step)
        self.exit_code = code if code > 0 else 1


def stop_on_signals() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into ``Stopped``, so that clean-up runs."""

    def stop(number: int, _: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)  # a second Ctrl-C must not cut the clean-up short
        raise Stopped(number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)


def end(process: subprocess.Popen[str]) -> None:
    """Ask a process group to stop, then make it."""
    for number, patience in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GRACE_S)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


@contextlib.contextmanager
def started(
    name: str, command: Sequence[str], *, env: Mapping[str, str] | None = None, log: Path
) -> Iterator[subprocess.Popen[str]]:
    """A program in a process group of its own, ended when the block is left.

    Its id is written down for ``make down``, should this job be killed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    PIDS.mkdir(parents=True, exist_ok=True)
    mark = PIDS / f"{name}-{os.getpid()}.json"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            text=True,
            start_new_session=True,
        )
    try:
        mark.write_text(json.dumps({"pid": process.pid, "program": command[0]}))
        yield process
    finally:
        end(process)
        mark.unlink(missing_ok=True)


def run(
    what: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    also: Sequence[int] = (),
    next_step: str = "",
) -> str:
    """Run a program to its end and return its standard output; its talk reaches the terminal.

    Args:
        what: names it in an error.
        also: exit codes besides 0 that are answers.
        next_step: what to type when it fails.

    Raises:
        ProgramError: any other exit code.
    """
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            out, _ = process.communicate()
        except BaseException:
            end(process)
            raise
    if process.returncode not in (0, *also):
        raise ProgramError(what, process.returncode, out, next_step)
    return out


def wait_for(
    path: Path, process: subprocess.Popen[str], *, what: str, limit_s: float, log: Path
) -> str:
    """Wait until a program has written ``path``; its text.

    Raises:
        LayerctlError: the program ended, or the limit passed.
    """
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            text = path.read_text("utf-8")
            if text.strip():
                return text
        if process.poll() is not None:
            tail = "\n".join(f"  | {line}" for line in log.read_text("utf-8").splitlines()[-5:])
            raise LayerctlError(
                f"{what} ended with exit code {process.returncode}:\n{tail}\n  Log: {log}"
            )
        time.sleep(0.05)
    raise LayerctlError(f"{what} did not answer within {limit_s:.0f} s.\n  Log: {log}")
