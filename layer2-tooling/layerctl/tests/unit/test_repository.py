"""Promises about the repository's own files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from layerctl.paths import PROJECTS, ROOT, checkout_id, toolchain

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
EXPORTS = [
    (name, kind) for name in PROJECTS for kind in ("requirements.txt", "requirements-dev.txt")
]


def tracked() -> list[Path]:
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def locked_versions(project: Path) -> set[tuple[str, str]]:
    text = (project / "poetry.lock").read_text()
    # One package may stand in two versions, each for some Pythons.
    return set(re.findall(r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"', text))


@pytest.mark.parametrize(("project", "kind"), EXPORTS)
def test_an_export_says_what_the_lock_says(project: str, kind: str) -> None:
    exported = set(LOCKED.findall((PROJECTS[project] / kind).read_text()))
    unknown = exported - locked_versions(PROJECTS[project])
    assert not unknown, f"run layer1-env/lock.sh {PROJECTS[project].relative_to(ROOT)}"


@pytest.mark.parametrize(("project", "kind"), EXPORTS)
def test_every_exported_package_has_its_hashes(project: str, kind: str) -> None:
    text = (PROJECTS[project] / kind).read_text()
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert not entry or "--hash=sha256:" in entry, entry


def test_no_lock_file_names_an_index() -> None:
    found = []
    for path in tracked():
        if (
            path.name.endswith((".lock", ".txt", ".in")) and "requirements" in path.name
        ) or path.name == "poetry.lock":
            text = path.read_text()
            found += [
                path.name
                for word in ("--index-url", "--extra-index-url", "[package.source]", "/simple")
                if word in text
            ]
    assert found == []


def test_versions_of_tools_stand_once() -> None:
    versions = {k: v for k, v in toolchain().items() if k.endswith("_VERSION") and "." in v}
    assert versions
    found = []
    for path in tracked():
        if path.suffix in {".lock", ".txt", ".json", ".md"} or path.name == "toolchain.env":
            continue
        text = path.read_text("utf-8", errors="ignore")
        found += [
            f"{path.relative_to(ROOT)}: {name} {value}"
            for name, value in versions.items()
            if re.search(rf"(?i){name.split('_')[0]}\W{{0,4}}v?{re.escape(value)}\b", text)
        ]
    assert found == []


def test_no_path_of_one_machine_is_committed() -> None:
    machine = re.compile(r"(?:^|[\s\"'=:(])/(?:root|work|home/[a-z]+)/", re.MULTILINE)
    found = []
    for path in tracked():
        if path.suffix not in {".lock", ".png", ".gz"} and path.name != Path(__file__).name:
            match = machine.search(path.read_text("utf-8", errors="ignore"))
            if match and "/home/you/" not in match.group():
                found.append(f"{path.relative_to(ROOT)}: {match.group().strip()}")
    assert found == []


def test_a_checkout_has_an_id_of_its_own() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", checkout_id())
    assert checkout_id() == checkout_id()


def test_a_list_of_hashes_is_read_whole() -> None:
    hashes = toolchain()["UV_SHA256"].split()
    assert len(hashes) > 1
    assert all(re.fullmatch(r"[0-9a-f]{64}", h) for h in hashes)
