import http.server
import threading

import pytest

from hop import health


@pytest.fixture
def replica(request, monkeypatch):
    """Something that answers every request with one status."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(request.param)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("HOP_HOST", "0.0.0.0")
        monkeypatch.setenv("HOP_PORT", str(server.server_address[1]))
        yield
        server.shutdown()


@pytest.mark.parametrize(("replica", "code"), [(200, 0), (503, 1)], indirect=["replica"])
def test_ready_is_0_and_anything_else_is_1(replica, code):
    assert health.main() == code


def test_no_answer_is_1_and_named(monkeypatch, capsys):
    monkeypatch.setenv("HOP_PORT", "1")
    assert health.main() == 1
    assert "no answer from 127.0.0.1 port 1" in capsys.readouterr().err
