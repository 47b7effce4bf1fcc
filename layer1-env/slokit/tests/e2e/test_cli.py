"""The installed program, as a shell runs it."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from made import Write, combined, v1

SLOKIT = [sys.executable, "-m", "slokit"]


def slokit(*args: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*SLOKIT, *map(str, args)], input=stdin, capture_output=True, timeout=60, check=False
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@pytest.fixture
def traffic(log: Write) -> Path:
    """1,000 requests: 4 failed, 20 slow; and 2 lines rejected."""
    lines = [
        v1(status=503 if n < 4 else 307, duration_ms=251 if n < 20 else 3) for n in range(1000)
    ]
    return log(*lines, b"", b"x", v1(route="/livez", status=500))


def test_parse_prints_events_and_says_why_lines_are_rejected(log: Write) -> None:
    path = log(combined("GET /köln HTTP/1.1"), b"", b"x")
    done = slokit("parse", path)
    (event,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (event["ts"], event["path"]) == ("2026-11-23T10:00:00.000Z", "/köln")
    assert done.stderr.splitlines() == [
        f"{path}:2: blank: nothing but spaces",
        f"{path}:3: format: neither JSON nor Common nor Combined",
    ]
    assert done.returncode == 0


def test_sli_as_json(traffic: Path) -> None:
    done = slokit("sli", "--json", traffic)
    found = json.loads(done.stdout)
    expected = {
        "total": 1000,
        "good": 996,
        "slow": 20,
        "rejected": 2,
        "availability": 0.996,
        "latency": 0.98,
        "timed": 1000,
    }
    assert found | expected == found
    assert sum(found["latency_histogram"]["counts"]) == 1000
    assert done.returncode == 0


def test_sli_of_a_log_without_durations_has_no_latency(log: Write) -> None:
    found = json.loads(slokit("sli", "--json", log(combined())).stdout)
    assert (found["availability"], found["latency"], found["timed"]) == (1.0, None, 0)
    assert "no data" in slokit("sli", log(combined())).stdout


def test_several_logs_packed_or_from_standard_input_count_as_one(
    traffic: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(v1()))
    found = json.loads(slokit("sli", "--json", traffic, packed, "-", stdin=v1()).stdout)
    assert found["total"] == 1002


def test_budget(traffic: Path) -> None:
    found = json.loads(slokit("budget", "--objective", 0.995, "--json", traffic).stdout)
    assert [found[key] for key in ("total", "failed", "may_fail", "left", "burn_rate")] == [
        1000,
        4,
        5,
        0.2,
        0.8,
    ]
    assert [pair["threshold"] for pair in found["burn"]] == pytest.approx([14.4, 6, 3])
    assert "20 %" in slokit("budget", "--objective", 0.995, traffic).stdout


@pytest.mark.parametrize(
    ("objective", "verdict", "code"),
    [(0.995, "SHIP", 0), (0.996, "FREEZE", 3), (0.9999, "NO DATA", 4)],
)
def test_gate(traffic: Path, objective: float, verdict: str, code: int) -> None:
    done = slokit("gate", "--objective", objective, traffic)
    assert done.stdout.startswith(f"{verdict}: availability: ")
    assert done.returncode == code
    assert (
        json.loads(slokit("gate", "--objective", objective, "--json", traffic).stdout)["verdict"]
        == verdict
    )


def test_gate_by_the_objectives_of_a_service(traffic: Path, tmp_path: Path) -> None:
    objectives = tmp_path / "objectives.json"
    latency = {"target": 0.97, "threshold_ms": 250}
    hop = {
        "window_s": 2592000,
        "objectives": {"availability": {"target": 0.99}, "latency": latency},
    }
    objectives.write_text(json.dumps({"services": {"hop": hop}}))
    gate = ("gate", "--objectives", objectives, traffic)
    assert slokit(*gate).returncode == 0
    assert slokit(*gate, "--threshold-ms", 2).returncode == 3
    assert slokit(*gate, "--service", "x").stderr.endswith("has no service 'x'; it has: hop\n")
    assert "latency" in slokit("budget", *gate[1:]).stdout


def test_filters_and_windows(log: Write) -> None:
    old = v1(ts="2026-11-01T10:00:00.000Z", status=500)
    path = log(old, v1(), v1(release="r2", colour="green", status=500))

    def good(*options: object) -> tuple[int, int]:
        found = json.loads(slokit("sli", "--json", *options, path).stdout)
        return found["good"], found["total"]

    assert good() == (1, 3)
    assert good("--window", "1d") == (1, 2)
    assert good("--window", "30d") == (1, 3)
    assert good("--release", "r2") == (0, 1)
    assert good("--colour", "blue") == (1, 2)


@pytest.mark.parametrize(
    "verb", [["sli"], ["budget", "--objective", "0.9"], ["gate", "--objective", "0.9"]]
)
def test_an_empty_log_is_no_data(log: Write, verb: list[str]) -> None:
    assert slokit(*verb, log()).returncode == 4
    rejected = slokit(*verb, log(b"x"))
    assert rejected.returncode == 4
    assert "lines rejected: 1" in rejected.stdout


def test_a_log_without_an_event_is_no_data_for_parse_too(log: Write) -> None:
    empty = slokit("parse", log())
    assert (empty.returncode, empty.stdout) == (4, "")
    assert empty.stderr == "slokit: no data: not one line; look: head LOG\n"
    rejected = slokit("parse", log(b"x", b""))
    assert rejected.returncode == 4
    assert rejected.stderr.endswith("slokit: no data: all 2 lines were rejected; look: head LOG\n")
    assert slokit("parse", log(b"x", v1())).returncode == 0


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here. Enable: make test on Linux")
@pytest.mark.parametrize("lines", [1, 2000])  # less than a buffer holds, and more
def test_an_answer_that_cannot_be_written_fails_in_one_line(log: Write, lines: int) -> None:
    path = log(*[v1()] * lines)
    for words in (["parse"], ["sli", "--json"], ["gate", "--objective", "0.5"], ["tables"]):
        with FULL.open("w") as full:
            done = subprocess.run(
                [*SLOKIT, *words, path], stdout=full, stderr=-1, text=True, timeout=60, check=False
            )
        assert done.returncode == 1
        assert done.stderr == (
            "slokit: cannot write the answer: No space left on device; look: df -h\n"
        )


def test_what_cannot_be_read_fails_with_a_reason(tmp_path: Path, log: Write) -> None:
    cut = log(name="cut.gz")
    cut.write_bytes(gzip.compress(v1() * 99)[:-9])
    for path, says in [
        (tmp_path / "absent", "No such file"),
        (tmp_path, "is a directory"),
        (os.path.realpath(sys.executable), "is no text"),
        (cut, "cut.gz: the gzip data is cut short"),
    ]:
        done = slokit("sli", path)
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["sli"],
        ["gate", "LOG"],
        ["gate", "--objective", "99.5", "LOG"],
        ["gate", "--objectives", "absent.json", "LOG"],
        ["sli", "--window", "3", "LOG"],
        ["sli", "--window", "999999999d", "LOG"],
        ["sli", "--threshold-ms", "-1", "LOG"],
        ["sli", "--threshold-ms", "x", "LOG"],
    ],
)
def test_wrong_usage_is_2(args: list[str]) -> None:
    done = slokit(*args)
    assert done.returncode == 2
    assert done.stderr


def test_help_has_examples_and_exit_codes() -> None:
    for verb in ("parse", "sli", "budget", "gate"):
        text = slokit(verb, "--help").stdout
        assert f"example:\n  slokit {verb} " in text
        assert "exit codes:" in text


def test_a_reader_that_leaves_early_is_no_error(log: Write) -> None:
    path = log(*[v1()] * 20_000)
    script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"'
    done = subprocess.run(
        ["bash", "-c", script, "-", *SLOKIT, "parse", path],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[1] == str(128 + signal.SIGPIPE)


@pytest.fixture
def heard() -> Iterator[None]:
    """Undo an inherited "ignore SIGINT", which a shell gives to what it starts with ``&``."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_interrupted_is_130() -> None:
    with subprocess.Popen([*SLOKIT, "parse", "-"], stdin=-1, stdout=-1, stderr=-1) as process:
        assert process.stdin
        assert process.stdout
        # More than its buffer, so that an answer shows it at work; less than a pipe holds.
        process.stdin.write((v1() + b"\n") * 100)
        process.stdin.flush()
        process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr
        assert process.stderr.read() == b""


def test_output_is_utf_8_in_every_locale(log: Write) -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*SLOKIT, "parse", log(v1(path="/köln"))],
        env=environment,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert "/köln" in done.stdout.decode()
