"""The page in a real browser: it loads nothing, complains of nothing, and fits a phone."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import made
import pytest

from hop_etl import tables
from hop_etl.report import page
from hop_etl.report.latency import Histogram
from slokit.budget import Objective
from slokit.objectives import Service

pytestmark = pytest.mark.browser
PROMISED = Service("hop", {"availability": Objective(0.995), "latency": Objective(0.99)})
HISTOGRAM = Histogram((5, 250, 500), (9_000, 990, 9, 1))
HOSTILE = '"><script>document.title="owned"</script><img src=/x.png onerror=alert(2)>' + "A" * 120
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--virtual-time-budget=5000",
    "--enable-logging=stderr",
    "--dump-dom",
]
# Looks at the page from outside, in a frame: the page's own policy forbids scripts.
LOOK = """<!doctype html>
<body><iframe src="/page" style="width:%dpx;height:3000px;border:0"></iframe>
<script>onload = () => {
  const inner = document.querySelector("iframe").contentWindow, doc = inner.document;
  const shown = name => inner.getComputedStyle(doc.querySelector(name)).display !== "none";
  const seen = {
    title: doc.title, h1: doc.querySelector("h1").innerText, text: doc.body.innerText,
    wide: doc.documentElement.scrollWidth, frame: inner.innerWidth,
    ground: inner.getComputedStyle(doc.body).backgroundColor,
    narrow_plot: shown(".plot.narrow"), wide_plot: shown(".plot.wide"),
  };
  const out = document.createElement("pre");
  out.id = "seen"; out.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(seen))));
  document.body.append(out);
}</script></body>"""


@dataclass
class Seen:
    """What the browser made of the page."""

    page: dict[str, Any]
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium():
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    return found


@pytest.fixture
def look(chromium, tmp_path):
    def open_page(html: str, *, width: int, dark: bool = False) -> Seen:
        requests: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                requests.append(self.path)
                body = {"/": LOOK % width, "/page": html}.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            done = subprocess.run(
                [
                    chromium,
                    *FLAGS,
                    f"--user-data-dir={tmp_path / 'profile'}",
                    f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                    "--window-size=1400,3200",
                    f"http://127.0.0.1:{server.server_address[1]}/",
                ],
                check=True,
                capture_output=True,
                text=True,
                timeout=120,
            )
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        found = re.search('<pre id="seen">([^<]+)<', done.stdout)
        assert found, done.stdout[-2_000:]
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        wanted = [path for path in requests if path not in {"/", "/page", "/favicon.ico"}]
        return Seen(json.loads(base64.b64decode(found[1])), wanted, console)

    return open_page


@pytest.fixture
def html(tmp_path):
    windows = [(n, made.counts(250, failed=n % 5, slow=n % 3)) for n in range(20)]
    rejects = [(f"/var/log/{'long/' * 30}access.log", "json", HOSTILE, 12)]
    link = made.write(
        tmp_path, windows, window_s=1, clicks=[(HOSTILE, 9), ("b", 5)], rejects=rejects
    )
    return page.render(tables.read(link), PROMISED, HISTOGRAM)


def check_quiet(seen):
    assert seen.console == []
    assert seen.requests == []


def check_fits(seen):
    assert seen.page["wide"] <= seen.page["frame"]


def test_on_a_phone_nothing_scrolls_sideways(look, html):
    seen = look(html, width=390)
    check_quiet(seen)
    check_fits(seen)
    assert seen.page["frame"] == 390
    assert seen.page["narrow_plot"]
    assert not seen.page["wide_plot"]


def test_on_a_desk_the_page_says_what_it_has_to_and_hostile_text_is_text(look, html):
    seen = look(html, width=1280)
    check_quiet(seen)
    check_fits(seen)
    assert seen.page["h1"] == "FREEZE"
    assert seen.page["title"].startswith("FREEZE: hop")
    assert seen.page["wide_plot"]
    assert not seen.page["narrow_plot"]
    for words in (
        "40 failed, 25 may",
        "Error budget left",
        "Top links",
        '<script>document.title="',
    ):
        assert words in seen.page["text"]


def test_light_and_dark_follow_the_reader(look, html):
    light, dark = look(html, width=1280), look(html, width=1280, dark=True)
    assert light.page["ground"] == "rgb(244, 245, 247)"
    assert dark.page["ground"] == "rgb(15, 19, 24)"
    check_quiet(dark)


def test_the_policy_stops_a_script_that_slips_in(look, html):
    """The second line of defence, and the negative control of the quiet console."""
    seen = look(html.replace("<h1>", '<script>document.title = "owned"</script><h1>'), width=1280)
    assert seen.page["title"].startswith("FREEZE")
    with pytest.raises(AssertionError):
        check_quiet(seen)


def test_these_tests_notice_a_page_that_loads_something(look, html):
    """The negative control of self-containment: an image, and no policy that stops it."""
    open_door = re.sub("<meta http-equiv[^>]+>", "", html)
    seen = look(open_door.replace("<h1>", '<img src="/x.png" alt=""><h1>'), width=1280)
    assert seen.requests == ["/x.png"]
    with pytest.raises(AssertionError):
        check_quiet(seen)


def test_these_tests_notice_a_page_that_is_too_wide(look, html):
    """The negative control of the phone: a line that cannot break."""
    wide = html.replace("<h1>", f"<pre>{'A' * 400}</pre><h1>")
    with pytest.raises(AssertionError):
        check_fits(look(wide, width=390))
