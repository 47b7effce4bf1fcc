"""What hop's containers said, as each node keeps it: ``TIME STREAM TAG TEXT`` a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from on_kind.cluster import docker, nodes

# Where the kubelet keeps it; those of deleted pods go with them.
KEPT = "find /var/log/pods -path '*/hop_hop-*/hop/*.log' -exec cat {} +"
COMPLAINTS = 5


def kept(node: str) -> list[str]:
    """The lines of hop's containers on a node."""
    return docker("exec", node, "sh", "-c", KEPT).splitlines()


def access_lines(kept: Iterable[str]) -> Iterator[str]:
    """The access log in what the runtime has kept.

    hop's own log is on the other stream. A long line comes in parts; the last has the tag F.
    """
    begun = ""
    for line in kept:
        _, stream, tag, text = line.split(" ", 3)
        if stream == "stdout":
            begun += text
            if tag == "F":
                yield begun
                begun = ""


def errors(kept: Iterable[str], since: datetime) -> Iterator[str]:
    """What hop itself has called an error since then, a line each."""
    for line in kept:
        _, stream, _, text = line.split(" ", 3)
        if stream == "stderr" and text.startswith("{"):
            said = json.loads(text)
            if said["level"] == "error" and datetime.fromisoformat(said["timestamp"]) >= since:
                words = (said.get(name, "") for name in ("timestamp", "event", "error", "detail"))
                yield " ".join(filter(None, words))


def complaints(since: datetime) -> str:
    """The first errors of each worker's pods since then; a pod that is gone took its own along."""
    found = (
        error for node in nodes().workers for error in [*errors(kept(node), since)][:COMPLAINTS]
    )
    return "; ".join(found) or "nothing"
