"""What hop-traffic says while it sends, on a terminal and elsewhere."""

import io

import pytest

from hop_traffic.progress import Progress


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "begins", "counts"),
    [
        (io.StringIO(), "hop-traffic: sending 3 requests to http://127.0.0.1:1\n", ""),
        (Terminal(), "", "\r1 of 3 requests, 0 failed "),
    ],
)
def test_a_terminal_sees_a_count_and_a_log_one_line(stream, begins, counts):
    progress = Progress(stream, total=3)
    progress.begin("http://127.0.0.1:1")
    assert stream.getvalue() == begins
    progress.step(0)
    assert stream.getvalue() == begins + counts
