"""pipx gives each tool an environment of its own; here in a home that is thrown away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from workshop import tools

PIPX = Path(sys.executable).with_name("pipx")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pipx's folders below a temporary one."""
    monkeypatch.setenv("PIPX_HOME", str(tmp_path / "pipx"))
    monkeypatch.setenv("PIPX_BIN_DIR", str(tmp_path / "bin"))
    monkeypatch.setenv("PIPX_MAN_DIR", str(tmp_path / "man"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def pipx(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PIPX, *words], capture_output=True, text=True)


def listed() -> dict[str, str]:
    """Version by tool, as `pipx list` says."""
    found = json.loads(pipx("list", "--json").stdout)["venvs"]
    return {k: v["metadata"]["main_package"]["package_version"] for k, v in found.items()}


def test_the_file_is_what_the_locks_say_and_drift_is_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tools.main(["check"]) == 0
    other = tmp_path / "pipx-tools.txt"
    other.write_text(tools.text().replace("ruff==", "ruff==9."))
    monkeypatch.setattr(tools, "FILE", other)
    assert tools.main(["check"]) == 1
    assert "Next: python -m workshop.tools write" in capsys.readouterr().out


def test_a_tool_that_is_not_listed_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        tools.main(["install", "nano"])
    assert "no tool 'nano'. Tools: poetry," in capsys.readouterr().err


def test_the_life_of_a_tool(home: Path) -> None:
    """Install at the pin, run, inject, look inside, upgrade, uninstall."""
    assert tools.main(["install", "pytest"]) == 0
    pin = tools.locked("layer2-tooling/layerctl", "pytest")
    assert listed() == {"pytest": pin}
    program = home / "bin/pytest"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert pin in said.stdout + said.stderr
    # No other environment can import it: that is what pipx is for.
    assert f"{home}/pipx/venvs/pytest" in os.path.realpath(program)

    assert pipx("inject", "pytest", "pytest-timeout").returncode == 0
    plugins = subprocess.run([program, "--version", "--version"], capture_output=True, text=True)
    assert "pytest-timeout" in plugins.stdout + plugins.stderr
    assert "pytest-timeout" in pipx("runpip", "pytest", "list").stdout

    # A version in the command is not remembered: `upgrade` leaves it, and `pin` is what keeps it.
    for hold in (False, True):
        assert pipx("install", "--force", "pytest==9.0.0").returncode == 0
        if hold:
            assert pipx("pin", "pytest").returncode == 0
        assert pipx("upgrade", "pytest").returncode == 0
        assert (listed() == {"pytest": "9.0.0"}) == hold

    assert pipx("uninstall", "pytest").returncode == 0
    assert listed() == {}
    assert not program.exists()
