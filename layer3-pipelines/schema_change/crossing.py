"""Links that one replica makes, another reads and changes: what two releases owe each other."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator

from on_kind.traffic import Tally
from stack.web import Answer, ask

from layerctl.errors import LayerctlError
from layerctl.waits import until

PAUSE_S = 0.05
CROSSINGS, LIMIT_S = 60, 60
TO = "https://example.com/"


class Crossings:
    """Both ways, again and again.

    Args:
        one, other: addresses of two replicas.
    """

    def __init__(self, one: str, other: str) -> None:
        self.tally = Tally()
        self._ways = ((one, other), (other, one))
        self._ended = threading.Event()

    def run(self) -> None:
        """Cross until told to end."""
        while not self._ended.is_set():
            for maker, changer in self._ways:
                self.cross(maker, changer)
            self._ended.wait(PAUSE_S)

    def end(self) -> None:
        """The crossing under way is the last."""
        self._ended.set()

    def cross(self, maker: str, changer: str) -> None:
        """A link's life: made, read by the other, changed by it, read and followed, removed."""
        slug = f"cross-{secrets.token_hex(6)}"
        links, there = f"{maker}/api/v1/links", f"{changer}/api/v1/links/{slug}"
        made, changed = f"{TO}made/{slug}", f"{TO}changed/{slug}"
        body = {"target": made, "alias": slug}
        self._want("made", ask(links, method="POST", body=body), 201, made)
        self._want("read by the other", ask(there), 200, made)
        answer = ask(there, method="PATCH", body={"target": changed})
        self._want("changed by the other", answer, 200, changed)
        self._want("read again", ask(f"{links}/{slug}"), 200, changed)
        followed = ask(f"{maker}/{slug}")
        self._count("followed", followed.status, 307, followed.headers.get("location"), changed)
        self._count("removed", ask(f"{links}/{slug}", method="DELETE").status, 204)

    def _want(self, what: str, answer: Answer, status: int, target: str) -> None:
        found = answer.json().get("target") if answer.status == status else None
        self._count(what, answer.status, status, found, target)

    def _count(
        self, what: str, status: int, wanted: int, found: object = None, target: object = None
    ) -> None:
        self.tally.requests += 1
        if (status, found) != (wanted, target):
            self.tally.failed += 1
            # The first says most: the later ones may only follow from it.
            self.tally.why = self.tally.why or f"{what}: {status} {found}, want {wanted} {target}"


@contextlib.contextmanager
def crossing(one: str, other: str) -> Iterator[Tally]:
    """Cross for as long as the block takes; the tally is complete when it is left."""
    crossings = Crossings(one, other)
    thread = threading.Thread(target=crossings.run, daemon=True)
    thread.start()
    try:
        yield crossings.tally
    finally:
        crossings.end()
        thread.join()


def crossed(one: str, other: str) -> int:
    """Requests of links that one of two replicas makes and the other reads and changes.

    Raises:
        LayerctlError: one was answered wrongly.
    """
    with crossing(one, other) as tally:
        until(
            f"{CROSSINGS} requests across both",
            lambda: tally.requests >= CROSSINGS or bool(tally.failed),
            LIMIT_S,
        )
    if tally.failed:
        raise LayerctlError(f"{tally.failed} of {tally.requests} went wrong: {tally.why}")
    return tally.requests
