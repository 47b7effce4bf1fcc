"""The verdict on tables against ``slokit gate`` on the log they were made from."""

import json
import random
from datetime import UTC, datetime, timedelta

import made
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hop_etl import tables, verdict
from slokit import cli
from slokit import tables as reference
from slokit.objectives import load

DAY = 86_400
OBJECTIVES = {
    "services": {
        "hop": {
            "window_s": 30 * DAY,
            "objectives": {
                "availability": {"target": 0.995},
                "latency": {"target": 0.99, "threshold_ms": 250},
            },
        }
    }
}


def v1(at, status, duration_ms):
    return json.dumps(
        {
            "v": 1,
            "ts": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "request_id": "r",
            "method": "GET",
            "route": "/{slug}",
            "path": "/a",
            "status": status,
            "duration_ms": duration_ms,
            "bytes_out": 0,
            "slug": "a",
        }
    )


def combined(at, status, duration_ms):
    return f'192.0.2.1 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /a HTTP/1.1" {status} 12 "-" "x"'


def log(path, line, *, seed, requests, days, failing):
    """Requests spread over some days; a share of them fails, more early on than later."""
    rng = random.Random(seed)
    begin = datetime(2026, 10, 1, tzinfo=UTC)
    with path.open("w") as out:
        for _ in range(requests):
            share = rng.random()
            at = begin + timedelta(days=days * share)
            status = 503 if rng.random() < failing * (2 - 2 * share) else 307
            print(line(at, status, 300.0 if rng.random() < 0.005 else 3.0), file=out)
    return path


def judged(folder, source):
    """Through tables, as the ETL leaves them; slokit's reference rows stand in for Spark's."""
    link = made.write(folder, [])
    rows = [row._asdict() for row in reference.build([source]).sli]
    pq.write_table(pa.Table.from_pylist(rows, made.SLI), link.resolve() / "sli" / "all.parquet")
    promised = folder / "objectives.json"
    promised.write_text(json.dumps(OBJECTIVES), "utf-8")
    return verdict.judge(tables.read(link), load(promised, service="hop"))


CASES = [
    {"seed": 1, "requests": 150, "days": 0.001, "failing": 0.0},
    {"seed": 2, "requests": 2_000, "days": 0.001, "failing": 0.001},
    {"seed": 3, "requests": 2_000, "days": 1, "failing": 0.02},
    {"seed": 4, "requests": 3_000, "days": 45, "failing": 0.004},
    {"seed": 5, "requests": 3_000, "days": 45, "failing": 0.006},
    {"seed": 6, "requests": 3_000, "days": 90, "failing": 0.006},
]


def same(folder, case, line, *gate):
    source = log(folder / "access.log", line, **case)
    mine = judged(folder, source)
    code = cli.main(["gate", *(part.format(folder) for part in gate), "--json", str(source)])
    return mine, mine.verdict.exit_code == code


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"seed {case['seed']}")
def test_the_gate_and_the_tables_agree(tmp_path, capsys, case):
    mine, agreed = same(tmp_path, case, v1, "--objectives", "{}/objectives.json")
    assert agreed, (mine.verdict, capsys.readouterr().out)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"seed {case['seed']}")
@pytest.mark.parametrize(
    "gate", [("--objectives", "{}/objectives.json"), ("--objective", "0.995")], ids=["both", "one"]
)
def test_a_log_without_durations_is_judged_like_availability_alone(tmp_path, case, gate):
    mine, agreed = same(tmp_path, case, combined, *gate)
    assert agreed, mine.verdict
    assert mine.standings[1].measured is None


def test_the_cases_reach_every_verdict(tmp_path):
    """Otherwise the two could agree on nothing but SHIP."""
    found = set()
    for case in CASES:
        folder = tmp_path / str(case["seed"])
        folder.mkdir()
        found.add(str(judged(folder, log(folder / "access.log", v1, **case)).verdict))
    assert found == {"SHIP", "FREEZE", "NO DATA"}


def test_these_tests_notice_a_window_of_another_length(tmp_path, capsys, monkeypatch):
    """The negative control: judged without a window, some log must get another verdict."""
    everything = verdict.rolling
    monkeypatch.setattr(
        verdict,
        "rolling",
        lambda windows, _, window_s: everything(windows, None, window_s=window_s),
    )
    agreed = []
    for case in CASES:
        folder = tmp_path / str(case["seed"])
        folder.mkdir()
        agreed.append(same(folder, case, v1, "--objectives", "{}/objectives.json")[1])
    assert not all(agreed)
