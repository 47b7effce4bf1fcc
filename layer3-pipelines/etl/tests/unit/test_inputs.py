from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from conftest import line, write

from hop_etl import inputs, staging
from hop_etl.errors import ChangedInput, EtlError, InputError, UsageError
from hop_etl.inputs import inspect

PACKED = gzip.compress(b"".join(line(slug=str(number)) + b"\n" for number in range(2_000)))


@pytest.mark.parametrize(
    ("data", "lines"),
    [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"a\r\nb\rc\n", 2), (b"\n\n", 2)],
)
def test_a_line_ends_at_a_newline_and_the_last_needs_none(
    tmp_path: Path, data: bytes, lines: int
) -> None:
    log = tmp_path / "log"
    log.write_bytes(data)
    assert [one.lines for one in inspect([str(log)])] == [lines]


def test_gzip_is_told_by_content_and_all_members_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(PACKED + gzip.compress(b"last"))
    (one,) = inspect([str(log)])
    assert (one.gzip, one.lines) == (True, 2_001)


def _cut(path: Path) -> None:
    path.write_bytes(PACKED[: len(PACKED) // 2])


def _damaged(path: Path) -> None:
    path.write_bytes(PACKED[:-6] + b"xxxxxx")


def _trailing(path: Path) -> None:
    path.write_bytes(PACKED + b"garbage")


def _padded(path: Path) -> None:
    path.write_bytes(PACKED + bytes(512))


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def _packed_otherwise(path: Path) -> None:
    path.write_bytes(b"\xfd7zXZ\x00 and so on")


def _folder(path: Path) -> None:
    path.mkdir()


def _missing(path: Path) -> None:
    """Nothing is there."""


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _fifo(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "says", "kind"),
    [
        (_cut, "cut short", InputError),
        (_damaged, "damaged", InputError),
        (_trailing, "damaged", InputError),
        (_padded, "zeros follow", InputError),
        (_binary, "is no text", InputError),
        (_packed_otherwise, "xz -dc", InputError),
        (_folder, "is a directory", InputError),
        (_missing, "No such file", InputError),
        (_dangling, "No such file", InputError),
        (_fifo, "can be read only once", UsageError),
    ],
)
def test_what_is_no_log_is_refused_by_name(
    tmp_path: Path, make: object, says: str, kind: type[EtlError]
) -> None:
    path = tmp_path / "the log"
    make(path)  # type: ignore[operator]
    with pytest.raises(kind, match=says) as refusal:
        inspect([str(path)])
    assert "the log" in str(refusal.value)


def test_standard_input_is_refused() -> None:
    with pytest.raises(UsageError, match="standard input"):
        inspect(["-"])


def test_an_unreadable_log_is_refused_by_name(tmp_path: Path) -> None:
    log = write(tmp_path / "log", [line()])
    log.chmod(0)
    nobody, me = 65_534, os.geteuid()
    if me == 0:
        os.seteuid(nobody)  # root reads everything
    try:
        with pytest.raises(InputError, match=r"cannot read .*log: Permission denied"):
            inspect([str(log)])
    finally:
        os.seteuid(me)


def test_an_error_while_reading_names_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(inputs, "_count", fails)
    with pytest.raises(InputError, match="Input/output error"):
        inspect([str(write(tmp_path / "log", [line()]))])


def test_a_file_without_newlines_is_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_LONGEST_LINE", 2 << 20)
    log = tmp_path / "log"
    log.write_bytes(b"x" * (3 << 20))
    with pytest.raises(InputError, match="a line of over 2 MiB"):
        inspect([str(log)])


def test_a_name_that_is_no_unicode_is_shown_all_the_same(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/k\xf6ln.log"
    Path(os.fsdecode(name)).write_bytes(b"a\n")
    (one,) = inspect([os.fsdecode(name)])
    assert one.file.endswith("k\ufffdln.log")


def test_known_files_are_not_read_again(tmp_path: Path) -> None:
    log = write(tmp_path / "log", [line()])
    (one,) = inspect([str(log)])
    assert inspect([str(log)], {one.identity: 77})[0].lines == 77


def test_a_live_log_that_was_cut_or_rotated_is_noticed(tmp_path: Path) -> None:
    log = write(tmp_path / "log", [line()] * 9, age_s=0.0)
    (one,) = inspect([str(log)])
    log.write_bytes(line())
    with pytest.raises(ChangedInput):
        staging.stage(tmp_path / "cut", [(0, one)])
    log.rename(tmp_path / "log.1")
    write(log, [line()] * 20, age_s=0.0)
    with pytest.raises(ChangedInput):
        staging.stage(tmp_path / "rotated", [(0, one)])


def test_a_settled_log_is_linked_and_a_live_one_copied(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", [line()]), write(tmp_path / "new", [line()], age_s=0.0)
    found = inspect([str(old), str(new)])
    linked, copied = staging.stage(tmp_path / "staged", enumerate(found))
    assert (linked.name, linked.is_symlink()) == ("000000.log", True)
    assert (copied.name, copied.is_symlink()) == ("000001.log", False)
    assert copied.read_bytes() == new.read_bytes()
