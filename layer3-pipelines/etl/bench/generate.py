"""A seeded access log of any size, with its totals known: ``generate.py --lines 2000000 FILE``.

One day of hop: popularity of links after Zipf, durations log-normal, the requests of a small
service, and one line in a thousand that must be rejected.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

BLOCK = 50_000
DAY_MS = 86_400_000
START = datetime(2026, 11, 22, tzinfo=UTC)
INTERNAL = ("/healthz", "/metrics")
SLUGS, CLIENTS = 5_000, 20_000
# share in 10,000, method, route, status
KINDS = (
    (8_000, "GET", "/{slug}", 307),
    (280, "HEAD", "/{slug}", 307),
    (300, "GET", "/{slug}", 404),
    (12, "GET", "/{slug}", 503),
    (400, "POST", "/api/v1/links", 201),
    (8, "POST", "/api/v1/links", 500),
    (300, "GET", "/api/v1/links/{slug}/stats", 200),
    (300, "GET", "/healthz", 200),
    (200, "GET", "/metrics", 200),
    (200, "GET", "unmatched", 404),
)
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", "curl/8.17.0", "hop-traffic/1")
BROKEN = ("json", "blank", "version", "status")


def lines(count: int, *, seed: int, totals: Counter[str], combined: bool = False) -> Iterator[str]:
    """Blocks of lines, each ending in a newline; ``totals`` is filled on the way.

    Args:
        count: how many lines, rejected ones included.
        seed: the same one gives the same bytes.
        totals: gets ``lines accepted rejected clicks total good slow`` and ``rejected_<reason>``.
        combined: nginx' Combined format instead of schema v1 (it has no durations).
    """
    rng = random.Random(seed)
    slugs = [f"{rng.getrandbits(40):010x}"[:7] for _ in range(SLUGS)]
    popularity = list(accumulate(1 / rank**1.1 for rank in range(1, SLUGS + 1)))
    clients = [f"{rng.getrandbits(64):016x}" for _ in range(CLIENTS)]
    shares = list(accumulate(share for share, *_ in KINDS))
    write = _combined if combined else _schema_v1
    for first in range(0, count, BLOCK):
        size = min(BLOCK, count - first)
        picked = zip(
            range(first, first + size),
            rng.choices(KINDS, cum_weights=shares, k=size),
            rng.choices(slugs, cum_weights=popularity, k=size),
            rng.choices(clients, k=size),
            strict=True,
        )
        block = []
        for number, kind, slug, client in picked:
            line, slow = write(rng, number * DAY_MS // count, kind, slug, client)
            if number % 1000 == 999:
                reason = BROKEN[number // 1000 % len(BROKEN)]
                if combined:
                    reason = "format" if reason != "blank" else reason
                line = _break(line, reason)
                totals[f"rejected_{reason}"] += 1
                totals["rejected"] += 1
            else:
                _count(totals, kind, slow=slow, clicked=not combined)
            block.append(line)
        totals["lines"] += size
        yield "\n".join(block) + "\n"
    totals["accepted"] = totals["lines"] - totals["rejected"]


Kind = tuple[int, str, str, int]


def _schema_v1(
    rng: random.Random, at_ms: int, kind: Kind, slug: str, client: str
) -> tuple[str, bool]:
    _, method, route, status = kind
    took = round(rng.lognormvariate(1.2, 1.1) + (300 if rng.random() < 0.004 else 0), 3)
    ts = (START + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")[:23]
    redirect = f'"{slug}"' if route == "/{slug}" else "null"
    colour = "green" if at_ms > DAY_MS // 2 else "blue"
    return (
        f'{{"v":1,"ts":"{ts}Z","request_id":"{rng.getrandbits(64):016x}","method":"{method}",'
        f'"route":"{route}","path":"{route.replace("{slug}", slug)}","status":{status},'
        f'"duration_ms":{took},"bytes_out":{len(slug) * 20},"slug":{redirect},'
        f'"client":"{client}","user_agent":"{AGENTS[at_ms % 3]}","referer":null,'
        f'"trace_id":"{rng.getrandbits(128):032x}","release":"1.4.0","colour":"{colour}"}}'
    ), took > 250


def _combined(
    _rng: random.Random, at_ms: int, kind: Kind, slug: str, client: str
) -> tuple[str, bool]:
    _, method, route, status = kind
    ts = (START + timedelta(milliseconds=at_ms)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    path, size, agent = route.replace("{slug}", slug), len(slug) * 20, AGENTS[at_ms % 3]
    address = f"203.0.{int(client[:2], 16)}.{int(client[2:4], 16)}"
    return f'{address} - - [{ts}] "{method} {path} HTTP/1.1" {status} {size} "-" "{agent}"', False


def _break(line: str, reason: str) -> str:
    if reason == "blank":
        return ""
    if reason == "version":
        return line.replace('"v":1', '"v":2', 1)
    if reason == "status":
        head, _, tail = line.partition('"status":')
        return f'{head}"status":999{tail[3:]}'
    return line[: len(line) // 2]


def _count(totals: Counter[str], kind: Kind, *, slow: bool, clicked: bool) -> None:
    _, method, route, status = kind
    # Foreign formats know no routes, so nothing in them is internal.
    if clicked and route in INTERNAL:
        return
    totals["total"] += 1
    totals["good"] += status < 500
    totals["slow"] += slow
    totals["clicks"] += clicked and method == "GET" and route == "/{slug}" and status == 307


def write(path: Path, count: int, *, seed: int = 1, combined: bool = False) -> dict[str, int]:
    """Write the log and return its totals."""
    totals: Counter[str] = Counter()
    with path.open("w", encoding="ascii", newline="\n") as file:
        for block in lines(count, seed=seed, totals=totals, combined=combined):
            file.write(block)
    return dict(totals)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--combined", action="store_true", help="nginx' Combined, not schema v1")
    asked = parser.parse_args()
    totals = write(asked.file, asked.lines, seed=asked.seed, combined=asked.combined)
    print(json.dumps(totals, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
