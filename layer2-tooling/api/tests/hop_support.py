"""What several test files need: a service in this process, and real ones beside it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2

from hop import settings
from hop.storage import schema
from hop.storage.engine import make_engine
from hop.storage.url import database_url
from hop.web.app import Service, create_app

START_S = 30
TICK_S = 0.05
# One client for all: making one loads certificates, which costs more than the request. No
# connection is kept, since the servers come and go.
http = httpx2.Client(timeout=20, limits=httpx2.Limits(max_keepalive_connections=0))
JSON = "application/json"
PROBLEM = "application/problem+json"


def quiet_environment():
    """The environment without anything that would configure hop."""
    foreign = ("HOP_", "OTEL_", "DATABASE_URL", "LOG_LEVEL")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def load(folder, **values):
    return settings.load(**{"data": folder, "drain_s": 0.0, **values})


async def migrate(chosen, *, to="head"):
    engine = make_engine(database_url(chosen), pool=1)
    try:
        return await schema.migrate(engine, to=to)
    finally:
        await engine.dispose()


def client_of(service: Service, **options) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=service, raise_app_exceptions=False, **options)
    return httpx2.AsyncClient(transport=transport, base_url="http://hop.test")


@contextlib.asynccontextmanager
async def running(chosen, *, migrated=True):
    """A service with its lifespan, and a client; the log is complete afterwards."""
    if migrated:
        await migrate(chosen)
    service = create_app(chosen)
    async with service.api.router.lifespan_context(service.api), client_of(service) as client:
        client.service = service
        yield client


async def ready(client):
    for _ in range(200):
        if (await client.get("/readyz")).status_code == 200:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("never ready")


@contextlib.contextmanager
def held_up():
    """Call the result for the seconds in which the machine kept this process waiting.

    Seen by a thread: a hop that blocks its own loop does not hold that up.
    """
    lost, done = 0.0, threading.Event()

    def tick():
        nonlocal lost
        started = time.perf_counter()
        while not done.wait(TICK_S):
            now = time.perf_counter()
            lost, started = lost + now - started - TICK_S, now

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield lambda: lost
    finally:
        done.set()
        thread.join()


async def timed(client, method, path, **options):
    """The answer, and how long it took while the machine let it: the promise is hop's."""
    with held_up() as lost:
        started = time.perf_counter()
        answer = await client.request(method, path, **options)
        return answer, time.perf_counter() - started - lost()


def lines(path: Path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


@dataclass
class Process:
    """A real ``hop serve``."""

    popen: subprocess.Popen
    url: str
    port: int
    folder: Path

    @property
    def log(self):
        return self.folder / "access.log"

    def stop(self, number=signal.SIGTERM, limit_s=20):
        self.popen.send_signal(number)
        return self.popen.wait(limit_s)

    def errors(self):
        return (self.folder / "stderr").read_text()


def hop(*words, env=None, **options):
    """Run a ``hop`` command to its end."""
    command = [sys.executable, "-m", "hop", *map(str, words)]
    environment = quiet_environment() | (env or {})
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, **options
    )


@contextlib.contextmanager
def process(folder: Path, *, migrated=True, ready=True, output=None, program=("-m", "hop"), **env):
    """A ``hop serve`` on a free port; killed afterwards if it still runs."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = quiet_environment() | {"HOP_DATA": str(folder), "HOP_DRAIN_S": "0", **env}
    if migrated:
        asyncio.run(migrate(load(folder, database_url=env.get("DATABASE_URL"))))
    port_file = folder / "port"
    command = [sys.executable, *program, "serve", "--port", "0", "--port-file", str(port_file)]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as errors:
        popen = subprocess.Popen(
            command, env=environment, stdout=output or out, stderr=output or errors
        )
    try:
        wait_for(port_file.exists, popen)
        port = int(port_file.read_text())
        found = Process(popen, f"http://127.0.0.1:{port}", port, folder)
        if ready:
            wait_for(lambda: answers(found.url + "/readyz") == 200, popen)
        yield found
    finally:
        popen.kill()
        popen.wait()


def wait_for(condition, popen=None, limit_s=START_S):
    limit = time.monotonic() + limit_s
    while not condition():
        assert popen is None or popen.poll() is None, f"hop ended with {popen.returncode}"
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


def answers(url):
    try:
        return http.get(url).status_code
    except httpx2.TransportError:
        return None


def talk(port, *requests, until=None):
    """Send raw requests on one connection and read to its end, or to ``until``."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for request in requests:
            connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
            if until and until(answer):
                break
        return answer


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: hop", *headers, "", ""]).encode()
