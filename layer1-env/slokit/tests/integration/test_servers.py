"""What real servers log of odd requests is what was sent, and is read to the last line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from servers import has_ipv6, running, send

from slokit import parse_clf
from slokit.event import Event
from slokit.formats import DATA
from slokit.parse import parse_line
from slokit.read import lines


@dataclass(frozen=True)
class Ask:
    """A request as raw bytes, and what must stand in the log of it.

    ``method`` and ``path`` are ``None`` where the request line cannot be split; ``raw`` says that
    the request holds bytes that are not UTF-8, which nginx copies into JSON as they are.
    """

    sent: bytes
    method: str | None
    path: str | None
    raw: bool = False
    silent: bool = False  # answered by nobody: hung up, or HTTP/0.9 without a status line
    apache_path: str | None = None
    apache_logs: bool = True

    def in_apache(self) -> tuple[str | None, str | None]:
        return self.method, self.apache_path or self.path


def get(target: bytes, headers: bytes = b"", *, first: bytes = b"GET") -> bytes:
    close = b"Host: x\r\nConnection: close\r\n"
    return b"%s %s HTTP/1.1\r\n%s%s\r\n" % (first, target, close, headers)


HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(1, 60)) + b"\r\n\r\n"
ASKS = {
    "plain": Ask(get(b"/a?x=1"), "GET", "/a?x=1"),
    "escaped quotes": Ask(
        get(b"/q", b'User-Agent: a"b\\c\r\nReferer: http://e/"x\r\n'), "GET", "/q"
    ),
    "TLS on a plain port": Ask(HELLO, None, None, raw=True),
    "unknown method": Ask(get(b"/m", first=b"FOO_BAR"), "FOO_BAR", "/m"),
    "lower-case method": Ask(get(b"/m", first=b"get"), "get", "/m"),
    "CR in the user agent": Ask(get(b"/cr", b"User-Agent: a\rb\r\n"), "GET", "/cr"),
    "UTF-8": Ask(
        get("/köln".encode(), "User-Agent: Jürgen\r\n".encode()),
        "GET", r"/k\xC3\xB6ln", apache_path=r"/k\xc3\xb6ln",
    ),
    "invalid UTF-8": Ask(
        get(b"/\xff", b"User-Agent: \xed\xa0\x80\r\n"),
        "GET", r"/\xFF", raw=True, apache_path=r"/\xff",
    ),
    "control characters": Ask(get(b"/\x01"), "GET", r"/\x01"),
    "long path": Ask(get(b"/" + b"a" * 7000), "GET", "/" + "a" * 7000),
    "HTTP/1.0": Ask(b"GET /ten HTTP/1.0\r\n\r\n", "GET", "/ten"),
    "HTTP/0.9": Ask(b"GET /nine\r\n\r\n", "GET", "/nine", silent=True),
    "no Host": Ask(b"GET /host HTTP/1.1\r\n\r\n", "GET", "/host"),
    "blank": Ask(b"\r\n\r\n", None, None, silent=True, apache_logs=False),
    "space in the path": Ask(get(b"/a b"), None, None),
    "server error": Ask(get(b"/broken"), "GET", "/broken"),
    "connect": Ask(get(b"h:443", first=b"CONNECT"), "CONNECT", "h:443"),
    "HTTP/2": Ask(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI", "*"),
    "cut short": Ask(b"GET /half HTT", None, None, silent=True, apache_logs=False),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One server after all requests: its logs, and the statuses it answered with."""

    name: str
    directory: Path
    answered: dict[str, int]

    def lines(self, log: str) -> list[bytes]:
        return list(lines(self.directory / f"{log}.log"))

    def events(self, log: str) -> list[Event]:
        """The events of one log.

        Raises:
            AssertionError: a line is rejected.
        """
        events = []
        for line in self.lines(log):
            result = parse_line(line)
            assert isinstance(result, Event), f"{result}: {line[:200]!r}"
            events.append(result)
        return events


@pytest.fixture(scope="module", params=["nginx", "apache2"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    # not below pytest's own directory, which only its owner may enter: Apache becomes www-data
    with TemporaryDirectory(prefix="slokit-") as made:
        directory = Path(made)
        directory.chmod(0o755)
        with running(request.param, directory) as port:
            answered = {name: send(port, ask.sent) for name, ask in ASKS.items()}
            if has_ipv6():
                answered["IPv6"] = send(port, get(b"/six"), "::1")
        yield Run(request.param, directory, answered)


def logged(run: Run) -> dict[str, Ask]:
    return {name: ask for name, ask in ASKS.items() if run.name == "nginx" or ask.apache_logs}


def logs(run: Run) -> list[str]:
    return ["common", "combined", "extended", *(["vhost"] if run.name == "apache2" else [])]


def test_every_request_is_one_event_with_the_status_that_was_answered(run: Run) -> None:
    asks = logged(run)
    for log in logs(run):
        events = run.events(log)
        assert len(events) == len(asks) + has_ipv6()
        for (name, ask), event in zip(asks.items(), events, strict=False):
            if not ask.silent:
                assert event.status == run.answered[name], (log, name)
    assert run.answered["server error"] == 503


def test_method_and_path_are_what_was_sent(run: Run) -> None:
    for log in logs(run):
        for (name, ask), event in zip(logged(run).items(), run.events(log), strict=False):
            expected = (ask.method, ask.path) if run.name == "nginx" else ask.in_apache()
            assert (event.method, event.path) == expected, (log, name)


def test_the_client_is_known_by_its_address_of_either_kind(run: Run) -> None:
    expected = ["127.0.0.1"] * len(logged(run)) + ["::1"] * has_ipv6()
    for log in logs(run):
        assert [event.client for event in run.events(log)] == expected


def test_json_is_read_but_for_the_bytes_that_nginx_leaves_as_they_are(run: Run) -> None:
    if run.name != "nginx":  # Apache escapes for no JSON, and is not asked to write any
        assert not (run.directory / "json.log").exists()
        return
    names = [*ASKS, *(["IPv6"] if has_ipv6() else [])]
    results: dict[str, Any] = dict(zip(names, map(parse_line, run.lines("json")), strict=True))
    for name, ask in ASKS.items():
        if ask.raw:
            assert results[name] == "encoding", name
        else:
            assert ask.silent or results[name].status == run.answered[name], name
            assert results[name].duration_ms is not None
    assert (results["UTF-8"].path, results["UTF-8"].user_agent) == ("/köln", "Jürgen")
    assert results["escaped quotes"].user_agent == 'a"b\\c'


def test_these_tests_notice_a_pattern_that_stops_at_an_escaped_quote(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a pattern without escapes loses the quotes and the bytes of TLS."""
    import re

    written = DATA["patterns"]["clf"]
    simple = written.replace(r"(?:\\[^\n][^\"\\]*+)*+", "").replace(
        r'[^"\\]*+(?:\\[^\n][^"\\]*+)*+', r'[^"\\]*+'
    )
    assert simple != written
    monkeypatch.setattr(parse_clf, "_match", re.compile(simple).fullmatch)
    with pytest.raises(AssertionError, match="format"):
        test_every_request_is_one_event_with_the_status_that_was_answered(run)
