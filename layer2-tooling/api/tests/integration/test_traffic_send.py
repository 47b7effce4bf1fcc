"""hop-traffic over real connections, against a stand-in that follows the contract or breaks it."""

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from traffic_stand_in import INTERNAL, StandIn, serving

from hop_traffic import check, cli, truthfile
from hop_traffic.truth import Truth


@pytest.fixture
def hop():
    return StandIn()


def send(tmp_path, url, *words, requests=300, rate=2000):
    args = ["--base-url", url, "--truth", str(tmp_path / "truth.json")]
    return cli.main([*args, "--requests", str(requests), "--rate", str(rate), *words])


def written(tmp_path):
    return truthfile.read(tmp_path / "truth.json")


def differences(truth: Truth, log):
    logged = check.count(log, threshold_ms=truth.threshold_ms, internal=INTERNAL)
    return list(check.differences(truth, logged))


def test_the_log_agrees_with_the_truth_to_the_request(tmp_path, hop, capsys):
    with serving(hop) as url:
        assert send(tmp_path, url, "--error-share", "0.05", "--slow-share", "0.02", "--strict") == 0
    truth = written(tmp_path)
    assert differences(truth, hop.log) == []
    assert truth.total + truth.internal.total() == 300
    assert truth.failed == truth.injected_failures == round(0.05 * truth.total)
    assert truth.slow == round(0.02 * truth.total)
    assert truth.clicks.total() > 150
    assert "300 requests in" in capsys.readouterr().out


def test_one_line_missing_from_the_log_is_found(tmp_path, hop):
    with serving(hop) as url:
        assert send(tmp_path, url) == 0
    hop.log.remove(next(line for line in hop.log if line["status"] == 307))
    assert differences(written(tmp_path), hop.log) != []


def test_what_is_sent_is_what_was_planned(tmp_path, hop):
    with serving(hop) as url:
        assert send(tmp_path, url) == 0
    assert any(headers["user-agent"] == "" for headers in hop.headers[1:])
    assert any('"' in headers["user-agent"] for headers in hop.headers[1:])
    assert any("referer" in headers for headers in hop.headers)
    assert not any("python" in headers.get("user-agent", "") for headers in hop.headers)
    assert "accept-encoding" not in hop.headers[5]


def test_a_token_is_sent_when_there_is_one(tmp_path, hop, monkeypatch):
    monkeypatch.setenv("HOP_TOKEN", "t")
    with serving(hop) as url:
        assert send(tmp_path, url, requests=50) == 0
    assert {headers.get("authorization") for headers in hop.headers} == {"Bearer t"}


def test_the_same_seed_counts_the_same_on_a_fresh_hop_and_again_on_a_used_one(tmp_path, hop):
    truths = []
    for app in (hop, StandIn()):
        with serving(app) as url:
            assert send(tmp_path, url) == 0
            truths.append(written(tmp_path))
    assert truths[0].counts == truths[1].counts
    with serving(hop) as url:
        assert send(tmp_path, url, "--strict") == 0


def test_another_seed_is_added_and_the_same_is_refused(tmp_path, hop, capsys):
    with serving(hop) as url:
        assert send(tmp_path, url) == 0
        assert send(tmp_path, url, "--append", "--seed", "2") == 0
        assert send(tmp_path, url, "--append", "--seed", "2") == 2
        assert send(tmp_path, url, "--append", "--seed", "3", "--threshold-ms", "100") == 2
    truth = written(tmp_path)
    assert [run["seed"] for run in truth.runs] == [1, 2]
    assert truth.total + truth.internal.total() == 600
    assert differences(truth, hop.log) == []


def test_no_server_is_said_at_once_and_nothing_is_written(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert send(tmp_path, url, "--slow-share", "0", "--error-share", "0") == 75
    assert f"no hop at {url}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_hop_without_fault_injection_is_said_at_once(tmp_path, hop, capsys):
    hop.faults = False
    with serving(hop) as url:
        assert send(tmp_path, url) == 75
        assert "HOP_FAULTS=1" in capsys.readouterr().err
        assert send(tmp_path, url, "--error-share", "0", "--slow-share", "0") == 0


def test_a_hop_that_falls_silent_ends_the_run_with_the_truth_so_far(tmp_path, hop, capsys):
    hop.hang_after = 100
    with serving(hop) as url:
        code = send(tmp_path, url, "--timeout", "0.3", "--give-up", "0.2", requests=4000)
    assert code == 1
    assert "hop stopped answering (ReadTimeout)" in capsys.readouterr().err
    truth = written(tmp_path)
    assert truth.runs[0]["complete"] is False
    assert 90 <= truth.total <= 100
    assert truth.lost.total() > 0
    assert differences(truth, hop.log) == []


@contextmanager
def sending(tmp_path, url, *words):
    """A run in a process of its own."""
    args = ["--base-url", url, "--truth", str(tmp_path / "truth.json"), "--requests", "5000"]
    command = [sys.executable, "-m", "hop_traffic", *args, "--rate", "200", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        yield process
        process.kill()


def until_logged(hop, lines):
    limit = time.monotonic() + 20
    while len(hop.log) < lines and time.monotonic() < limit:
        time.sleep(0.02)
    assert len(hop.log) >= lines


def test_it_says_that_it_sends_once_hop_has_answered(tmp_path, hop, capsys):
    with serving(hop) as url:
        assert send(tmp_path, url) == 0
    assert f"sending 300 requests to {url}" in capsys.readouterr().err
    assert send(tmp_path, url) == 75
    assert "sending" not in capsys.readouterr().err


def test_a_hop_that_dies_ends_the_run_with_the_truth_so_far(tmp_path, hop):
    with serving(hop) as url, sending(tmp_path, url, "--give-up", "0.5") as process:
        until_logged(hop, 50)
        hop.die()
        out, error = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "hop stopped answering (ConnectError" in error
    assert "not sent" in out
    truth = written(tmp_path)
    assert 40 < truth.total < 5000
    assert differences(truth, hop.log) == []


def test_an_answer_that_is_no_json_makes_no_link_and_the_run_is_no_success(tmp_path, hop, capsys):
    hop.answer_json = False
    with serving(hop) as url:
        assert send(tmp_path, url) == 1
    assert "were not made" in capsys.readouterr().err
    truth = written(tmp_path)
    assert truth.unsent > 150
    assert differences(truth, hop.log) == []


def test_failures_nobody_planned_are_named_and_strict_makes_them_an_error(tmp_path, hop, capsys):
    hop.list_status = 500
    with serving(hop) as url:
        assert send(tmp_path, url) == 0
        assert "unexpected" in capsys.readouterr().out
        assert send(tmp_path, url, "--strict") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_and_the_truth_is_whole(tmp_path, hop, number):
    with serving(hop) as url, sending(tmp_path, url) as process:
        until_logged(hop, 50)
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert "requests in" in out
    truth = written(tmp_path)
    assert 40 < truth.total < 5000
    assert differences(truth, hop.log) == []


def test_json_is_the_truth_of_this_run(tmp_path, hop, capsys):
    with serving(hop) as url:
        assert send(tmp_path, url, "--json") == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "truth.json").read_bytes())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--base-url", "http://192.0.2.1:8000"], 77),
        (["--base-url", "nonsense"], 2),
        (["--rate", "0"], 2),
        (["--timeout", "0"], 2),
        (["--give-up", "nan"], 2),
        (["--mix", "nothing=1"], 2),
        (["--mix", "redirect=many"], 2),
        (["--truth", "."], 1),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(tmp_path, capsys, words, code):
    assert send(tmp_path, "http://127.0.0.1:9", *words) == code
    error = capsys.readouterr().err
    assert error.startswith("hop-traffic: ")
    assert error.count("\n") == 1


def test_a_mix_can_be_chosen(tmp_path, hop):
    with serving(hop) as url:
        assert send(tmp_path, url, "--mix", "missing=50", "--mix", "probe=0") == 0
    truth = written(tmp_path)
    assert truth.internal.total() == 0
    assert truth.clicks.total() < 50


def test_this_suite_notices_a_truth_that_forgets_a_request(tmp_path, hop, monkeypatch):
    add, seen = Truth.add, []

    def forget(self, outcome):
        seen.append(outcome)
        if len(seen) != 300:
            add(self, outcome)

    monkeypatch.setattr(Truth, "add", forget)
    with serving(hop) as url:
        assert send(tmp_path, url, "--mix", "probe=0") == 0
    assert differences(written(tmp_path), hop.log) != []
