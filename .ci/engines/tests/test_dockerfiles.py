"""hadolint reports nothing about our Dockerfiles, whose base images the engines know."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import need

from layerctl.paths import ROOT, toolchain


def dockerfiles() -> list[str]:
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", "*Dockerfile*"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [n for n in listed.split() if "fixtures" not in n and not n.endswith("ignore")]


def hadolint(*names: str) -> tuple[int, str]:
    command = [need("hadolint", "checkers"), "--no-color", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_hadolint_reports_nothing() -> None:
    names = dockerfiles()
    assert names
    assert hadolint(*names) == (0, "")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("FROM debian:latest", "DL3007"),
        ("FROM debian:bookworm-slim\nRUN sudo true", "DL3004"),
        ("FROM debian:bookworm-slim\nRUN echo $(echo", "SC"),
    ],
)
def test_a_bad_dockerfile_is_red(tmp_path: Path, line: str, rule: str) -> None:
    (tmp_path / "Dockerfile").write_text(line + "\n")
    code, said = hadolint(str(tmp_path / "Dockerfile"))
    assert code != 0
    assert rule in said


def test_every_base_image_is_known_to_the_engines() -> None:
    command = [str(ROOT / ".ci/engines/images"), "--list"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert toolchain()["SYSTEMD_IMAGE"] in done.stdout.split()
    assert all(":" in name and "@" not in name for name in done.stdout.split())
