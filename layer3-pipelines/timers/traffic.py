"""hop's real access log, and its rotation by layer 0 while hop goes on writing."""

from __future__ import annotations

import gzip
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from main_job.places import Place, program
from main_job.processes import PIDS, run

from layerctl.paths import ROOT

RELEASE = "1.0.0"
RATE = 250
PATTERN = "traffic/access*.jsonl*"


def send(place: Place, url: str, *, requests: int, seed: int) -> None:
    """Send seeded requests to hop, and add to the ground truth."""
    options = {
        "--base-url": url,
        "--requests": requests,
        "--rate": RATE,
        "--seed": seed,
        "--truth": place.truth(RELEASE),
    }
    words = [str(word) for pair in options.items() for word in pair]
    append = ["--append"] if place.truth(RELEASE).exists() else []
    run("hop-traffic", [program("api", "hop-traffic"), *words, *append])


def rotate(place: Place) -> None:
    """``ops rotate``, with hop told to open its log again."""
    pid = json.loads((PIDS / f"hop-{os.getpid()}.json").read_text("utf-8"))["pid"]
    pid_file = place.home / "hop.pid"
    pid_file.write_text(f"{pid}\n")
    command = [str(ROOT / "layer0-bash/bin/ops"), "rotate", "--pid-file", str(pid_file)]
    run("ops rotate", [*command, str(place.log(RELEASE))])


def send_and_rotate(place: Place, url: str, *, requests: int, seed: int) -> None:
    """Rotate in the middle of the traffic."""
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, place, url, requests=requests, seed=seed)
        time.sleep(requests / RATE / 2)
        rotate(place)
        sending.result()


def lines(place: Place) -> int:
    """How many lines all logs hold, after each request sent was found in them.

    Raises:
        LayerctlError: a request is missing.
    """
    logs = sorted(place.home.glob(PATTERN))
    command = [program("api", "hop-traffic"), "check", "--truth", str(place.truth(RELEASE))]
    run("hop-traffic check", [*command, *map(str, logs)])
    return sum(_text(log).count(b"\n") for log in logs)


def _text(log: Path) -> bytes:
    return gzip.decompress(log.read_bytes()) if log.suffix == ".gz" else log.read_bytes()
