"""hop, natively, on a free port, for the length of a block."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from typing import Any

from layerctl.errors import LayerctlError
from main_job.places import Place, program
from main_job.processes import run, started, wait_for

START_LIMIT_S = 30
TIMEOUT_S = 5


def fresh(place: Place) -> None:
    """Forget the last run's database, logs and truths: a verdict is about this run."""
    shutil.rmtree(place.hop, ignore_errors=True)
    place.hop.mkdir(parents=True)


def settings(place: Place, release: str) -> dict[str, str]:
    """hop's environment. The reader's own ``HOP_*`` does not reach into the job."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOP_")}
    return inherited | {
        "DATABASE_URL": f"sqlite+aiosqlite:///{place.hop / 'hop.db'}",
        "HOP_ACCESS_LOG": str(place.log(release)),
        "HOP_CLIENT_KEY": "only-for-this-run",
        "HOP_RELEASE": release,
        "HOP_FAULTS": "1",
    }


@contextlib.contextmanager
def hop(place: Place, release: str) -> Iterator[str]:
    """Run a release of hop and yield its base URL.

    Raises:
        LayerctlError: it did not start; the message quotes its log.
    """
    env, name = settings(place, release), program("api", "hop")
    run("hop migrate", [name, "migrate"], env=env)
    port_file, log = place.hop / "port", place.hop / f"hop-{release}.log"
    port_file.unlink(missing_ok=True)
    command = [name, "serve", "--host", "127.0.0.1", "--port", "0", "--port-file", str(port_file)]
    with started("hop", command, env=env, log=log) as process:
        port = wait_for(port_file, process, what="hop", limit_s=START_LIMIT_S, log=log)
        yield f"http://127.0.0.1:{int(port)}"


def get_json(url: str) -> Any:
    """The JSON that a loopback URL answers with.

    Raises:
        LayerctlError: the address is not on loopback.
    """
    if not url.startswith("http://127.0.0.1:"):
        raise LayerctlError(f"not a loopback address: {url}")
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - checked above
        return json.load(answer)
