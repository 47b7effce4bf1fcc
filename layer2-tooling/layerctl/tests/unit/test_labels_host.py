"""What units leave on a host is ours by the label too: cron jobs, accounts."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from layerctl import labels


def test_cron_jobs_and_accounts_of_ours_go_and_others_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(labels, "checkout_id", lambda: "0123456789ab")
    monkeypatch.setattr(labels, "CRON", tmp_path)
    (tmp_path / "ours").write_text("# six-layers=0123456789ab\n")
    (tmp_path / "foreign").write_text("# six-layers=ba9876543210\n")
    users = [("ours", "six-layers=0123456789ab"), ("root", "root"), ("other", "six-layers=01")]
    monkeypatch.setattr(
        pwd, "getpwall", lambda: [pwd.struct_passwd((n, "x", 1, 1, g, "/", "/")) for n, g in users]
    )
    called: list[tuple[str, ...]] = []

    def call(*words: str) -> str:
        called.append(words)
        return ""

    monkeypatch.setattr(labels, "call", call)
    assert labels.remove_from_host() == ["cron job ours", "account ours"]
    assert [path.name for path in tmp_path.iterdir()] == ["foreign"]
    assert called == [("userdel", "ours")]
