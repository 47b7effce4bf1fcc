"""pre-commit runs the linters of `make lint`, and stops a commit that any of them would stop."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workshop.paths import ROOT, RUN

PRE_COMMIT = Path(sys.executable).with_name("pre-commit")
GOOD = '"""A module."""\n\nANSWER = 42\n'
TYPED = ".ci/engines/tests"  # small, and type-checked as a whole
SCRIPT = "#!/usr/bin/env bash\nset -Eeuo pipefail\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with what the hooks need; its tools are this checkout's."""
    copy = tmp_path / "checkout"
    ignore = shutil.ignore_patterns("__pycache__", "tests", "api", "proof", "workshop")
    for name in ("layer2-tooling", "layer1-env"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignore)
    for name in (".pre-commit-config.yaml", "ruff.toml", "deliverables.toml"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / ".ci", copy / ".ci", ignore=ignore)
    if shutil.which("gitleaks") is None:
        monkeypatch.setenv("SKIP", "secrets")  # that hook's test is in .ci/engines/tests
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
    subprocess.run(["git", "add", "-A"], cwd=copy, check=True)
    monkeypatch.setenv("SIX_LAYERS_RUN", str(RUN))
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    return copy


def run(checkout: Path, name: str, text: str) -> tuple[int, str]:
    """Run the hooks on one new file."""
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text(text)
    (checkout / name).chmod(0o755 if name.endswith(".sh") else 0o644)
    subprocess.run(["git", "add", name], cwd=checkout, check=True)
    command = [str(PRE_COMMIT), "run", "--color", "never", "--files", name]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, env=os.environ)
    return done.returncode, done.stdout


def test_clean_files_pass(checkout: Path) -> None:
    assert run(checkout, f"{TYPED}/good.py", GOOD)[0] == 0
    assert run(checkout, "good.sh", SCRIPT)[0] == 0


@pytest.mark.parametrize(
    ("name", "text", "hook"),
    [
        ("bad.py", GOOD + "import os\n", "ruff"),
        ("bad.py", GOOD.replace(" = ", "="), "black"),
        (f"{TYPED}/bad.py", GOOD + "WORD: str = ANSWER\n", "mypy"),
        ("bad.sh", SCRIPT + "for f in $(ls); do echo $f; done\n", "shellcheck"),
        ("bad.sh", SCRIPT + "if true; then\necho a\nfi\n", "shfmt"),
    ],
)
def test_a_planted_fault_stops_the_commit(checkout: Path, name: str, text: str, hook: str) -> None:
    code, said = run(checkout, name, text)
    assert code == 1
    failed = {line.split(".")[0] for line in said.splitlines() if line.endswith("Failed")}
    assert hook in failed


def test_a_lock_file_with_another_hash_stops_the_commit(checkout: Path) -> None:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
    subprocess.run(["git", *who, "commit", "-q", "-m", "base"], cwd=checkout, check=True)
    name = "layer2-tooling/layerctl/requirements-dev.txt"
    text = (checkout / name).read_text()
    assert run(checkout, name, text + "\n")[0] == 0
    first = re.search("sha256:([0-9a-f]{64})", text)
    assert first
    code, said = run(checkout, name, text.replace(first.group(1), "0" * 64))
    assert code == 1
    assert "refused: other files under the same version" in said
