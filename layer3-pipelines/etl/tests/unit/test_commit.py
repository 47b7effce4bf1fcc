from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import line, write

from hop_etl.commit import MANIFEST, current, publish, reading, versions_of, writing
from hop_etl.errors import Busy, InputError, UsageError


def make_version(tables: Path, text: str = "{}") -> Path:
    with writing(tables) as work:
        (work / "next").mkdir()
        (work / "next" / MANIFEST).write_text(text)
        return publish(work / "next", tables)


def names(tables: Path) -> list[str]:
    return sorted(path.name for path in versions_of(tables).iterdir())


def test_a_version_is_seen_whole_through_one_relative_link(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    assert current(tables) is None
    version = make_version(tables)
    assert current(tables) == version == tmp_path / "tables.d" / "000001"
    assert tables.readlink() == Path("tables.d/000001")


def test_the_last_two_versions_are_kept(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    for _ in range(4):
        make_version(tables)
    assert names(tables) == [".lock", "000003", "000004"]


def test_a_version_that_is_read_is_not_pruned(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    make_version(tables, "first")
    with reading(tables) as version:
        for _ in range(3):
            make_version(tables)
        assert (version / MANIFEST).read_text() == "first"
    make_version(tables)
    assert names(tables) == [".lock", "000004", "000005"]


def test_there_may_be_no_tables_to_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no tables"), reading(tmp_path / "tables"):
        pass


def test_a_failed_run_leaves_nothing(tmp_path: Path) -> None:
    tables = tmp_path / "tables"

    def fail() -> None:
        with writing(tables) as work:
            (work / "half").write_text("written")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tables) == [".lock"]


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    with writing(tables), pytest.raises(Busy), writing(tables):
        pass


def test_a_directory_in_the_place_of_the_link_is_left_alone(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    with pytest.raises(UsageError, match="no link of ours"), writing(tables):
        pass
    assert list(tmp_path.iterdir()) == [tables]


# A run that stops where Spark would start, with everything staged.
STUCK = """
import sys, time
from contextlib import contextmanager
from pathlib import Path
from hop_etl import cli, run
@contextmanager
def sessions(*, quick):
    print("ready", flush=True)
    time.sleep(600)
    yield
run._spark = sessions
sys.exit(cli.main(["run", "--tables", sys.argv[1], sys.argv[2]]))
"""


@pytest.mark.parametrize(
    ("number", "code", "left"),
    [
        (signal.SIGINT, 130, False),
        (signal.SIGTERM, 143, False),
        (signal.SIGKILL, -signal.SIGKILL, True),
    ],
)
def test_a_killed_run_changes_nothing_and_the_next_one_cleans_up(
    tmp_path: Path, number: signal.Signals, code: int, left: bool
) -> None:
    tables, log = tmp_path / "tables", write(tmp_path / "log", [line()])
    before = make_version(tables, '{"recipe": "", "inputs": []}')
    words = [sys.executable, "-c", STUCK, str(tables), str(log)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        with pytest.raises(Busy), writing(tables):
            pass
        run.send_signal(number)
        run.communicate(timeout=120)
        assert run.returncode == code
    assert current(tables) == before
    assert any(name.startswith(".staging") for name in names(tables)) is left
    with writing(tables):
        assert len([name for name in names(tables) if name.startswith(".staging")]) == 1
    assert names(tables) == [".lock", "000001"]
