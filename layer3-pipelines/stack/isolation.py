"""Who reaches the database: those on its network do, the others fail, by name and by address."""

from __future__ import annotations

import json

from layerctl.errors import LayerctlError
from layerctl.labels import call
from stack.compose import Stack

PROBE = """
import json, socket, sys
found = {}
for place in sys.argv[1:]:
    try:
        socket.create_connection((place, 5432), timeout=2).close()
        found[place] = "connected"
    except OSError as error:
        found[place] = type(error).__name__
print(json.dumps(found))
"""
INSIDE = {"hop-1": "/app/bin/python", "etl": "python"}
OUTSIDE = {"notebook": "python", "webhook": "/app/bin/python"}


def address(stack: Stack) -> str:
    """The database's address on its own network, which no name server tells the others."""
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    container = stack.run("ps", "-q", "postgres").strip()
    return call("docker", "inspect", "-f", form, container).strip()


def reach(stack: Stack, service: str, python: str) -> dict[str, str]:
    """What a connection from a container to the database ends with, by name and by address."""
    done = stack.execute(service, python, "-c", PROBE, "postgres", address(stack))
    if done.returncode:
        raise LayerctlError(f"{service} could not try: {done.stderr.strip()}")
    name, number = json.loads(done.stdout).values()
    return {"name": name, "address": number}


def check(stack: Stack) -> dict[str, str]:
    """Outcomes by service.

    Raises:
        LayerctlError: somebody outside gets in, or somebody inside does not.
    """
    here = stack.services()
    found = {}
    for service, python in {**INSIDE, **OUTSIDE}.items():
        if service not in here:
            continue
        ends = reach(stack, service, python)
        wanted = service in INSIDE
        if any((end == "connected") is not wanted for end in ends.values()):
            raise LayerctlError(f"{service}: the database answers {ends}; wanted: {wanted}")
        found[service] = " ".join(dict.fromkeys(ends.values()))
    return found
