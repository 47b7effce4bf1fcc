import os
import threading
import time

import pytest

from hop.errors import SettingsError
from hop.telemetry import access_log
from hop.telemetry.access_log import AccessLog


class Lost:
    count = 0

    def __call__(self, lines):
        self.count += lines


@pytest.fixture
def lost():
    return Lost()


def written(log, *lines):
    """Hand lines over and wait until the thread has seen them."""
    log.write(list(lines))
    wait(log)


def wait(log):
    limit = time.monotonic() + 10
    while not log._batches.empty() and time.monotonic() < limit:
        time.sleep(0.001)
    time.sleep(0.02)


def test_lines_arrive_in_order_and_in_a_new_folder(tmp_path, lost):
    log = AccessLog(tmp_path / "new" / "access.log", dropped=lost)
    written(log, b"1\n", b"2\n")
    log.write([b"3\n"])
    log.close()
    assert (tmp_path / "new" / "access.log").read_bytes() == b"1\n2\n3\n"
    assert lost.count == 0


def test_it_appends_and_others_cannot_read(tmp_path, lost):
    path = tmp_path / "access.log"
    path.write_bytes(b"0\n")
    log = AccessLog(path, dropped=lost)
    written(log, b"1\n")
    log.close()
    assert path.read_bytes() == b"0\n1\n"
    fresh = AccessLog(tmp_path / "fresh.log", dropped=lost)
    fresh.close()
    assert (tmp_path / "fresh.log").stat().st_mode & 0o007 == 0


def test_after_rotation_lines_go_to_the_new_file(tmp_path, lost):
    path = tmp_path / "access.log"
    log = AccessLog(path, dropped=lost)
    written(log, b"1\n")
    path.rename(tmp_path / "access.log.1")
    written(log, b"2\n")
    log.reopen()
    written(log, b"3\n")
    log.close()
    assert (tmp_path / "access.log.1").read_bytes() == b"1\n2\n"
    assert path.read_bytes() == b"3\n"


def test_a_folder_that_is_gone_leaves_the_old_file_open(tmp_path, lost):
    folder = tmp_path / "logs"
    log = AccessLog(folder / "access.log", dropped=lost)
    folder.rename(tmp_path / "moved")
    log.reopen()
    written(log, b"1\n")
    log.close()
    assert (tmp_path / "moved" / "access.log").read_bytes() == b"1\n"


def test_a_full_disk_loses_lines_and_counts_them(lost):
    log = AccessLog(access_log.Path("/dev/full"), dropped=lost)
    written(log, b"1\n", b"2\n")
    written(log, b"3\n")
    log.close()
    assert lost.count == 3


class Disk:
    """Takes `room` bytes, then is full."""

    def __init__(self, room):
        self.room, self.content, self.real = room, b"", os.write

    def write(self, number, data):
        if number < 0 or self.room == 0:
            raise OSError(28, "No space left on device")
        taken = bytes(data[: self.room])
        self.room -= len(taken)
        self.content += taken
        return len(taken)


def test_a_line_cut_by_a_full_disk_is_finished_before_the_next(tmp_path, lost, monkeypatch):
    disk = Disk(room=9)
    log = AccessLog(tmp_path / "access.log", dropped=lost)
    monkeypatch.setattr(access_log.os, "write", disk.write)
    written(log, b"first\n", b"second\n", b"third\n")  # cut after "first\nsec"
    written(log, b"fourth\n")  # still full
    disk.room = 1000
    written(log, b"fifth\n")
    log.close()
    assert disk.content == b"first\nsecond\nfifth\n"
    assert lost.count == 2  # third and fourth


def test_a_disk_that_hangs_does_not_hold_the_loop(tmp_path, lost, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(access_log, "MAX_BATCHES", 2)
    monkeypatch.setattr(access_log, "CLOSE_S", 0.05)
    log = AccessLog(tmp_path / "access.log", dropped=lost)
    real = os.write
    monkeypatch.setattr(access_log.os, "write", lambda *a: (go_on.wait(10), real(*a))[1])
    for number in range(6):
        log.write([b"%d\n" % number])
    log.close()
    assert lost.count >= 3
    go_on.set()
    log._thread.join(10)


def test_a_log_that_cannot_be_opened_is_refused_at_start(tmp_path, lost):
    with pytest.raises(SettingsError, match="HOP_ACCESS_LOG"):
        AccessLog(tmp_path, dropped=lost)


def test_these_tests_notice_a_cut_line(tmp_path, lost, monkeypatch):
    """The negative control: a log that forgets the rest of a cut line mixes two lines."""
    monkeypatch.setattr(AccessLog, "_lose", lambda self, data, *, cut: lost(data.count(b"\n")))
    with pytest.raises(AssertionError):
        test_a_line_cut_by_a_full_disk_is_finished_before_the_next(tmp_path, lost, monkeypatch)
