"""Memory does not grow with the log: measured, with the tracer of the interpreter."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from made import combined, v1

from slokit.log import read_log
from slokit.read import lines
from slokit.tables import build

# Both logs are several buffers of 64 KiB long, so that buffers are filled in both.
SMALL, LARGE = 3_000, 60_000


def peak(call: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def log_of(path: Path, count: int) -> Path:
    kinds = [v1() + b"\n", combined() + b"\n", b"rejected\n"]
    with path.open("wb") as file:
        for number in range(count):
            file.write(kinds[number % 3])
    return path


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Path, Path]:
    return log_of(tmp_path / "small", SMALL), log_of(tmp_path / "large", LARGE)


@pytest.mark.parametrize(
    "read", [lambda p: build([p]), lambda p: read_log([str(p)])], ids=["tables", "log"]
)
def test_twenty_times_the_lines_take_no_more_memory(
    logs: tuple[Path, Path], read: Callable[[Path], object]
) -> None:
    small, large = logs
    read(small)  # caches are filled once
    assert peak(lambda: read(large)) < peak(lambda: read(small)) + 50_000


def test_a_line_without_end_takes_no_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.truncate(64 << 20)  # 64 MiB of zeros, and not one newline
    assert peak(lambda: sum(1 for _ in lines(path))) < 4 << 20
    assert [len(line) for line in lines(path)] == [262_145]


def test_these_tests_notice_a_log_that_is_kept(logs: tuple[Path, Path]) -> None:
    """The negative control."""
    with pytest.raises(AssertionError):
        test_twenty_times_the_lines_take_no_more_memory(logs, lambda p: list(lines(p)))
