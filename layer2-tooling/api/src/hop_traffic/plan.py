"""From settings to a list of requests: pure, and the same for the same seed."""

from __future__ import annotations

import hashlib
import random
from bisect import bisect
from itertools import accumulate

from . import catalogue
from .model import SHAPES, SLUG, Fault, Kind, Planned
from .settings import Settings

# hop injects faults into user routes only; what matches none is answered as ever.
OUT_OF_REACH = (Kind.PROBE, Kind.UNMATCHED)
MISSING_SLUGS = 500  # of these, so that some are asked for again


def plan(settings: Settings) -> list[Planned]:
    """The requests of a run, in the order of sending."""
    rng = random.Random(settings.seed)  # noqa: S311 - a plan that can be repeated, not a secret
    kinds = _kinds(rng, settings)
    faults = _faults(rng, settings, kinds)
    popularity = list(accumulate((rank + 1) ** -settings.zipf for rank in range(len(kinds))))
    requests: list[Planned] = []
    links = 0
    for index, (at, kind) in enumerate(zip(_arrivals(rng, settings), kinds, strict=True)):
        fault = faults.get(index)
        fails = fault is not None and fault.status is not None
        link: int | None = None
        if kind is Kind.CREATE:
            # A create that is told to fail makes no link, so nothing may ask for it.
            link = None if fails else links
            links += not fails
        elif SLUG in SHAPES[kind].route and kind is not Kind.MISSING:
            link = bisect(popularity, rng.random() * popularity[links - 1], hi=links - 1)
        requests.append(_request(rng, settings, at=at, kind=kind, link=link, fault=fault))
    return requests


def warm_up(settings: Settings) -> int:
    """How many requests make the first links, so that there is something to ask for."""
    return max(1, min(50, settings.requests // 50))


def _kinds(rng: random.Random, settings: Settings) -> list[Kind]:
    first = warm_up(settings)
    weights = [settings.mix.get(kind, 0) for kind in Kind]
    return [Kind.CREATE] * first + rng.choices(list(Kind), weights, k=settings.requests - first)


def _arrivals(rng: random.Random, settings: Settings) -> list[float]:
    # Sorted uniform times are a Poisson process whose number of arrivals is known.
    return sorted(rng.random() * settings.seconds for _ in range(settings.requests))


def _faults(rng: random.Random, settings: Settings, kinds: list[Kind]) -> dict[int, Fault]:
    """Exactly the chosen shares of the user requests, at chance places after the warm-up."""
    users = sum(kind is not Kind.PROBE for kind in kinds)
    places = [i for i in range(warm_up(settings), len(kinds)) if kinds[i] not in OUT_OF_REACH]
    errors, slow = (round(share * users) for share in (settings.error_share, settings.slow_share))
    chosen = rng.sample(places, min(errors + slow, len(places)))
    faults = dict.fromkeys(chosen[:errors], Fault(status=503))
    return faults | dict.fromkeys(chosen[errors:], Fault(delay_ms=settings.delay_ms))


def _request(
    rng: random.Random,
    settings: Settings,
    *,
    at: float,
    kind: Kind,
    link: int | None,
    fault: Fault | None,
) -> Planned:
    headers = _headers(rng, fault)
    path, body = SHAPES[kind].route, None
    match kind:
        case Kind.CREATE:
            number = rng.randrange(10**9)
            # Half of them choose their name; the seed in it keeps two runs apart.
            alias = f"t{settings.seed}-{number:09d}" if rng.random() < 0.5 else None
            body = catalogue.create_body(number, alias)
            headers["Idempotency-Key"] = hashlib.sha256(b"%d " % settings.seed + body).hexdigest()[
                :32
            ]
        case Kind.BAD:
            body = rng.choice(catalogue.BAD_BODIES)
        case Kind.MISSING:
            path = f"/gone-{rng.randrange(MISSING_SLUGS)}"
        case Kind.UNMATCHED:
            path = rng.choice(catalogue.UNMATCHED_PATHS)
        case _:
            pass
    if body is not None:
        headers["Content-Type"] = "application/json"
    return Planned(at, kind, path, tuple(headers.items()), body, link, fault)


def _headers(rng: random.Random, fault: Fault | None) -> dict[str, str]:
    agent, _ = rng.choices(catalogue.AGENTS, cum_weights=catalogue.AGENT_WEIGHTS)[0]
    referer, _ = rng.choices(catalogue.REFERERS, cum_weights=catalogue.REFERER_WEIGHTS)[0]
    headers = {
        "User-Agent": agent,
        # A documentation range (RFC 5737): hop takes it only from a proxy it was told to trust.
        "X-Forwarded-For": f"203.0.113.{rng.randint(1, 254)}",
    }
    if referer:
        headers["Referer"] = referer
    if fault:
        headers["Hop-Fault"] = fault.header
    return headers
