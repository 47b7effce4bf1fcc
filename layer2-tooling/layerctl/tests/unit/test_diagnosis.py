"""From what an installer prints to the cause and the next command."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerctl.diagnosis import explain

HASH = """  x Failed to download `six==1.17.0`
  |- Hash mismatch for `six==1.17.0`
      Expected:
        sha256:aaaa
      Computed:
        sha256:bbbb
"""


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (HASH, "hash that is locked"),
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("error: Read-only file system (os error 30)", "a folder cannot be written"),
        ("error: dns error: failed to lookup address", "the package index does not answer"),
        (
            "ProxyError('Cannot connect.', OSError('Tunnel connection failed: 502'))': /x\n"
            "ERROR: No matching distribution found for uv",
            "the proxy refuses",
        ),
        ("Caused by: tunnel error: unsuccessful", "the proxy refuses"),
        ("error: something new", "see the log"),
    ],
)
def test_the_cause_is_named(tmp_path: Path, text: str, cause: str) -> None:
    log = tmp_path / "log"
    log.write_text("Resolved 3 packages\n" + text)
    message = str(explain("installing x", log))
    assert f"installing x failed: {cause}" in message or cause in message
    assert "Next: " in message
    assert str(log) in message


def test_a_wrong_hash_names_the_package_and_both_hashes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(HASH)
    message = str(explain("installing x", log))
    assert "six==1.17.0" in message
    assert "sha256:aaaa" in message
    assert "sha256:bbbb" in message
