"""One redirect, followed by its id: proxy, hop's log line, server and database span, click row."""

from __future__ import annotations

import functools
import json
import re
import secrets
from typing import Any

from layerctl.errors import LayerctlError
from layerctl.waits import until
from stack import pipeline, traffic
from stack.compose import Stack
from stack.web import ask

SPAN_LIMIT_S = 120.0
TRIES = 4
ROW = """
import json, sys
import pyarrow.compute as pc, pyarrow.parquet as pq
clicks = pq.read_table("/tables/current/clicks")
print(json.dumps(clicks.filter(pc.equal(clicks["slug"], sys.argv[1])).to_pylist(), default=str))
"""
FIELD = re.compile(r"^    (Trace ID|Parent ID|ID|Name|Kind) +: (.*)$", re.MULTILINE)


def new_link(stack: Stack) -> str:
    """A link that nobody has asked for yet."""
    slug = f"followed-{secrets.token_hex(4)}"
    answer = ask(
        f"{stack.url('HOP_PORT')}/api/v1/links",
        method="POST",
        headers={"Authorization": f"Bearer {stack.secret('hop_token')}"},
        body={"target": "https://example.com/followed", "alias": slug},
    )
    if answer.status != 201:
        raise LayerctlError(f"no link: {answer.status} {answer.body.decode()}")
    return slug


def spans(stack: Stack, trace: str) -> list[dict[str, str]]:
    """The spans of a trace, from the Collector's log."""
    blocks = "\n".join(stack.log("collector")).split("\nSpan #")[1:]
    found = [dict(FIELD.findall(block)) for block in blocks]
    return [span for span in found if span.get("Trace ID") == trace]


def has_spans(stack: Stack, trace: str) -> bool:
    """Whether a trace has reached the Collector."""
    return bool(spans(stack, trace))


def one(lines: list[dict[str, Any]], request: str, where: str) -> dict[str, Any]:
    """The only line that has the request's id."""
    found = [line for line in lines if line.get("request_id") == request]
    if len(found) != 1:
        raise LayerctlError(f"request {request} stands {len(found)} times in {where}, wanted once")
    return found[0]


def redirect(stack: Stack) -> dict[str, Any]:
    """Ask for a new link once, and find the request at the proxy, in hop's log and in its spans.

    A replica that remembers the link asks no database; then another link is tried.
    """
    for _ in range(TRIES):
        slug, request = new_link(stack), f"follow-{secrets.token_hex(6)}"
        trace, caller = secrets.token_hex(16), secrets.token_hex(8)
        headers = {"X-Request-ID": request, "traceparent": f"00-{trace}-{caller}-01"}
        answer = ask(f"{stack.url('HOP_PORT')}/{slug}", headers=headers)
        if answer.status != 307 or answer.headers.get("x-request-id") != request:
            raise LayerctlError(f"/{slug} answered {answer.status} {answer.headers}")
        until("the request's span", functools.partial(has_spans, stack, trace), SPAN_LIMIT_S)
        if len(spans(stack, trace)) > 1:
            return {"slug": slug, "request_id": request, "trace_id": trace, "caller": caller}
    raise LayerctlError(f"none of {TRIES} requests asked the database")


def trail(stack: Stack) -> dict[str, Any]:
    """Follow one redirect through proxy, log and spans; where it was seen.

    Raises:
        LayerctlError: its trail breaks; the message says where.
    """
    seen = redirect(stack)
    request = seen["request_id"]
    proxy = [json.loads(line) for line in stack.log("proxy") if line.startswith("{")]
    replica = one(proxy, request, "the proxy's log")["server"]
    line = one(traffic.lines(stack, replica), request, f"{replica}'s access log")
    if (line["trace_id"], line["slug"], line["status"]) != (seen["trace_id"], seen["slug"], 307):
        raise LayerctlError(f"{replica} logged {line}")
    tree = {span["Name"]: span for span in spans(stack, seen["trace_id"])}
    server, database = tree.get("GET /{slug}"), tree.get("SELECT postgresql")
    if not server or not database or database["Parent ID"] != server["ID"]:
        raise LayerctlError(f"spans of {seen['trace_id']}: {list(tree)}")
    if server["Parent ID"] != seen["caller"]:
        raise LayerctlError(f"hop's span hangs below {server['Parent ID']}")
    return {
        "slug": seen["slug"],
        "request_id": request,
        "replica": replica,
        "trace_id": seen["trace_id"],
        "spans": sorted(tree),
    }


def click_row(stack: Stack, slug: str) -> dict[str, Any]:
    """The redirect's row in the click table, after the ETL has run.

    Raises:
        LayerctlError: there is not one click, in the table and at /stats.
    """
    rows = json.loads(stack.execute("notebook", "python", "-c", ROW, slug).stdout)
    told = pipeline.clicks(stack, slug)
    if [row["clicks"] for row in rows] != [1] or told != 1:
        raise LayerctlError(f"click rows {rows}, /stats {told}; wanted one click")
    found: dict[str, Any] = rows[0]
    return found
