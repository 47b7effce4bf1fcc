"""``LOGS`` names files as a shell would, odd names included."""

from __future__ import annotations

from pathlib import Path

import pytest
from main_job.logs import expand

from layerctl.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "access.log",
        "access.log.1",
        "access.log.2.gz",
        "my log",
        "_x.log",
        ".x.log",
        "ö [1].log",
    ):
        (tmp_path / name).write_text("")
    (tmp_path / "link").symlink_to("access.log")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ("access.log*", ["access.log", "access.log.1", "access.log.2.gz"]),
        ("access.log access.log.1", ["access.log", "access.log.1"]),
        ("access.log access.log*", ["access.log", "access.log.1", "access.log.2.gz"]),
        ("access.log ./access.log link", ["access.log"]),
        ("my log", ["my log"]),
        ("'my log' access.log", ["my log", "access.log"]),
        ("ö [1].log", ["ö [1].log"]),
        ("my l*", ["my log"]),
        ("*x.log", [".x.log", "_x.log"]),
        ("absent.log", ["absent.log"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_the_files_are_those_that_a_reader_means(given: str, files: list[str]) -> None:
    assert expand(given) == files


@pytest.mark.parametrize(
    ("given", "complaint"),
    [("*.nothing", "no file matches"), ("   ", "is empty"), ("'open quote", "cannot be read")],
)
@pytest.mark.usefixtures("folder")
def test_naming_nothing_is_a_usage_error(given: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        expand(given)
