"""What is read from the cluster's answers, without a cluster."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from on_kind import gateway, traffic
from on_kind.autoscaling import condition, cpu
from on_kind.logs import access_lines, errors

from layerctl.errors import LayerctlError

DAY = "2026-11-26T20:00"


def test_only_the_access_log_is_shipped_and_parts_are_joined() -> None:
    kept = [
        "2026-11-26T20:00:00.1Z stderr F hop 1.0.0: http://0.0.0.0:8000",
        '2026-11-26T20:00:00.2Z stdout F {"status": 200, "path": "/a b"}',
        '2026-11-26T20:00:00.3Z stdout P {"status": ',
        "2026-11-26T20:00:00.4Z stderr F between",
        "2026-11-26T20:00:00.5Z stdout F 302}",
    ]
    assert list(access_lines(kept)) == ['{"status": 200, "path": "/a b"}', '{"status": 302}']


def test_what_hop_calls_an_error_explains_a_failure() -> None:
    def line(second: int, level: str, event: str) -> str:
        said = {"level": level, "event": event, "detail": "gone", "timestamp": f"{DAY}:{second}Z"}
        return f"{DAY}:{second}Z stderr F {json.dumps(said)}"

    kept = [
        line(10, "error", "before"),
        f'{DAY}:11Z stdout F {{"status": 503}}',
        f"{DAY}:12Z stderr F hop 1.0.0: http://0.0.0.0:8000",
        line(13, "warning", "harmless"),
        line(14, "error", "database trouble"),
    ]
    since = datetime(2026, 11, 26, 20, 0, 11, tzinfo=UTC)
    assert list(errors(kept, since)) == [f"{DAY}:14Z database trouble gone"]


@pytest.mark.parametrize(
    ("status", "share"),
    [
        ({}, None),
        ({"currentMetrics": None}, None),
        ({"currentMetrics": [{"type": ""}]}, None),
        ({"currentMetrics": [{"resource": {"current": {"averageUtilization": 0}}}]}, 0),
    ],
)
def test_an_unknown_figure_is_not_zero(status: dict[str, object], share: int | None) -> None:
    assert cpu(status) == share


def test_an_autoscaler_that_says_nothing_does_not_work() -> None:
    assert condition({})[0] is False
    failed = {"type": "ScalingActive", "status": "False", "reason": "Failed", "message": "why"}
    assert condition({"conditions": [failed]}) == (False, "Failed: why")


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("gateway", {}, {"Accepted": False, "Programmed": False}),
        ("httproute", {"parents": [{}]}, {"Accepted": False, "ResolvedRefs": False}),
        (
            "httproute",
            {"parents": [{"conditions": [{"type": "Accepted", "status": "True"}]}]},
            {"Accepted": True, "ResolvedRefs": False},
        ),
        (
            "gateway",
            {"conditions": [{"type": "Programmed", "status": "Unknown"}]},
            {"Accepted": False, "Programmed": False},
        ),
    ],
)
def test_what_a_controller_has_not_said_does_not_hold(
    kind: str, status: dict[str, object], said: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "get", lambda *_: {"status": status})
    assert gateway.conditions(kind, "hop") == said


def sender(path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program in hop-traffic's place."""
    path.write_text(f"#!/bin/bash\n{script}")
    path.chmod(0o755)
    monkeypatch.setattr(traffic, "program", lambda *_: str(path))


def test_nothing_happens_before_the_sender_has_found_hop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender(
        tmp_path / "slow",
        f"sleep 1; touch {tmp_path}/began; echo sending >&2; sleep 60 & wait",
        monkeypatch,
    )
    with (
        pytest.raises(LayerctlError, match="sent nothing"),
        traffic.during(url="http://127.0.0.1:9", writes="none", head_s=0, tail_s=0),
    ):
        began = (tmp_path / "began").exists()
    assert began


@pytest.mark.parametrize(
    ("does", "why"),
    [("exit 1", "exit code 1"), ("echo no hop >&2; sleep 60 & wait", "sent nothing: no hop")],
)
def test_a_sender_that_finds_no_hop_ends_the_wait(
    does: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender(tmp_path / "alone", does, monkeypatch)
    with (
        pytest.raises(LayerctlError, match=why),
        traffic.during(url="http://127.0.0.1:9", writes="none"),
    ):
        pytest.fail("the block was entered")
