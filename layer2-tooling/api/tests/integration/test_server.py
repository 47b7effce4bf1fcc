"""The server in a thread of this process: limits on requests, and the drain."""

import asyncio
import contextlib
import signal
import socket
import threading

import pytest
from hop_support import answers, get, http, load, migrate, talk, wait_for
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hop.listening import listen
from hop.server import Server, config_of
from hop.web.app import create_app

LINKS = "/api/v1/links"


@contextlib.contextmanager
def threaded(folder, **values):
    """A server in a thread: its URL, port, and itself."""
    asyncio.run(migrate(load(folder, **values)))
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    service = create_app(load(folder, port=port, **values))
    server = Server(config_of(service), service)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        server.url, server.port = f"http://127.0.0.1:{port}", port
        wait_for(lambda: answers(server.url + "/readyz") == 200)
        yield server
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with threaded(tmp_path_factory.mktemp("limits")) as server:
        yield server


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (get("/" + "x" * 9000, "Connection: close"), b"404"),
        (get("/abc", "X-Large: " + "x" * 70_000), b"431"),
        (get("/abc", *(f"X-{n}: {'x' * 1000}" for n in range(70))), b"431"),
        (get("/" + "x" * 70_000), b"431"),
        (get("/abc", "X-Endless: " + "x" * 200_000)[:-4], b"431"),
        (get("/abc", "X-Fits: " + "x" * 60_000, "Connection: close"), b"404"),
        (b"rubbish\r\n\r\n", b"400"),
    ],
    ids=["slug", "header", "headers", "path", "endless", "fits", "rubbish"],
)
def test_heads_of_requests_have_a_limit(small, head, status):
    assert talk(small.port, head).split(b" ", 2)[1] == status
    assert http.get(small.url + "/livez").status_code == 200


def test_what_comes_after_a_refusal_is_not_read(small):
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as connection:
        connection.sendall(get("/abc", "X-Endless: " + "x" * 100_000)[:-4])
        assert connection.recv(1000).startswith(b"HTTP/1.1 431")
        connection.sendall(b"\r\n\r\n" + get("/livez"))
        assert connection.recv(1000) == b""


def test_a_body_after_a_small_head_does_not_count_as_head(small):
    body = b'{"target": "https://example.com/' + b"a" * 10_000_000 + b'"}'
    assert http.post(small.url + LINKS, content=body).status_code == 413
    # Many requests in one write are more bytes than one head may have.
    answers = talk(small.port, get("/nope") * 2000, get("/nope", "Connection: close"))
    assert answers.count(b"HTTP/1.1 404") == 2001


def test_a_drain_says_so_first_and_closes_connections(tmp_path):
    with threaded(tmp_path, drain_s=0.5) as server:
        server.handle_exit(signal.SIGTERM, None)
        assert http.get(server.url + "/readyz").status_code == 503
        answer = http.get(server.url + "/livez")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        wait_for(lambda: answers(server.url + "/livez") is None, limit_s=5)
        server._captured_signals.clear()  # or uvicorn would end this process with it


def test_a_second_signal_does_not_wait(tmp_path):
    with threaded(tmp_path, drain_s=60) as server:
        server.handle_exit(signal.SIGTERM, None)
        assert answers(server.url + "/livez") is not None  # the control: after one it drains
        server.handle_exit(signal.SIGTERM, None)
        wait_for(lambda: answers(server.url + "/livez") is None, limit_s=5)
        server._captured_signals.clear()


@pytest.mark.parametrize("plain", [HttpToolsProtocol, H11Protocol])
def test_these_tests_notice_a_missing_limit(tmp_path, monkeypatch, plain):
    """The negative control: neither of uvicorn's own protocols answers 70 kB of headers with 431.

    httptools takes them; h11 takes them, or hangs up while they still arrive.
    """
    monkeypatch.setattr("hop.server.LimitedProtocol", plain)
    head = get("/abc", "X-Large: " + "x" * 70_000, "Connection: close")
    missed = pytest.raises((AssertionError, ConnectionResetError))
    with threaded(tmp_path) as server, missed:
        test_heads_of_requests_have_a_limit(server, head, b"431")
